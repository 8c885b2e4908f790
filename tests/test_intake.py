"""Intake of pages and texts, through its public functions."""

import gzip
import importlib
import io
import random
import re
import sys
import time
import tracemalloc
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trafilatura
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html
from trafilatura.utils import load_html

from noisefilter.errors import (
    BadCompression,
    EmptyInput,
    NoiseFilterError,
    NotHTML,
    NotText,
    TooDeep,
    TooLarge,
    UndecodableInput,
)
from noisefilter.intake import KEPT_DEPTH, Page, check_text, decode_text, load_page, looks_like_html
from noisefilter.limits import Limits

LIMITS = Limits()
FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def page(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


def text_of(loaded: Page) -> str:
    return "".join(loaded.tree.itertext())


def words_of(tree: etree._Element) -> list[str]:
    return " ".join(str(text) for text in tree.itertext()).split()


def nodes_of(tree: etree._Element) -> list[tuple[Any, str, str]]:
    return [(element.tag, element.text or "", element.tail or "") for element in tree.iter()]


# What is HTML.

HTML = [
    "<p>text",
    "<p>text</p>",
    "text with <b>bold</b> and <br>",
    "one line<br>another line",
    "one line <br />\nanother line",
    "A sentence.<p>Another sentence.",
    "<P ALIGN=center>text",
    'see <a href="https://example.com">this</a>',
    "see <img src=a.png>",
    "rest of a page</p></div>",
    "<html>",
    "<html lang=en><body>x",
    "\ufeff<!DOCTYPE html><html></html>",
    "\n\n  <!-- comment --> <!-- another -->\n<!doctype HTML><p>x",
    '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"'
    ' "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\n'
    '<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
    '<?xml version="1.0"?><html><p>x</p></html>',
    '<?xml version="1.0"?><div>x</div>',
    "<!DOCTYPE html>",
    "<!-- nothing but a comment -->",
    "<div></div>",
    "<my-element><p>x</p></my-element>",
    "<?php echo 1 ?><p>x</p>",
    '<text id="1" title="t"><p>x</p></text>',
    "<svgx><h1>x</h1></svgx>",
    "[caption] <p>x</p> [/caption]",
]
NOT_HTML = [
    ("", "plain text"),
    ("Just a sentence.", "clean_text"),
    ("Just a sentence.", "--input text"),
    ("a < b and c > d", "plain text"),
    ("i<b and c>d", "plain text"),
    ("if (a<b && c>d) return;", "plain text"),
    ("From: <me@example.com>\nHello", "plain text"),
    ("<me@example.com> wrote:\n> hi", "plain text"),
    ("std::vector<int> v; map<string, vector<B>> m; List<P> p;", "plain text"),
    ("#include <stdio.h>\n#include <map>\nint main() {}", "plain text"),
    ("use the <p> tag", "plain text"),
    ("use the `<p>` tag, closed by `</p>`", "plain text"),
    ("the '<b>' and '</b>' tags", "plain text"),
    ("# Title\n\nSee <https://example.com> or [this](x.html).", "plain text"),
    ("usage: tool <input> <output>", "plain text"),
    ("1 < 2 > 0 & 3", "plain text"),
    ('{"html": "<p>x</p>"}', "JSON"),
    ('[{"a": "<b>x</b>"}]', "JSON"),
    ("[1, 2, 3]", "JSON"),
    ('<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>', "an RSS feed"),
    ("<rss version='2.0'><channel><description>&lt;p></description></channel></rss>", "an RSS feed"),
    ('<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>', "an Atom feed"),
    ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>', "a sitemap"),
    ('<svg xmlns="http://www.w3.org/2000/svg"><title>x</title></svg>', "an SVG image"),
    ('<?xml version="1.0"?><note><body>x</body></note>', "an XML document (<note>)"),
    ('<article xmlns="http://docbook.org/ns/docbook"><title>x</title></article>', "an XML document"),
    ('<!DOCTYPE article PUBLIC "x" "y.dtd"><article><p>x</p></article>', "an XML document"),
    ('<?xml version="1.0"?>', "an XML document"),
    ("%PDF-1.7\n%\xe2\xe3", "a PDF file"),
    ("{\\rtf1\\ansi text}", "an RTF file"),
    ("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html></html>", "headers"),
    ("WARC/1.0\r\nWARC-Type: response\r\n\r\n<html></html>", "a WARC record"),
    ("MIME-Version: 1.0\r\n\r\n<html></html>", "MHTML"),
    ("https://example.com/article.html", "an address"),
    ("articles/one.html", "name of a file"),
    ("".join(map(chr, random.Random(1).choices(range(256), k=2000))), "binary data"),
]


@pytest.mark.parametrize("text", HTML)
def test_is_html(text: str) -> None:
    assert looks_like_html(text)
    assert load_page(text, LIMITS).tree.tag == "html"
    assert load_page(text.encode(), LIMITS).tree.tag == "html"


@pytest.mark.parametrize(("text", "named"), NOT_HTML)
def test_is_not_html(text: str, named: str) -> None:
    assert not looks_like_html(text)
    if text:
        with pytest.raises(NotHTML, match=re.escape(named)):
            load_page(text, LIMITS)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "a PDF file"),
        (b"PK\x03\x04\x14\0\x06\0", "a ZIP archive or an Office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "an old Microsoft Office file"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        (b"GIF89a\x01\0\x01\0", "a GIF image"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "an image"),
        (b"\0\0\0\x18ftypmp42", "an image, sound or video file"),
        (b"{\\rtf1\\ansi x}", "an RTF file"),
        (gzip.compress(gzip.compress(b"<p>x")), "compressed twice"),
        (gzip.compress(b"%PDF-1.7"), "a PDF file"),
    ],
)
def test_file_types(data: bytes, named: str) -> None:
    with pytest.raises(NotHTML, match=named):
        load_page(data, LIMITS)
    with pytest.raises(NotText, match=named):
        decode_text(data)


