"""What was given: HTML, or a binary file, plain text, JSON, a feed, other XML."""

import re

_FILE_TYPES = tuple(
    (re.compile(magic, re.DOTALL), kind)
    for magic, kind in (
        (rb"%PDF-", "a PDF file"),
        (rb"%!PS", "a PostScript file"),
        (rb"\{\\rtf", "an RTF file"),
        (rb"PK\x03\x04", "a ZIP archive or an Office, OpenDocument or EPUB file"),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Microsoft Office file"),
        (rb"\x89PNG\r\n", "a PNG image"),
        (rb"\xff\xd8\xff", "a JPEG image"),
        (rb"GIF8[79]a", "a GIF image"),
        (rb"II\*\0|MM\0\*", "a TIFF image"),
        (rb"\x00\x00\x01\x00", "an icon"),
        (rb"Rar!\x1a\x07", "a RAR archive"),
        (rb"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (rb"\x1f\x8b|\x28\xb5\x2f\xfd", "data that was compressed twice"),
        (rb"wOF[F2]", "a web font"),
        (rb"OggS\0", "an Ogg file"),
        (rb"ID3[\x02-\x04]", "an MP3 file"),
        (rb"\x1aE\xdf\xa3", "a Matroska or WebM video"),
        (rb"RIFF....(?:WEBP|WAVE|AVI )|....ftyp[\w ]{4}", "an image, sound or video file"),
        (rb"\x7fELF", "a program"),
        (rb"SQLite format 3\0", "an SQLite database"),
    )
)
_HEADED = (
    (re.compile(r"HTTP/[12](?:\.\d)? \d{3}"), "an HTTP response with its headers: pass its body only"),
    (re.compile(r"WARC/\d\.\d\s"), "a WARC record: pass the body of the page only"),
    (re.compile(r"MIME-Version:|From: <Saved by "), "an e-mail or MHTML file: pass the HTML in it only"),
    (re.compile(r"%PDF-"), "a PDF file"),
    (re.compile(r"\{\\rtf"), "an RTF file"),
)
_TAG_NAMES = (
    "a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink blockquote "
    "body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog "
    "dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 "
    "head header hgroup hr html i iframe img input ins kbd label legend li link main map mark marquee "
    "menu meta meter nav nobr noframes noscript object ol optgroup option output p param picture pre "
    "progress q rp rt ruby s samp script search section select slot small source span strike strong style "
    "sub summary sup table tbody td template textarea tfoot th thead time title tr track tt u ul var "
    "video wbr"
)
_HTML_TAGS = frozenset(_TAG_NAMES.split())
_XML_ROOTS = {
    "rss": "an RSS feed",
    "feed": "an Atom feed",
    "rdf:rdf": "an RDF document or RSS 1.0 feed",
    "urlset": "a sitemap",
    "sitemapindex": "a sitemap index",
    "svg": "an SVG image",
    "opml": "an OPML list of feeds",
}
_PLAIN_TEXT = "no markup was found, this looks like plain text: use clean_text (command line: --input text)"

# What may stand before the root; each ends with the text, if nothing else ends it.
_PROLOGUE = re.compile(
    r"(?:<!--(?s:.*?)(?:-->|\Z)|<\?[^>]*+>?|<\s?!\s?doctype\s+([\w:.-]+)[^<>\[]*>?)\s*", re.IGNORECASE
)
_ROOT = re.compile(r"<([A-Za-z_][\w:.-]*)(?=[\s/>])([^<>]*)")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,10})(?=[\s/>])([^<>]*)>")
_FOREIGN_NAMESPACE = re.compile(r"""\sxmlns\s?=\s?["'](?!http://www\.w3\.org/(?:1999/xhtml|TR/REC-html))""")
_ATTRIBUTE = re.compile(
    r"""\s+(?:[\w:.@-]+\s?=\s?["']|(?:href|src|class|id|style|align|color|size|width|height|name|type)=)""",
    re.IGNORECASE,
)
_BLANK_ATTRIBUTES = re.compile(r"\s*/?")
_JSON = re.compile(r'\{\s*["}]|\[\s*(?:["{\[\]]|-?\d+\s*,|null\b|true\b|false\b)')
_ADDRESS = re.compile(r"https?://\S+")
_FILE_NAME = re.compile(r"[^\n<>]+\.(?:html?|xhtml|php|aspx?|txt)", re.IGNORECASE)
_SUSPICIOUS = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd\ud800-\udfff]")


