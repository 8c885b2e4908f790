"""Takes a page or a text in: bounds, decoding, what it is, one parse. Nothing gets lost without an error."""

import copy
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from os import PathLike
from typing import Any, cast

from lxml import etree
from lxml.html import HtmlElement, HTMLParser

from noisefilter.decoding import decompress, file_type, to_utf_8
from noisefilter.errors import EmptyInput, NotHTML, NotText, TooDeep, TooLarge
from noisefilter.limits import Limits

Tree = etree._Element | etree._ElementTree
Bytes = bytes | bytearray | memoryview

# As in trafilatura.utils.HTML_PARSER, so that it finds the blocks in the order it expects.
_PARSER_OPTIONS: Mapping[str, Any] = {
    "collect_ids": False,
    "default_doctype": False,
    "encoding": "utf-8",
    "remove_comments": True,
    "remove_pis": True,
}
# Where libxml2 stops by default, without a word, and what follows is lost; with huge_tree it stops at 2,048.
_PARSED_BYTES = 10_000_000
KEPT_DEPTH = 256
"""Nesting of elements that `load_page` leaves as it is; what is deeper moves up."""
_HOISTED_TO = 200  # where it moves to
_WHOLE_FROM = 232  # elements that hold a text as a whole move from here on, so that its parts stay in it
_WHOLE = {"blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"}

_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_SPACES = bytes.maketrans(b"\v\f", b"  ")
_DELETED = _CONTROLS.translate(None, b"\v\f")
_NONCHARACTER = re.compile(b"\xef\xbf[\xbe\xbf]")  # U+FFFE and U+FFFF
_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# The search for one character, the "#", is five times as fast as that for two.
_FORBIDDEN_REFERENCE = re.compile(
    rb"#(?<=&#)(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d)"
    rb"|[xX]0*(?:[0-8b-cB-CeEfF]|1[\da-fA-F]|[fF]{3}[eEfF])(?![\da-fA-F]))"
)
_MARKS = ("\ufeff".encode(), "ï»¿".encode())  # byte order marks; the second was decoded as windows-1252
_SURROGATE = re.compile("[\ud800-\udfff]")
_SUSPICIOUS = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd\ud800-\udfff]")