# Structure.


@pytest.mark.parametrize(
    ("html", "tree"),
    [
        ("<p>x</p>", "<html><body><p>x</p></body></html>"),
        ("a <b>b</b><br>c", "<html><body>a <b>b</b><br/>c</body></html>"),
        ("<p>a</p>tail<p>b", "<html><body><p>a</p>tail<p>b</p></body></html>"),
        ("<title>t</title>", "<html><head><title>t</title></head><body/></html>"),
        ("<!-- c -->", "<html><body/></html>"),
        ("<!DOCTYPE html>", "<html><body/></html>"),
        ("<div><!-- c -->a<?pi x?>b</div>", "<html><body><div>ab</div></body></html>"),
        ("<html/><p>x", "<html><body><p>x</p></body></html>"),
        (
            '<!DOCTYPE html>\n<html lang="en" />\n<head><title>t</title></head><body>x</body></html>',
            '<html lang="en"><head><title>t</title></head><body>x</body></html>',
        ),
        ("<html><body>a</body></html><p>late</p>x", "<html><body>a<p>late</p>x</body></html>"),
        ("<html><body><i>a</i></body><p>b</p>c</html>", "<html><body><i>a</i><p>b</p>c</body></html>"),
        (
            "<html><head><title>1</title></head><body class='c'><p>a</body></html>b"
            "<html><head><title>2</title></head><body>c<p>d</body></html>e",
            '<html><head><title>1</title><title>2</title></head><body class="c"><p>a</p>bc<p>d</p>e</body>'
            "</html>",
        ),
        ("<html><body>a</html>b</html>c<html><body>d", "<html><body>abcd</body></html>"),
        (
            "<html><head><title>t</title></head><script>s</script><body>a</body></html>",
            "<html><head><title>t</title><script>s</script></head><body>a</body></html>",
        ),
        (
            "<html><frameset><frame><noframes>a</noframes></frameset></html>",
            "<html><body><frameset><frame/><noframes>a</noframes></frameset></body></html>",
        ),
        ("< ! DOCTYPE html PUBLIC '-//W3C//DTD XHTML'><p>x</p>", "<html><body><p>x</p></body></html>"),
        ("<p {x}=1 {{y}} a=2>b</p></html>c", '<html><body><p {x}="1" {{y}}="" a="2">b</p>c</body></html>'),
    ],
)
def test_one_head_one_body(html: str, tree: str) -> None:
    loaded = load_page(html, LIMITS)
    assert etree.tostring(loaded.tree, encoding="unicode") == tree
    assert all(isinstance(element, lxml_html.HtmlElement) for element in loaded.tree.iter())
    assert loaded.tree.getnext() is None
    assert loaded.encoding is None


PAGES = [
    page("<p>one</p> two <b>three</b><ul><li>a<li>b</ul><table><tr><td>x<td>y</table>", "<title>t</title>"),
    "<!-- c --><html>\n<head>\n<meta charset=utf-8></head>\n<body>\n<p>a<!-- b -->c</p>\n</body>\n</html>\n",
    '<?xml version="1.0" encoding="iso-8859-1"?><html xmlns="http://www.w3.org/1999/xhtml"><head></head>'
    "<body><p>é</p></body></html>",
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0" "http://www.w3.org/TR/xhtml1.dtd">\n<html><body><p>a</p></html>',
    '<!DOCTYPE html>\n<html lang="de" />\n<head><title>t</title></head><body><p>x</p></body></html>',
    page("<script>if (a<b) {}</script><p>&amp;&eacute;&#8217;&nbsp;</p><pre>a\n b</pre><br/>" * 20),
    "<html><head></head>\n<script>x</script>\n<body>\na</body>\n<script>y</script></html>",
]