def file_type(data: bytes) -> str | None:
    """What kind of binary file the bytes are, by their first ones: ``"a PDF file"``, else None."""
    return next((kind for magic, kind in _FILE_TYPES if magic.match(data)), None)


def is_decoded_binary(text: str) -> bool:
    """Whether a sample holds as many control and replacement characters as only decoded binary data does."""
    middle = len(text) // 2
    sample = text[:4096] + text[middle : middle + 4096] if len(text) > 4096 else text
    found = len(_SUSPICIOUS.findall(sample))
    return found > 0.1 * len(sample) + 8 or found > 0.5 * len(sample)


def looks_like_html(text: str) -> bool:
    """Whether a text is a page or a fragment of one, and not plain text, JSON, a feed or other XML.

    Plain text that merely names a tag is not; in doubt, as in text with whole elements as examples, it is.

    Args:
        text: any text.

    Example:
        >>> looks_like_html("text with <b>bold</b> words"), looks_like_html("use the <p> tag, if a < b")
        (True, False)
    """
    return other_kind(text) is None


def other_kind(text: str) -> str | None:
    """What a text is and what to do with it, if it is not HTML."""
    for pattern, kind in _HEADED:
        if pattern.match(text):
            return f"this is {kind}"
    start = position = len(text) - len(text.removeprefix("\ufeff").lstrip())
    doctype, is_xml = "", False
    while match := _PROLOGUE.match(text, position):
        doctype = doctype or (match[1] or "").lower()
        is_xml = is_xml or text.startswith("<?xml", position)
        position = match.end()
    root = _ROOT.match(text, position)
    name = root[1].lower() if root else ""
    if "html" in (doctype, name):
        return None
    if start < position == len(text):
        # Else nothing but comments.
        return "this is the beginning of an XML document, not an HTML page" if doctype or is_xml else None
    if root is None:
        return _kind_without_root(text, position)
    if name in _XML_ROOTS:
        return f"this is {_XML_ROOTS[name]}, not an HTML page"
    if doctype or (is_xml and name not in _HTML_TAGS) or _FOREIGN_NAMESPACE.search(root[2]):
        return f"this is an XML document (<{root[1][:40]}>), not an HTML page"
    return None if is_xml or _has_markup(text, position) else _PLAIN_TEXT


def _kind_without_root(text: str, position: int) -> str | None:
    if _JSON.match(text, position) and text.rstrip().endswith(("}", "]")):
        return "this is JSON, not HTML: pass the HTML or the text in it only (clean or clean_text)"
    if _has_markup(text, position):
        return None
    line = text.strip() if len(text) < 2000 else ""
    if _ADDRESS.fullmatch(line):
        return "this is an address, not HTML: download the page and pass its body"
    if _FILE_NAME.fullmatch(line):
        return "this looks like the name of a file: pass its content; if it is plain text, use clean_text"
    if is_decoded_binary(text):
        return "this looks like binary data that was decoded as text, not HTML"
    return _PLAIN_TEXT


def _has_markup(text: str, start: int) -> bool:
    """Whether there are tags that are meant as such: in pairs, with attributes, or where tags stand."""
    opened = set()
    for match in _TAG.finditer(text, start):
        name = match[2].lower()
        position = match.start()
        before = text[position - 1] if position else "\n"
        if name not in _HTML_TAGS or before in "`'\"":  # unknown, or quoted
            continue
        if match[1]:
            if name in opened or not before.isspace():
                return True
        elif _ATTRIBUTE.match(match[3]):
            return True
        elif _BLANK_ATTRIBUTES.fullmatch(match[3]):
            if position == start or _stands_as_tag(name, before, text[match.end() : match.end() + 1]):
                return True
            opened.add(name)
    return False


def _stands_as_tag(name: str, before: str, after: str) -> bool:
    """Whether a tag that may go without an end tag stands where prose would not name it."""
    if name in ("br", "hr"):
        return not before.isspace() or before == "\n" or after in ("", "\r", "\n")
    return name in ("p", "li", "dd", "dt", "tr", "td", "th") and before in "\n.!?:>"
