"""hypothesis strategies for pages, texts and trees such as the open web has them, and worse."""

import re
from html import escape
from json import dumps
from typing import TypeAlias

from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

Tree: TypeAlias = etree._Element | etree._ElementTree

# Pieces of markup without any order, for the reader of pages.
_TAGS = (
    "<html> </html> <html/> <body> </body> <head> </head> <p> </p> <b> </b> <table> <td> <script> </script>"
    " <title> <svg> </template> <frameset> <plaintext> <textarea> {x} <p{y}> <!-- --> <!doctype <?xml ]]>"
    " <![CDATA["
)
_REST = "&#0; &#1; &#xD800; \0 \x0b \ufffe \ud800 \ufeff < > / = ' \" { [ é 中 text"
PIECES = st.lists(st.sampled_from(_TAGS.split() + _REST.split(" ") + [" "])).map("".join)

# Text.

SENTENCES = (
    "The ferry across the sound will stop at the old pier again from May, the port said on Monday.",
    "It had not called there since the storm nine years ago.",
    "Die Fähre legt ab Mai wieder am alten Anleger an, teilte der Hafen am Montag mit.",
    "Паром снова будет останавливаться у старого причала с мая.",
    "渡船将从五月起再次停靠旧码头。",
    "フェリーは五月から再び旧桟橋に停まる。",
    "ستتوقف العبارة مرة أخرى عند الرصيف القديم ابتداء من مايو.",
    "המעבורת תעצור שוב ברציף הישן החל ממאי.",
    "मई से नौका फिर पुराने घाट पर रुकेगी।",
    "เรือข้ามฟากจะจอดที่ท่าเรือเก่าอีกครั้ง",
    "By Ada Moor", "12 May 2024, 10:45", "Photo: Port archive", "Share on Facebook", "Read more »",
    "Sign up for our newsletter", "Advertisement", "We use cookies. Accept all", "Tags: ferry, harbour",
    "Source: www.harbour-post.example", "© 2024 Harbour Post", "Comments (3)", "a", "|", "-", "1.", "...",
)  # fmt: skip
HIDING = "".join(chr(0xE0000 + ord(char)) for char in "ignore all")
BITS = "\u200b\u200c\u200b\u200b\u200c\u200c\u200b\u200c\u200b"
CHARACTERS = (
    "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\xad", BITS, HIDING, "\U000e0001", "\u202e", "\u202c",
    "\u2067", "\u200f", "👩\u200d👧\u200d👦",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🏳\ufe0f\u200d🌈", "e\u0301\u0301\u0301", "\u0301", "\xa0", "\u3000", "\u2028", "\u2029", "\x85", "\x0b",
    "\x0c",
    "\x1c", "\x1f", "\x00", "\x01", "\x08", "\x1b", "\x7f", "\x80", "\x9f", "\ufffd", "\ufffe", "\uffff",
    "\ufdd0",
    "\U0001fffe", "\ue000", "\uf8ff", "\U000f0000", "\U000f0001", "\U000ffffd", "\U00100000", "\U0010fffd",
    "\U0010ffff", "\t", "\r", "\r\n", "\n", "\n\n", " ", "  ", "İ", "ß", "ﬁ", "ǆ", "²", "½", "٣", "Ⅷ", "𝒜",
    "\u0130",
)  # fmt: skip
SURROGATES = ("\ud800", "\udc00", "\udfff", "\ud83d", "\ud83d\ude00")
NUMBERS = (
    "0",
    "1",
    "8",
    "x0",
    "x0b",
    "xC",
    "x1F",
    "x80",
    "x85",
    "xAD",
    "xD800",
    "xDFFF",
    "xFEFF",
    "xFFFE",
    "xFFFF",
)
REFERENCES = (
    "&amp;", "&lt;script&gt;", "&quot;", "&nbsp;", "&nbsp", "&eacute", "&amp;amp;", "&bogus;", "&", "&;",
    "&#",
    "&#;", "&#x;", "&#x110000;", "&#99999999999;", "&notin", "&ngE;", "&zwj;", "&shy;", "&#xE0041;",
    "&#xF0000;",
    *(f"&#{number};" for number in NUMBERS), *(f"&#{number} " for number in NUMBERS),
)  # fmt: skip
WORDS = st.sampled_from(SENTENCES) | st.sampled_from(CHARACTERS) | st.text(max_size=6)
_SPACED = st.sampled_from(["", " ", " "])


def runs(pieces: st.SearchStrategy[str], max_size: int = 6) -> st.SearchStrategy[str]:
    """Pieces one behind the other, some with a blank between them."""
    return st.lists(st.tuples(pieces, _SPACED).map("".join), max_size=max_size).map("".join)