@pytest.mark.parametrize("html", PAGES)
def test_same_order_as_trafilatura(html: str) -> None:
    tree, expected = load_page(html, LIMITS).tree, load_html(html)
    assert expected is not None
    tree.text = expected.text = None  # white space only
    assert nodes_of(tree) == nodes_of(expected)


def test_text_node_of_12_mb() -> None:
    loaded = load_page(f"<html><body><p>{'word ' * 2_400_000}</p><p>END</p></body></html>", LIMITS)
    assert len(words_of(loaded.tree)) == 2_400_001
    assert loaded.tree[-1][-1].text == "END"


def test_attribute_of_11_mb() -> None:
    loaded = load_page(f"<p title='{'x' * 11_000_000}'>a</p><p>END</p>", LIMITS)
    assert text_of(loaded) == "aEND"


# Characters.


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a\0b\x01c\x1fd</p>", "abcd"),
        ("<p>a\x0cb\x0bc</p>", "a b c"),
        ("<p\x0cclass=x>a</p>", "a"),
        ("<p>a\ufffeb\uffffc</p><p>d", "abcd"),
        ("<p>a\ud800b</p><p>d", "a\ufffdbd"),
        ("<p>\ud83d\ude00</p>", "😀"),
        ("<p>a&#0;b&#xD800;c</p>d", "a\ufffdb\ufffdcd"),
        ("<p>a&#1;b&#x1F;c&#x00b;d&#65535;e&#xFFFE;f&#31g</p><p>h", "abcdefgh"),
        ("<p>&#&#1;1;</p>", "&#1;"),
        ("<p>&#\x001;</p>x", "x"),
        ("<p>&#150;&#x85;&#233;&#9;|</p>", "–…é\t|"),
        ("\ufeff<p>x</p>", "x"),
        ("ï»¿<p>x</p>", "x"),
        ('\ufeff<?xml version="1.0" encoding="utf-16"?><html><body>é</body></html>', "é"),
        ("<p title='a&#1;b'>x</p>", "x"),
    ],
)
def test_forbidden_characters(html: str, text: str) -> None:
    loaded = load_page(html, LIMITS)
    assert text_of(loaded) == text
    for element in loaded.tree.iter():
        element.text, element.tail = element.text, element.tail  # lxml checks what is set
        for name, value in element.items():
            element.set(name, value)


# Trees.


def parsed_by(parser: str, html: str) -> Any:
    if parser == "lxml.html":
        return lxml_html.fromstring(html)
    if parser == "lxml.etree":
        return etree.HTML(html)
    if parser == "tree":
        return etree.parse(io.StringIO(html), etree.HTMLParser())
    return etree.fromstring(html, etree.XMLParser(resolve_entities=False))


@pytest.mark.parametrize("parser", ["lxml.html", "lxml.etree", "tree", "xml"])
def test_trees(parser: str) -> None:
    source = "<html lang='en'><head><title>t</title></head><body>a<!-- b -->c<p>d<?pi e?>f</p>g</body></html>"
    given_tree = parsed_by(parser, source)
    before = etree.tostring(given_tree)
    loaded = load_page(given_tree, LIMITS)
    assert nodes_of(loaded.tree) == nodes_of(load_page(source, LIMITS).tree)
    assert all(isinstance(element, lxml_html.HtmlElement) for element in loaded.tree.iter())
    loaded.tree[1].clear()
    loaded.tree.set("lang", "de")
    assert etree.tostring(given_tree) == before


def test_tree_of_xhtml() -> None:
    source = (
        '<!DOCTYPE html [<!ENTITY e "x">]><html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en">'
        "<body><p>a&e;b<![CDATA[<c>]]></p><!-- d -->e<svg xmlns='http://www.w3.org/2000/svg'>f</svg></body></html>"
    )
    tree = load_page(parsed_by("xml", source), LIMITS).tree
    assert [element.tag for element in tree.iter()] == ["html", "body", "p", "svg"]
    assert text_of(Page(tree)) == "a&e;b<c>ef"


def test_subtree() -> None:
    tree: Any = lxml_html.fromstring(page("<nav>menu</nav><article class='a'>x<p>y</p></article>tail"))
    article = tree.find(".//article")
    loaded = load_page(article, LIMITS)
    assert etree.tostring(loaded.tree) == b'<html><body><article class="a">x<p>y</p></article></body></html>'
    assert article.tail == "tail"
    assert article.getparent().tag == "body"
    assert etree.tostring(load_page(tree.find("body"), LIMITS).tree).startswith(b"<html><body><nav>")