_FAULTY_DOCTYPE = re.compile(rb"\s{0,64}<\s?!\s?doctype[^<>]{0,2048}>", re.IGNORECASE)
_PAGE_START = re.compile(rb"\s*(?:<!doctype\s+html|<html)[\s>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the rest of the package works on it.

    Attributes:
        tree: its root, an ``html`` element with one ``body`` that holds all of its text, perhaps after a
            ``head``. It belongs to the page alone.
        encoding: name of the codec that decoded it, if it was given as bytes, else None.
        flattened_from: the deepest nesting of elements that was found, if it was over `KEPT_DEPTH` so that
            deep elements had to move up; else 0.
    """

    tree: HtmlElement
    encoding: str | None = None
    flattened_from: int = 0

    @property
    def depth(self) -> int:
        """Deepest nesting of elements as given, the root being 1; counted when asked for."""
        return self.flattened_from or _depth(self.tree)


def load_page(html: str | Bytes | Tree, limits: Limits) -> Page:
    """Reads a page.

    Args:
        html: the page as bytes, compressed or not, or as a str; or an element or tree of lxml, which is not
            changed. Of an element that is not the root, only that subtree is taken.
        limits: bounds on its size and nesting.

    Returns:
        The page, parsed once. Text after ``</html>`` stands at the end of its body, where browsers show it;
        lone surrogates became U+FFFD, and characters that XML forbids are gone.

    Raises:
        EmptyInput: nothing, or nothing but white space, was given.
        NotHTML: it is something else: plain text, JSON, a feed, a PDF, an image …
        TooLarge: it is larger than allowed.
        TooDeep: its elements are nested deeper than allowed.
        BadCompression: it is compressed, and cut or of a kind that cannot be read.
        UndecodableInput: it is no text in any encoding.
        TypeError: `html` is of another type.
    """
    if isinstance(html, str):
        return _page_from_utf_8(_encoded(html, limits), None, limits)
    if isinstance(html, Bytes):
        content = _content(html, limits)
        if kind := file_type(content):
            raise NotHTML(f"this is {kind}, not HTML")
        return _page_from_utf_8(*to_utf_8(content), limits)
    if isinstance(html, Tree):
        return _page_from_tree(html, limits)
    raise TypeError(_type_message(html, "the page as str, bytes or lxml tree"))


def check_text(text: str, limits: Limits) -> str:
    """Makes sure that a plain text can be worked on.

    Args:
        text: text of an article.
        limits: bounds on its size.

    Returns:
        The text, as long as it was, so that offsets in it are offsets in what the caller gave: NULs and
        lone surrogates are each replaced by U+FFFD.

    Raises:
        EmptyInput: nothing, or nothing but white space, was given.
        NotText: it looks like binary data that was decoded.
        TooLarge: it is larger than allowed.
        TypeError: `text` is not a str.
    """
    if not isinstance(text, str):
        raise TypeError(_type_message(text, "the text as str"))
    text = str.__str__(text)
    _check_size(len(text), "characters", limits)
    if _is_blank(text):
        raise EmptyInput("the text is empty")
    if _is_binary(text):
        raise NotText("this looks like binary data, not text: decode or convert it first")
    text = text.replace("\0", "\ufffd")
    try:
        text.encode()  # faster than a search
    except UnicodeEncodeError:
        text = _SURROGATE.sub("\ufffd", text)
    return text


def decode_text(data: Bytes, limits: Limits | None = None) -> str:
    """Decodes bytes of which it is not known yet whether they are a page or plain text.

    Args:
        data: as read, compressed or not.
        limits: bounds on their size; the default ones if None.

    Returns:
        The text, without a byte order mark.

    Raises:
        EmptyInput: nothing was given.
        NotText: it is a PDF, an image or another binary file.
        TooLarge: it is larger than allowed.
        BadCompression: it is compressed, and cut or of a kind that cannot be read.
        UndecodableInput: it is no text in any encoding.
        TypeError: `data` is not bytes.
    """
    if not isinstance(data, Bytes):
        raise TypeError(_type_message(data, "bytes"))
    content = _content(data, limits or Limits())
    if kind := file_type(content):
        raise NotText(f"this is {kind}, not text")
    return to_utf_8(content)[0].decode()


def _check_size(size: int, unit: str, limits: Limits) -> None:
    allowed = limits.input_bytes
    if size > allowed:
        message = f"{size:,} {unit} are more than the {allowed:,} allowed; Limits(input_bytes=…) allows more"
        raise TooLarge("input_bytes", allowed, size, message)


def _type_message(value: object, wanted: str) -> str:
    if value is None:
        return f"expected {wanted}, not None: the download probably failed, check it first"
    hint = ""
    if isinstance(value, PathLike):
        hint = ": read the file first, e.g. path.read_bytes()"
    elif callable(getattr(value, "read", None)):
        hint = ": pass what its read() returns"
    elif hasattr(value, "content"):
        hint = ": pass its content"
    elif isinstance(value, Bytes):
        hint = ": decode it first"
    return f"expected {wanted}, not {type(value).__name__}{hint}"


def _is_blank(text: str) -> bool:
    return not text or text.isspace() or not text.strip("\ufeff \t\r\n")


def _is_binary(text: str) -> bool:
    """Whether a sample holds as many control and replacement characters as only decoded binary data does."""
    middle = len(text) // 2
    sample = text[:4096] + text[middle : middle + 4096] if len(text) > 4096 else text
    found = len(_SUSPICIOUS.findall(sample))
    return found > 0.1 * len(sample) + 8 or found > 0.5 * len(sample)


# From what was given to UTF-8.


def _content(data: Bytes, limits: Limits) -> bytes:
    """Decompressed bytes within bounds."""
    _check_size(data.nbytes if isinstance(data, memoryview) else len(data), "bytes", limits)
    content = decompress(bytes(data), limits)
    if not content or content.isspace():
        raise EmptyInput("the input is empty: the download probably failed")
    return content


def _encoded(text: str, limits: Limits) -> bytes:
    _check_size(len(text), "characters", limits)
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Pairs of surrogates, as from careless JSON decoders, become the character that they stand for.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _without_forbidden(utf_8: bytes) -> bytes:
    """Drops characters that XML forbids: lxml takes them here, but in no text that is set later."""
    if any(map(utf_8.__contains__, _CONTROLS)):
        utf_8 = utf_8.translate(_SPACES, _DELETED)
    if 0xEF in utf_8 and _NONCHARACTER.search(utf_8):
        utf_8 = _NONCHARACTER.sub(b"", utf_8)
    return utf_8


def _page_from_utf_8(utf_8: bytes, encoding: str | None, limits: Limits) -> Page:
    utf_8 = _without_forbidden(utf_8)
    for mark in _MARKS:
        utf_8 = utf_8.removeprefix(mark)
    if not _PAGE_START.match(utf_8):
        text = utf_8.decode()
        if _is_blank(text):
            raise EmptyInput("the page is empty: the download probably failed")
        if kind := _other_kind(text):
            raise NotHTML(kind)
    # libxml2 takes a doctype that is spelt oddly for text; trafilatura drops the same ones.
    if (match := _FAULTY_DOCTYPE.match(utf_8)) and b"/" in match.group():
        utf_8 = utf_8[match.end() :]
    needs_scrubbing = _FORBIDDEN_REFERENCE.search(utf_8) is not None
    root, depth = _parse(utf_8, limits)
    if needs_scrubbing:
        _scrub(root)
    return Page(_gathered(root), encoding, depth)


# What it is.

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
_HEAD_TAGS = {"base", "link", "meta", "script", "style", "template", "title"}
_XML_ROOTS = {
    "rss": "an RSS feed",
    "feed": "an Atom feed",
    "rdf:rdf": "an RDF document or RSS 1.0 feed",
    "urlset": "a sitemap",
    "sitemapindex": "a sitemap index",
    "svg": "an SVG image",
    "opml": "an OPML list of feeds",
}
_SPACE = re.compile(r"\s*")
_DOCTYPE = re.compile(r"<\s?!\s?doctype\s+([\w:.-]+)[^<>\[]*>?", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w:.-]*)(?=[\s/>])([^<>]*)")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,10})(?=[\s/>])([^<>]*)>")
_FOREIGN_NAMESPACE = re.compile(r"""\sxmlns\s?=\s?["'](?!http://www\.w3\.org/(?:1999/xhtml|TR/REC-html))""")
_ATTRIBUTE = re.compile(
    r"""\s+(?:[\w:.@-]+\s?=\s?["']|(?:href|src|class|id|style|align|color|size|width|height|name|type)=)""",
    re.IGNORECASE,
)
_BLANK_ATTRIBUTES = re.compile(r"\s*/?")
_JSON = re.compile(r'\{\s*["}]|\[\s*(?:["{\[\]]|-?\d+\s*,|null\b|true\b|false\b)')
_HEADED = (
    (re.compile(r"HTTP/[12](?:\.\d)? \d{3}"), "an HTTP response with its headers: pass its body only"),
    (re.compile(r"WARC/\d\.\d\s"), "a WARC record: pass the body of the page only"),
    (re.compile(r"MIME-Version:|From: <Saved by "), "an e-mail or MHTML file: pass the HTML in it only"),
    (re.compile(r"%PDF-"), "a PDF file"),
    (re.compile(r"\{\\rtf"), "an RTF file"),
)
_ADDRESS = re.compile(r"https?://\S+")
_FILE_NAME = re.compile(r"[^\n<>]+\.(?:html?|xhtml|php|aspx?|txt)", re.IGNORECASE)


def looks_like_html(text: str) -> bool:
    """Whether a text is a page or a fragment of one, and not plain text, JSON, a feed or other XML.

    Plain text that merely names a tag is not; in doubt, as in text with whole elements as examples, it is.

    Args:
        text: any text.

    Example:
        >>> looks_like_html("text with <b>bold</b> words"), looks_like_html("use the <p> tag, if a < b")
        (True, False)
    """
    return _other_kind(text) is None


def _other_kind(text: str) -> str | None:
    """What a text is and what to do with it, if it is not HTML."""
    for pattern, kind in _HEADED:
        if pattern.match(text):
            return f"this is {kind}"
    position, has_markup, doctype, is_xml = _skip_prologue(text)
    if doctype == "html":
        return None
    root = _ROOT.match(text, position)
    if root is None:
        return _kind_without_root(text, position, has_markup, doctype, is_xml)
    name = root[1].lower()
    if name == "html":
        return None
    if name in _XML_ROOTS:
        return f"this is {_XML_ROOTS[name]}, not an HTML page"
    if doctype or (is_xml and name not in _HTML_TAGS) or _FOREIGN_NAMESPACE.search(root[2]):
        return f"this is an XML document (<{root[1][:40]}>), not an HTML page"
    return None if is_xml or _has_markup(text, position) else _PLAIN_TEXT


_PLAIN_TEXT = "no markup was found, this looks like plain text: use clean_text (command line: --input text)"


def _kind_without_root(text: str, position: int, has_markup: bool, doctype: str, is_xml: bool) -> str | None:
    if position == len(text) and (doctype or is_xml):
        return "this is the beginning of an XML document, not an HTML page"
    if position == len(text) and has_markup:
        return None  # nothing but comments
    if _JSON.match(text, position) and text.rstrip()[-1:] in ("}", "]"):
        return "this is JSON, not HTML: pass the HTML or the text in it only (clean or clean_text)"
    if _has_markup(text, position):
        return None
    line = text.strip() if len(text) < 2000 else ""
    if _ADDRESS.fullmatch(line):
        return "this is an address, not HTML: download the page and pass its body"
    if _FILE_NAME.fullmatch(line):
        return "this looks like the name of a file: pass its content; if it is plain text, use clean_text"
    if _is_binary(text):
        return "this looks like binary data that was decoded as text, not HTML"
    return _PLAIN_TEXT


def _skip_prologue(text: str) -> tuple[int, bool, str, bool]:
    """Position behind comments, declarations and space; whether markup was met; doctype; whether XML."""
    position, end = 0, len(text)
    has_markup = is_xml = False
    doctype = ""
    if text.startswith("\ufeff"):
        position = 1
    while True:
        space = _SPACE.match(text, position)
        position = space.end() if space else position
        if text.startswith("<!--", position):
            found, size = text.find("-->", position + 4), 3
        elif text.startswith("<?", position):
            is_xml = is_xml or text.startswith("<?xml", position)
            found, size = text.find(">", position), 1
        elif match := _DOCTYPE.match(text, position):
            doctype = doctype or match[1].lower()
            found, size = match.end(), 0
        else:
            return position, has_markup, doctype, is_xml
        has_markup = True
        position = found + size if found >= 0 else end


def _has_markup(text: str, start: int) -> bool:
    """Whether there are tags that are meant as such: in pairs, with attributes, or where tags stand."""
    opened = set()
    for match in _TAG.finditer(text, start):
        name = match[2].lower()
        if name not in _HTML_TAGS:
            continue
        position = match.start()
        before = text[position - 1] if position else "\n"
        if before in "`'\"":  # quoted
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


# From UTF-8 to a tree.


def _parse(utf_8: bytes, limits: Limits) -> tuple[HtmlElement, int]:
    """Root of the page, and its nesting if that had to be reduced, else 0."""
    if len(utf_8) < _PARSED_BYTES and limits.depth_elements >= KEPT_DEPTH:
        # The default bounds of libxml2 tell at no cost whether a page is deep.
        root, is_cut = _parsed(utf_8, False)
        if not is_cut:
            return root, 0
    root, is_cut = _parsed(utf_8, True)
    if not is_cut and not _is_deep("/*", root, limits):
        return root, 0
    builder = _FlatTree(limits.depth_elements)
    if is_cut:  # where libxml2 builds no tree itself, it has no bound
        etree.fromstring(utf_8, HTMLParser(target=cast(Any, builder), huge_tree=True, **_PARSER_OPTIONS))
    else:
        for element in (root, *root.itersiblings()):
            _feed(builder, element)
    return builder.close(), builder.reduced_from


def _parsed(utf_8: bytes, huge_tree: bool) -> tuple[HtmlElement, bool]:
    """Root of the page, and whether libxml2 stopped early."""
    # Parsers hold state, so threads share none.
    parser = HTMLParser(huge_tree=huge_tree, **_PARSER_OPTIONS)
    root: HtmlElement | None
    try:
        root = etree.fromstring(utf_8, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:  # no tags but in comments
        root = parser.makeelement("html")
    # libxml2 logs 100 errors at most, but always those that stop it.
    errors = parser.error_log.filter_from_fatals()
    return root, any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in errors)


def _is_deep(roots: str, element: etree._Element, limits: Limits) -> bool:
    """Whether there is deeper nesting below an XPath than may be left as it is."""
    steps = "/*" * min(KEPT_DEPTH, limits.depth_elements)
    return bool(element.xpath(f"boolean({roots}{steps})"))


def _depth(root: etree._Element) -> int:
    depth = deepest = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _append_text(parent: HtmlElement, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def _scrub(root: HtmlElement) -> None:
    """Drops characters that XML forbids but character references let in."""
    for element in (root, *root.itersiblings()):
        for node in element.iter():
            if node.text and _FORBIDDEN.search(node.text):
                node.text = _FORBIDDEN.sub("", node.text)
            if node.tail and _FORBIDDEN.search(node.tail):
                node.tail = _FORBIDDEN.sub("", node.tail)
            if any(_FORBIDDEN.search(str(value)) for value in node.values()):
                _set_all(node, _attributes(node))


def _gathered(root: HtmlElement) -> HtmlElement:
    """Puts all but the head into one body.

    libxml2 makes of what follows ``</body>`` siblings of the body, and of what follows ``</html>`` siblings
    of the root, where Trafilatura does not look.
    """
    tags = [child.tag for child in root]
    strays = any(map(_stray, (root.text, *(child.tail for child in root))))
    if tags in (["head", "body"], ["body"]) and not strays and root.getnext() is None:
        return root
    first_body = root.find("body")
    heads: list[HtmlElement] = []
    pieces: list[HtmlElement | str] = []
    for part in (root, *root.itersiblings()):
        pieces += filter(None, [_stray(part.text)])
        for child in part:
            if child.tag == "head" or (child.tag in _HEAD_TAGS and heads and not pieces):
                heads.append(child)
            elif child.tag == "body":
                pieces += [child.text or "", *child]
            else:
                pieces.append(child)
                continue  # with its tail
            pieces += filter(None, [_stray(child.tail)])
    # A new root, for siblings cannot be taken off the old one.
    gathered = _like(root)
    gathered.text = None if _stray(root.text) else root.text
    if heads:
        gathered.append(heads[0])
        heads[0].tail = None if _stray(heads[0].tail) else heads[0].tail
        for head in heads[1:]:
            heads[0].extend(head if head.tag == "head" else [head])
    body = _like(first_body) if first_body is not None else root.makeelement("body")
    gathered.append(body)
    if first_body is not None and not _stray(first_body.tail):
        body.tail = first_body.tail
    for is_text, group in groupby(pieces, lambda piece: isinstance(piece, str)):
        if is_text:
            _append_text(body, "".join(group))
        else:
            body.extend(group)
    return gathered


def _stray(text: str | None) -> str:
    """Text between html, head and body, but no white space."""
    return text if text and not text.isspace() else ""


def _like(element: HtmlElement) -> HtmlElement:
    """An empty element of the same name with the same attributes."""
    copied: HtmlElement = element.makeelement(element.tag)
    _set_all(copied, _attributes(element))
    return copied


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.items()}


def _set_all(element: HtmlElement, attributes: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        # Of the parser lxml takes any name, here not all: ``<p {{attributes}}>`` of a template, say.
        with suppress(ValueError):
            element.set(name, _FORBIDDEN.sub("", value))


# From the caller's tree to ours.


def _page_from_tree(tree: Tree, limits: Limits) -> Page:
    given = tree.getroot() if isinstance(tree, etree._ElementTree) else tree
    if given is None:
        raise EmptyInput("the tree has no root")
    if not isinstance(given.tag, str):
        raise TypeError("expected an element, not a comment or processing instruction")
    # Copying is quadratic in the depth, so this comes first.
    if _is_deep("self::*", given, limits) or _is_xml(given):
        builder = _FlatTree(limits.depth_elements)
        _feed(builder, given)
        root, depth = builder.close(), builder.reduced_from
    else:
        root, depth = _copied(given), 0
    serialised = etree.tostring(root, method="html", encoding="utf-8")
    if _without_forbidden(serialised) != serialised:
        _scrub(root)
    if root.tag != "html":
        outer = root.makeelement("html")
        if root.tag not in ("head", "body"):
            etree.SubElement(outer, "body")
        (outer[0] if len(outer) else outer).append(root)
        root = outer
    return Page(_gathered(root), None, depth)


def _is_xml(element: etree._Element) -> bool:
    """Whether there is anything that lxml's HTML parser makes none of: namespaces, entities."""
    has_namespace = element.xpath("boolean(descendant-or-self::*[namespace-uri()])")
    return bool(has_namespace) or next(element.iter(etree.Entity), None) is not None


def _copied(element: etree._Element) -> HtmlElement:
    copied = copy.deepcopy(element)
    copied.tail = None
    etree.strip_elements(copied, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    if isinstance(copied, HtmlElement):
        return copied
    # An element is what the parser of its document makes it.
    root: HtmlElement = HTMLParser().makeelement(copied.tag)
    _set_all(root, _attributes(copied))
    root.text = copied.text
    root.extend(list(copied))
    return root


@dataclass(slots=True)
class _Open:
    """An element that is open in the input, and what stands for it in the tree."""

    tag: str
    attributes: Mapping[str, str]
    element: HtmlElement
    level: int
    branch: int


class _FlatTree:
    """Target of a parser: a tree whose nesting stays within `KEPT_DEPTH`.

    An element that would come to lie deeper is put into the open element at level `_HOISTED_TO` instead,
    behind all that is there, which ends the branch that it belongs to. What follows in an element of an
    ended branch goes into a copy of that element, again behind all that is there. So every text keeps its
    place in the order of the page, and the element right around it.

    Attributes:
        depth: deepest nesting met.
    """

    def __init__(self, allowed: int) -> None:
        self.depth = 0
        self._allowed = allowed
        self._root: HtmlElement | None = None
        self._open: list[_Open] = []
        self._branch = 0
        self._texts: list[str] = []

    @property
    def reduced_from(self) -> int:
        """`depth` if it was too much, else 0."""
        return self.depth if self.depth > KEPT_DEPTH else 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Called by the parser for a start tag."""
        self._flush()
        self.depth = max(self.depth, len(self._open) + 1)
        if self.depth > self._allowed:
            allowed = self._allowed
            message = f"elements are nested more than {allowed:,} deep; Limits(depth_elements=…) allows more"
            raise TooDeep("depth_elements", allowed, self.depth, message)
        if not self._open:
            if self._root is None:  # else the page has several, which become one
                self._root = self._made(None, tag, attributes)
            self._open.append(_Open(tag, attributes, self._root, 1, 0))
            return
        parent = self._living()
        if parent.level >= (_WHOLE_FROM if tag in _WHOLE else KEPT_DEPTH):
            self._branch += 1
            parent = self._open[_HOISTED_TO - 1]
        element = self._made(parent.element, tag, attributes)
        self._open.append(_Open(tag, attributes, element, parent.level + 1, self._branch))

    def end(self, tag: str) -> None:
        """Called by the parser for an end tag, also for one that is left out."""
        self._flush()
        self._open.pop()

    def data(self, text: str) -> None:
        """Called by the parser for text."""
        self._texts.append(text)

    def close(self) -> HtmlElement:
        """Called by the parser at the end."""
        self._flush()
        assert self._root is not None
        return self._root

    def _flush(self) -> None:
        text = _FORBIDDEN.sub("", "".join(self._texts))
        self._texts.clear()
        if not text:
            return
        if not self._open:
            _append_text(self.close(), text)
        elif text.isspace() and not self._is_living():
            _append_text(self._open[_HOISTED_TO - 1].element, text)
        else:
            _append_text(self._living().element, text)

    def _is_living(self) -> bool:
        return len(self._open) <= _HOISTED_TO or self._open[-1].branch == self._branch

    def _living(self) -> _Open:
        """The innermost open element, as a copy if its branch has ended."""
        innermost = self._open[-1]
        if not self._is_living():
            self._branch += 1
            parent = self._open[_HOISTED_TO - 1].element
            innermost.element = self._made(parent, innermost.tag, innermost.attributes)
            innermost.level, innermost.branch = _HOISTED_TO + 1, self._branch
        return innermost

    @staticmethod
    def _made(parent: HtmlElement | None, tag: str, attributes: Mapping[str, str]) -> HtmlElement:
        make = HTMLParser().makeelement if parent is None else parent.makeelement
        try:
            element: HtmlElement = make(tag)
        except ValueError:  # as for attributes: the parser takes any name
            element = make("span")
        _set_all(element, attributes)
        if parent is not None:
            parent.append(element)
        return element


def _feed(builder: _FlatTree, root: etree._Element) -> None:
    """Tells of a tree as a parser would, without recursion; comments are left out."""
    opened: list[etree._Element] = []
    walks: list[Iterator[etree._Element]] = [iter((root,))]
    while walks:
        element = next(walks[-1], None)
        if element is None:
            walks.pop()
            if opened:
                closed = opened.pop()
                builder.end("")
                if closed is not root and closed.tail:
                    builder.data(closed.tail)
            continue
        if isinstance(element.tag, str):
            tag = element.tag.rpartition("}")[2] if element.tag.startswith("{") else element.tag
            builder.start(tag, _attributes(element))
            builder.data(element.text or "")
            opened.append(element)
            walks.append(iter(element))
            continue
        if element.tag is etree.Entity:
            builder.data(element.text or "")
        if element.tail:
            builder.data(element.tail)