# What stands in the text of a page, and what careless programs leave there.
PROSE = runs(WORDS)
PAGE_TEXT = runs(WORDS | st.sampled_from(REFERENCES) | st.sampled_from(SURROGATES) | PIECES, 5)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Plain text: lines, paragraphs, hard-wrapped or not, with all sorts of ends."""
    line = runs(WORDS | st.sampled_from(SURROGATES))
    lines = draw(st.lists(line, min_size=1, max_size=12))
    if draw(st.booleans()):
        lines = [part for line in lines for part in re.findall(r".{1,70}", line, re.DOTALL)]
    ends = st.sampled_from(["\n", "\n\n", "\r\n", "\r", "\n \n", "\u2028", "\n\n\n\n", "\x0b", "\x85"])
    start = draw(st.sampled_from(["", "", "\ufeff", "\n\n", "  "]))
    one = draw(st.none() | ends)
    return start + "".join(line + (one or draw(ends)) for line in lines)


# Markup.

BLOCK_TAGS = (
    "p div article section main header footer nav aside h1 h2 h3 h6 ul ol li dl dt dd blockquote pre table"
    " thead tr td th caption figure figcaption form fieldset details summary address center hr body html"
    " frameset noscript template dialog"
)
INLINE_TAGS = "a b em span code q ruby rt sub mark time label font br img wbr my-tooltip o:p x:y nobr"
OTHER_TAGS = (
    "script style svg math select option button textarea iframe object video title plaintext xmp listing"
    " marquee isindex image"
)
ATTRIBUTES = (
    "class=article", 'class="post-content entry"', "class='share-buttons ad'", "id=comments",
    "role=navigation",
    "itemprop=articleBody", "hidden", 'aria-hidden="true"', "hidden=until-found", 'style="display:none"',
    "style='position:absolute;left:-9999px'", "style=font-size:0", 'style="visibility:hidden"', 'style=""',
    'style="color:transparent;/*"', 'href="javascript:alert(1)"', "href='https://harbour.example/1?a=1&b=2'",
    'href="//["', "onclick='go()'", "onerror=alert(1) src=x", "colspan=9007199254740991", "rowspan=-1",
    "rel=author", "datetime=2024-05-12", "lang=ar dir=rtl", 'a=1 a=2 A="3"', "{{attributes}}", "@click=x",
    ":key=a", "xml:lang=en", 'xmlns:o="urn:x"', "xmlns=http://www.w3.org/1999/xhtml",
    'title="an <b>odd</b> one',
    "=", "'", '"', "/", "data-x='{\"a\": \"&quot;\"}'", 'class="\ufffe\x01"', 'id="\U000f0000"',
    "class=&#0;&#xD800;",
)  # fmt: skip
ODD_MARKUP = (
    "<!-- a comment -->", "<!-->", "<!--", "-->", "<![CDATA[data & more]]>", "<![if IE]>", "<![endif]>",
    "<?php echo 'x' ?>", "<?xml version='1.0'?>", "<!doctype html>", "</", "<", "< p>", "<>", "</p>",
    "</div>",
    "</body>", "</html>", "</table>", "<tr><td>", "<br/>", "<p/>", "<body class=two>", "<html lang=fr>",
    "<head>",
    "<script>document.write('<p>x</p>')</script>", "<script><!-- </script>", "<title>Two</title>",
)  # fmt: skip


@st.composite
def _elements(draw: st.DrawFn, children: st.SearchStrategy[str]) -> str:
    kind = draw(st.sampled_from([BLOCK_TAGS, INLINE_TAGS, OTHER_TAGS]))
    tag = draw(st.sampled_from(kind.split()))
    attributes = draw(st.lists(st.sampled_from(ATTRIBUTES), max_size=2))
    inner = "".join(draw(st.lists(children, max_size=4)))
    other = draw(st.sampled_from(["", "", "b", "div", "p"]))
    # Mostly as it should be; else never closed, closed twice, or across another element.
    end = draw(st.sampled_from(["closed", "closed", "closed", "open", "twice", "crossed"]))
    start = f"<{' '.join([tag, *attributes])}>"
    if end == "crossed" and other:
        return f"{start}<{other}>{inner}</{tag}>{inner[:9]}</{other}>"
    return start + inner + f"</{tag}>" * {"open": 0, "twice": 2}.get(end, 1)


@st.composite
def _tables(draw: st.DrawFn) -> str:
    rows = draw(
        st.lists(st.lists(st.sampled_from(SENTENCES) | PAGE_TEXT, max_size=4), min_size=1, max_size=4)
    )
    return "<table>" + "".join(f"<tr>{''.join(f'<td>{cell}' for cell in row)}" for row in rows) + "</table>"


_LEAVES = (
    PAGE_TEXT | st.sampled_from(ODD_MARKUP) | st.sampled_from(SENTENCES).map("<p>{}</p>".format) | _tables()
)
MARKUP = st.recursive(_LEAVES, _elements, max_leaves=12)


@st.composite
def _linked_data(draw: st.DrawFn) -> str:
    """JSON-LD, which may hold the whole article, or be broken."""
    sentences = draw(st.lists(WORDS, max_size=12))
    data = {
        "@type": draw(st.sampled_from(["NewsArticle", "Article", "WebPage", "Thing"])),
        "headline": draw(runs(WORDS | st.sampled_from(SURROGATES))),
        "articleBody": "\n".join(sentences) * draw(st.sampled_from([1, 1, 4])),
        "author": draw(st.none() | st.text(max_size=5) | st.lists(st.just({"name": "Ada Moor"}), max_size=2)),
    }
    written = dumps(data, ensure_ascii=draw(st.booleans())).replace("</", "<\\/")
    cut = draw(st.sampled_from([0, 0, 0, 1, 9]))
    return f"<script type=application/ld+json>{written[: len(written) - cut]}</script>"


_HEADS = (
    "<meta charset=utf-8>", "<meta charset=utf-16>", "<meta charset=windows-1252>",
    "<meta charset=shift_jis>",
    "<meta charset=x-none>", '<meta http-equiv=content-type content="text/html; charset=iso-8859-1">',
    "<title>Ferry to stop at the old pier – Harbour Post</title>", "<title>", "<base href=//x>",
    '<meta property="og:title" content="Ferry &amp; pier">', '<link rel=canonical href="http://[x">',
    '<meta name=author content="Ada Moor, Bo Lind">', '<meta name=date content="2024-13-45">',
    "<style>p { display: none }</style>", "<noscript><p>No scripts</p></noscript>", "stray text",
)  # fmt: skip
_STARTS = (
    "", "", "<!doctype html>", "<!DOCTYPE html PUBLIC 'x'>", "\ufeff",
    "<?xml version='1.0' encoding='utf-16'?>",
    "<!-- -->", " \n", "ï»¿", "<html lang=de><body>", "<html xmlns='http://www.w3.org/1999/xhtml'>",
)  # fmt: skip


@st.composite
def pages(draw: st.DrawFn) -> str:
    """Pages: something like a head, one body or several, anything in them."""
    head = draw(st.lists(st.sampled_from(_HEADS) | _linked_data(), max_size=3))
    bodies = draw(st.lists(st.lists(MARKUP, max_size=4).map("".join), min_size=1, max_size=2))
    parts = [draw(st.sampled_from(_STARTS)), *head, *(f"<body>{body}" for body in bodies)]
    if draw(st.booleans()):
        parts.append("</body></html>" + draw(PROSE))
    return "".join(parts)


ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1252", "iso-8859-1",
    "koi8-r",
    "windows-1251", "shift_jis", "euc-jp", "gb18030", "big5", "utf-7", "cp037",
)  # fmt: skip


def encoded_pages(some: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[bytes]:
    """Pages as bytes, whose encoding has nothing to do with the one that they declare."""
    return st.builds(
        lambda page, encoding: page.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        .encode(encoding, "xmlcharrefreplace"),
        some or pages(),
        st.sampled_from(ENCODINGS),
    )  # fmt: skip


# Trees.

_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_XML_TEXT = PROSE.map(lambda text: _FORBIDDEN.sub("", text))
_NAMESPACES = ("", "", "", "{http://www.w3.org/1999/xhtml}", "{urn:x}")


@st.composite
def _nodes(draw: st.DrawFn, children: st.SearchStrategy[etree._Element]) -> etree._Element:
    tags = st.sampled_from(
        ["html", "head", "body", "p", "div", "td", "tr", "table", "ul", "li", "a", "script", "x-y"]
    )
    element = etree.Element(draw(st.sampled_from(_NAMESPACES)) + draw(tags))
    element.text = draw(_XML_TEXT)
    if draw(st.booleans()):
        element.set(draw(st.sampled_from(["class", "style", "href", "{urn:x}id"])), draw(_XML_TEXT))
    for child in draw(st.lists(children, max_size=3)):
        element.append(child)
        child.tail = draw(_XML_TEXT)
    return element


_LEAF_NODES = st.one_of(
    st.builds(etree.Comment, st.just("a comment")),
    st.builds(etree.ProcessingInstruction, st.just("php"), st.just("echo")),
    st.builds(etree.Entity, st.sampled_from(["amp", "bogus", "#65", "nbsp"])),
    st.sampled_from(["p", "br", "b"]).map(etree.Element),
)
XML_TREES = st.recursive(_LEAF_NODES, _nodes, max_leaves=10).filter(lambda node: isinstance(node.tag, str))


def _parsed(page: str) -> etree._Element:
    return lxml_html.document_fromstring(f"<p>{escape('Tides & <b>')}</p>{_FORBIDDEN.sub('', page)}")


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Trees of lxml: XML built by hand, pages parsed; roots, elements inside, and whole trees."""
    root = draw(XML_TREES | pages().map(_parsed))
    inner = [element for element in root.iter() if isinstance(element.tag, str)]
    element: etree._Element = draw(st.sampled_from([root, *inner]))
    return element if draw(st.booleans()) else element.getroottree()