def test_tree_with_control_characters() -> None:
    loaded = load_page(lxml_html.fromstring("<p title='a&#1;'>b&#2;c</p>"), LIMITS)
    assert text_of(loaded) == "bc"
    assert loaded.tree[0][0].get("title") == "a"


def test_empty_tree() -> None:
    with pytest.raises(EmptyInput):
        load_page(etree.ElementTree(), LIMITS)
    with pytest.raises(TypeError, match="comment"):
        load_page(etree.Comment("x"), LIMITS)


# Nesting.

DEPTHS = [100, 252, 253, 254, 255, 300, 2000, 2044, 2046, 4990]


def nested(tags: str, levels: int) -> str:
    opening = "".join(f"<{tag}>" for tag in tags.split())
    closing = "".join(f"</{tag}>" for tag in reversed(tags.split()))
    before = "".join(f"{opening}a{i} " for i in range(levels))
    after = "".join(f"{closing}b{i} " for i in range(levels))
    return page(f"{before}<p>DEEP <b>bold</b> END</p>{after}<p>AFTER</p>")


@pytest.mark.parametrize("levels", DEPTHS)
@pytest.mark.parametrize("tags", ["div", "font", "ul li", "table tr td"])
def test_deep_pages_keep_their_text(tags: str, levels: int) -> None:
    source = nested(tags, levels // len(tags.split()))
    loaded = load_page(source, LIMITS)
    given_words = re.sub("<[^>]*>", " ", source).split()
    assert words_of(loaded.tree) == given_words
    assert levels <= loaded.depth <= levels + 5
    assert loaded.flattened_from == (loaded.depth if loaded.depth > KEPT_DEPTH else 0)
    assert Page(loaded.tree).depth <= KEPT_DEPTH
    paragraph = loaded.tree.xpath("//p[b]")[0]
    assert paragraph.text_content() == "DEEP bold END"
    if levels < 2040:
        tree = lxml_html.document_fromstring(source, parser=lxml_html.HTMLParser(huge_tree=True))
        assert nodes_of(load_page(tree, LIMITS).tree) == nodes_of(loaded.tree)


@pytest.mark.parametrize("levels", [5000, 20_000, 200_000])
def test_too_deep(levels: int) -> None:
    start = time.perf_counter()
    with pytest.raises(TooDeep) as caught:
        load_page(nested("div", levels), LIMITS)
    assert (caught.value.limit, caught.value.allowed, caught.value.found) == ("depth_elements", 5000, 5001)
    assert time.perf_counter() - start < 2


def test_own_bound_of_depth() -> None:
    limits = Limits(depth_elements=10)
    assert load_page(page("<div>" * 8), limits).depth == 10
    for deep in (page("<div>" * 9), lxml_html.fromstring(page("<div>" * 9))):
        with pytest.raises(TooDeep, match="more than 10 deep"):
            load_page(deep, limits)


def test_deep_tree_built_by_hand() -> None:
    root = element = lxml_html.fromstring("<html><body></body></html>")
    for _ in range(3000):
        element = etree.SubElement(element, "div")
        element.text = "x "
    assert len(words_of(load_page(root, LIMITS).tree)) == 3000
    for _ in range(3000):
        element = etree.SubElement(element, "div")
    with pytest.raises(TooDeep):
        load_page(root, LIMITS)


def test_trafilatura_takes_deep_pages() -> None:
    sentence = "This is a sentence of the article, with a comma, that is long enough to be kept. "
    options: dict[str, Any] = {"fast": True, "favor_recall": True, "include_comments": False}
    for tags in ("div", "ul li", "del", "code"):
        loaded = load_page(page(f"<article><p>{sentence * 3}</p>{nested(tags, 1500)}</article>"), LIMITS)
        document: Any = trafilatura.bare_extraction(loaded.tree, **options)
        assert document is not None
        assert "sentence of the article" in document.text


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_deep_text_keeps_its_order_and_element(source: random.Random) -> None:
    parts, opened, number = ["<html><body>" + "<div>" * 240], [], 0
    for _ in range(source.randrange(50, 400)):
        choice = source.random()
        if choice < 0.5:
            opened.append(source.choice(["div", "b", "blockquote", "font"]))
            parts.append(f"<{opened[-1]} id=n{len(parts)}>")
        elif choice < 0.7 and opened:
            parts.append(f"</{opened.pop()}>")
        else:
            number += 1
            parts.append(source.choice([" ", f" w{number} "]))
    html = "".join(parts)
    plain = lxml_html.document_fromstring(html, parser=lxml_html.HTMLParser(huge_tree=True))

    def places(tree: Any) -> list[tuple[str, str, str | None]]:
        found = []
        for text in tree.xpath("//text()"):
            around = text.getparent().getparent() if text.is_tail else text.getparent()
            found += [(word, around.tag, around.get("id")) for word in text.split()]
        return found

    assert places(load_page(html, LIMITS).tree) == places(plain)


# Bytes.

RUSSIAN = "Сегодня утром в центре города прошёл праздничный концерт, на который пришли тысячи жителей."
CHINESE = "今天上午，市政府召开新闻发布会，介绍了今年以来经济社会发展的有关情况。记者从会上了解到有关情况。"
TAIWANESE = "今天上午，市政府召開新聞發布會，介紹了今年以來經濟社會發展的有關情況。"
JAPANESE = "本日午前、市役所で記者会見が開かれ、今年の経済発展の状況について説明がありました。"
KOREAN = "오늘 오전 시청에서 기자회견이 열려 올해 경제 발전 상황에 대한 설명이 있었습니다."
FRENCH = "L'été dernier, les élèves étaient très fatigués à cause de la chaleur élevée."
GERMAN = "Die Übung für Mädchen und Jungen fängt früh an und hört spät auf."
POLISH = "Wczoraj wieczorem policjanci zatrzymali mężczyznę, który próbował ukraść rower. Śledztwo trwa."


def declared(charset: str) -> str:
    return f"<meta charset={charset}>"


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (page("plain").encode(), "plain", "utf-8"),
        (page("é").encode(), "é", "utf-8"),
        (page("é").encode("utf-8-sig"), "é", "utf-8"),
        (page("é").encode("utf-16"), "é", "utf-16-le"),
        (b"\xfe\xff" + page("é").encode("utf-16-be"), "é", "utf-16-be"),
        (page("é").encode("utf-16-le"), "é", "utf-16-le"),
        (b"\0\n" + page("é").encode("utf-16-be"), "é", "utf-16-be"),
        (page("é").encode("utf-32"), "é", "utf-32-le"),
        # declared
        (page("é “x”", declared("iso-8859-1")).encode("cp1252"), "é “x”", "windows-1252"),
        (page("é", "<meta charset = 'LATIN1'>").encode("cp1252"), "é", "windows-1252"),
        (page("镕朱", declared("gb2312")).encode("gb18030"), "镕朱", "gb18030"),
        (page("①髙", declared("Shift_JIS")).encode("cp932"), "①髙", "cp932"),
        (page("①", declared("x-sjis")).encode("cp932"), "①", "cp932"),
        (page("똠", declared("euc-kr")).encode("cp949"), "똠", "cp949"),
        (page("똠", declared("ks_c_5601-1987")).encode("cp949"), "똠", "cp949"),
        (page("ğ", declared("iso-8859-9")).encode("cp1254"), "ğ", "windows-1254"),
        (page("ж", declared("windows-1251")).encode("cp1251"), "ж", "windows-1251"),
        (page("ж", declared("win1251")).encode("cp1251"), "ж", "windows-1251"),
        (page("ж", declared("koi8-r")).encode("koi8-r"), "ж", "koi8-r"),
        (
            page("ł", '<META content="text/html; charset=iso-8859-2" http-equiv=x>').encode("iso8859-2"),
            "ł",
            "iso8859-2",
        ),
        (
            b'<?xml version="1.0" encoding="windows-1251"?><html><body>'
            + "ж".encode("cp1251")
            + b"</body></html>",
            "ж",
            "windows-1251",
        ),
        (page(JAPANESE, declared("iso-2022-jp")).encode("iso2022_jp"), JAPANESE, "iso2022_jp"),
        (
            page("é", "<!-- <meta charset=koi8-r> -->" + declared("latin1")).encode("cp1252"),
            "é",
            "windows-1252",
        ),
        # declared wrongly
        (page("é", declared("iso-8859-1")).encode(), "é", "utf-8"),
        (page("é", declared("utf-16")).encode(), "é", "utf-8"),
        (page("中" * 100 + "x", declared("gbk")).encode()[:-16] + b"\xe4\xb8", "中" * 99, "utf-8"),
        (page(GERMAN, declared("utf-8")).encode("cp1252"), GERMAN, "windows-1252"),
        (page("中文" * 200, declared("gbk")).encode("gbk") + b"<p>\xff\xff", "中文", "gb18030"),
        # declared as what is no character encoding
        *(
            (page("caf\xe9", declared(name)).encode("cp1252"), "café", "windows-1252")
            for name in (
                *("hex", "rot13", "base64", "zip", "utf-7", "idna", "punycode", "unicode_escape", "cp037"),
                *("undefined", "x" * 100, "no-such", "utf_8_sig_", "mbcs", "..", "raw_unicode_escape"),
            )
        ),
        # undeclared
        (page(RUSSIAN).encode("cp1251"), RUSSIAN, "windows-1251"),
        (page(RUSSIAN).encode("koi8-r"), RUSSIAN, "koi8-r"),
        (page(CHINESE).encode("gb18030"), CHINESE, "gb18030"),
        (page(TAIWANESE).encode("big5"), TAIWANESE, "big5hkscs"),
        (page(JAPANESE).encode("cp932"), JAPANESE, "cp932"),
        (page(JAPANESE).encode("euc-jp"), JAPANESE, "euc_jp"),
        (page(JAPANESE).encode("iso2022_jp"), JAPANESE, "iso2022_jp"),
        (page(KOREAN).encode("cp949"), KOREAN, "cp949"),
        (page(FRENCH).encode("cp1252"), FRENCH, "windows-1252"),
        (page(GERMAN).encode("cp1252"), GERMAN, "windows-1252"),
        (page(POLISH).encode("cp1250"), POLISH, "windows-1250"),
        (page("caf\xe9").encode("cp1252"), "café", "windows-1252"),
        (page("<!-- x -->" * 3000 + RUSSIAN).encode("cp1251"), RUSSIAN, "windows-1251"),
    ],
)
def test_encodings(data: bytes, text: str, encoding: str) -> None:
    loaded = load_page(data, LIMITS)
    assert text in text_of(loaded)
    assert loaded.encoding == encoding
    if data.strip()[:1] == b"<":
        assert text_of(load_page(gzip.compress(data), LIMITS)) == text_of(loaded)


def test_broken_bytes_are_replaced() -> None:
    assert text_of(
        load_page(page("ab" * 200 + "éà|", declared("utf-8")).encode().replace(b"|", b"\xff"), LIMITS)
    ).endswith("éà\ufffd")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_kinds_of_bytes(kind: Any) -> None:
    assert text_of(load_page(kind(b"<p>x</p>"), LIMITS)) == "x"
    assert decode_text(kind("é".encode())) == "é"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"),
        ("é".encode("utf-8-sig"), "é"),
        (GERMAN.encode("cp1252"), GERMAN),
        (b"<p>x</p>", "<p>x</p>"),
        (gzip.compress(b"plain"), "plain"),
        (b"x^2 + \xe9", "x^2 + é"),
        (b"nothing but a na\xefve text", "nothing but a naïve text"),
    ],
)
def test_decode_text(data: bytes, text: str) -> None:
    assert decode_text(data) == text


@pytest.mark.parametrize("seed", range(5))
def test_undecodable(seed: int) -> None:
    data = b"\x80" + random.Random(seed).randbytes(3000)
    with pytest.raises(UndecodableInput):
        load_page(data, LIMITS)
    with pytest.raises(UndecodableInput):
        decode_text(data)


# Compression.

HTML_BYTES = page("".join(f"<p>paragraph {i} café</p>" for i in range(3000))).encode()


def zstd_compress(data: bytes) -> bytes:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            module: Any = importlib.import_module(name)
        except ImportError:
            continue
        return bytes(module.compress(data))
    zstandard: Any = pytest.importorskip("zstandard")
    return bytes(zstandard.ZstdCompressor().compress(data))


def brotli_compress(data: bytes) -> bytes:
    brotli: Any = pytest.importorskip("brotli")
    return bytes(brotli.compress(data))


@pytest.mark.parametrize(
    "compress",
    [
        gzip.compress,
        lambda data: gzip.compress(data[:1000]) + gzip.compress(b"") + gzip.compress(data[1000:]),
        lambda data: gzip.compress(data) + b"\0" * 100,
        lambda data: gzip.compress(data) + b"\r\n",
        *(lambda data, level=level: zlib.compress(data, level) for level in (1, 4, 6, 9)),
        brotli_compress,
        zstd_compress,
        lambda data: zstd_compress(data[:1000]) + zstd_compress(data[1000:]),
    ],
)
def test_compression(compress: Any) -> None:
    for content in (HTML_BYTES, b"<p>x</p>", HTML_BYTES.decode().encode("utf-16")):
        assert text_of(load_page(compress(content), LIMITS)) == text_of(load_page(content, LIMITS))
    assert len(decode_text(compress(HTML_BYTES), Limits(decompressed_bytes=len(HTML_BYTES)))) > 0
    with pytest.raises(TooLarge) as caught:
        load_page(compress(HTML_BYTES), Limits(decompressed_bytes=len(HTML_BYTES) - 1))
    assert caught.value.limit == "decompressed_bytes"


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress, brotli_compress, zstd_compress])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_cut_compression(compress: Any, kept: float) -> None:
    data = compress(HTML_BYTES)
    with pytest.raises(BadCompression, match="cut or damaged"):
        load_page(data[: int(len(data) * kept)], LIMITS)


@pytest.mark.parametrize(
    "data",
    [
        b"\x1f\x8b",
        b"\x1f\x8b\x08",
        gzip.compress(b"<p>")[:10],
        gzip.compress(HTML_BYTES)[:-8] + b"\0" * 8,
        gzip.compress(b"") * 20_000,
        b"\xfd7zXZ\0\0",
        b"BZh91AY&SY\x12",
        b"\x1f\x9d\x90",
    ],
)
def test_bad_compression(data: bytes) -> None:
    with pytest.raises(BadCompression):
        load_page(data, LIMITS)


def test_gzip_bomb_is_cheap() -> None:
    bomb = gzip.compress(b"<html>" + bytes(50_000_000), 9) * 10
    assert len(bomb) < 500_000
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match=r"40,000,000.*decompressed_bytes"):
            load_page(bomb, LIMITS)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_missing_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    packed, zstd_magic = brotli_compress(HTML_BYTES), b"\x28\xb5\x2f\xfd\0\0"
    for name in ("brotli", "brotlicffi", "compression.zstd", "backports.zstd", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(BadCompression, match="pip install 'brotli"):
        load_page(packed, LIMITS)
    with pytest.raises(BadCompression, match=r"pip install backports\.zstd"):
        load_page(zstd_magic, LIMITS)
    assert decode_text(GERMAN.encode("cp1252")) == GERMAN


# Bounds and types.

EMPTY = ["", " \n\t", "\ufeff", "\ufeff \n", "\u3000\xa0"]


@pytest.mark.parametrize("text", EMPTY)
def test_empty(text: str) -> None:
    for value in (text, text.encode()):
        with pytest.raises(EmptyInput):
            load_page(value, LIMITS)
    with pytest.raises(EmptyInput):
        check_text(text, LIMITS)


def test_nothing_but_nuls() -> None:
    for value in ("\0" * 100, b"\0" * 100):
        with pytest.raises(EmptyInput):
            load_page(value, LIMITS)


@pytest.mark.parametrize("value", ["<p>" + "x" * 100, b"<p>" + b"x" * 100, memoryview(b"<p>" + b"x" * 100)])
def test_too_large(value: Any) -> None:
    with pytest.raises(TooLarge) as caught:
        load_page(value, Limits(input_bytes=102))
    assert (caught.value.limit, caught.value.allowed, caught.value.found) == ("input_bytes", 102, 103)
    assert load_page(value, Limits(input_bytes=103))


class Response:
    content = b"<p>x</p>"


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (None, "download probably failed"),
        (1, "str, bytes or lxml tree, not int"),
        (["<p>x</p>"], "not list"),
        (Path("x.html"), r"read_bytes\(\)"),
        (io.BytesIO(b"<p>x</p>"), r"its read\(\) returns"),
        (Response(), "pass its content"),
    ],
)
def test_wrong_type(value: Any, hint: str) -> None:
    with pytest.raises(TypeError, match=hint):
        load_page(value, LIMITS)


@pytest.mark.parametrize(("value", "hint"), [(None, "None"), (b"text", "decode it first"), (1, "not int")])
def test_wrong_type_of_text(value: Any, hint: str) -> None:
    with pytest.raises(TypeError, match=hint):
        check_text(value, LIMITS)
    if not isinstance(value, bytes):
        with pytest.raises(TypeError):
            decode_text(value)


def test_file_names_are_not_read() -> None:
    with pytest.raises(NotHTML, match="name of a file: pass its content"):
        load_page(str(Path(__file__).with_suffix(".html")), LIMITS)


class Text(str):
    __slots__ = ()


def test_subclass_of_str() -> None:
    assert text_of(load_page(Text("<p>x</p>"), LIMITS)) == "x"
    assert type(check_text(Text("x"), LIMITS)) is str


# Plain text.


@pytest.mark.parametrize(
    ("text", "checked"),
    [
        ("plain", "plain"),
        ("a\0b", "a\ufffdb"),
        ("a\ud800b\udfffc", "a\ufffdb\ufffdc"),
        ("\ud83d\ude00", "\ufffd\ufffd"),
        ("\ufeffa\x0cb\r\nc\x1b[0m", "\ufeffa\x0cb\r\nc\x1b[0m"),
        ("words and so on " * 10 + "\0" * 8, "words and so on " * 10 + "\ufffd" * 8),
    ],
)
def test_check_text(text: str, checked: str) -> None:
    if text == "\ud83d\ude00":
        with pytest.raises(NotText):
            check_text(text, LIMITS)
        return
    assert check_text(text, LIMITS) == checked
    assert len(checked) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "\0\0\0",
        random.Random(1).randbytes(3000).decode("latin-1"),
        random.Random(2).randbytes(3000).decode("utf-8", "replace"),
        "text " * 5 + "\x01\x02" * 50,
    ],
)
def test_not_text(text: str) -> None:
    with pytest.raises(NotText):
        check_text(text, LIMITS)


def test_text_too_large() -> None:
    with pytest.raises(TooLarge, match="input_bytes"):
        check_text("x" * 11, Limits(input_bytes=10))


# Anything at all.

_TAGS = (
    "<html> </html> <html/> <body> </body> <head> </head> <p> </p> <b> </b> <table> <td> <script> </script>"
    " <title> <svg> </template> <frameset> <plaintext> <textarea> {x} <p{y}> <!-- --> <!doctype <?xml ]]>"
    " <![CDATA["
)
_REST = "&#0; &#1; &#xD800; \0 \x0b \ufffe \ud800 \ufeff < > / = ' \" { [ é 中 text"
PIECES = st.lists(st.sampled_from(_TAGS.split() + _REST.split(" ") + [" "])).map("".join)
QUICK = settings(max_examples=150, deadline=None)


def check_any(value: str | bytes) -> None:
    try:
        loaded = load_page(value, LIMITS)
    except NoiseFilterError:
        return
    assert [child.tag for child in loaded.tree] in (["body"], ["head", "body"])
    assert loaded.tree.getnext() is None
    assert loaded.tree.getparent() is None
    serialised = etree.tostring(loaded.tree, method="html", encoding="unicode")
    assert not FORBIDDEN.search(serialised)


@QUICK
@given(st.text() | PIECES)
@example(".")
@example("<p>\ud800")
def test_any_str(text: str) -> None:
    check_any(text)
    looks_like_html(text)
    try:
        checked = check_text(text, LIMITS)
    except NoiseFilterError:
        return
    assert len(checked) == len(text)
    checked.encode()


@QUICK
@given(st.binary() | PIECES.map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"\x06")
@example(b"\x1f\x8b\x08\0\0\0\0\0")
def test_any_bytes(data: bytes) -> None:
    check_any(data)
    with suppress(NoiseFilterError):
        decode_text(data).encode()


@QUICK
@given(st.sampled_from(["gzip", "zlib", "brotli"]), st.integers(0, 400), st.binary(max_size=8))
def test_damaged_bytes(kind: str, position: int, junk: bytes) -> None:
    compress: Any = {"gzip": gzip.compress, "zlib": zlib.compress, "brotli": brotli_compress}[kind]
    data = compress(HTML_BYTES[:3000])
    check_any(data[:position] + junk + data[position + len(junk) :])


@QUICK
@given(PIECES)
def test_no_text_vanishes(text: str) -> None:
    """What libxml2 makes of a page, siblings of the root included, is all there."""
    source = re.sub(r"[\0\x0b\ufffe\ufeff\ud800]|&#\w+;", "", text)
    try:
        loaded = load_page(source, LIMITS)
    except NoiseFilterError:
        return
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    root = etree.fromstring(source.encode(), parser)
    expected = [] if root is None else [root, *root.itersiblings()]
    found = sorted("".join(text_of(loaded).split()))
    assert found == sorted("".join("".join(str(t) for part in expected for t in part.itertext()).split()))


UNITS = [
    *("<", "<!doctype ", "<!doctype x", "<html ", "&#", "&#0", "<!--", "<!---->"),
    *("<?", "<b ", "<b/", "</b>", " ", "'<b>", "<b a", "["),
    *("{ ", "<html></html>x", "x</body>", "<body>x</body>", "\0", "<p>a\0", "<meta charset=", "\ud800"),
    *("<?xml ", "\ufeff", "/", ">", "<p>", "<x:y>", "\x1b$", "x^"),
    *("a.html", "<br>x", "<?x>", "< !doctype /", "&#1;"),
]


@pytest.mark.parametrize("unit", UNITS)
def test_linear_time(unit: str) -> None:
    for start in ("", "<", "<p>", "<!doctype ", "{"):
        text = start + unit * (150_000 // len(unit)) + "x"
        for value in (text, text.encode("utf-8", "surrogatepass")):
            begin = time.perf_counter()
            check_any(value)
            assert time.perf_counter() - begin < 1.5
        begin = time.perf_counter()
        looks_like_html(text)
        assert time.perf_counter() - begin < 0.5
