"""What is HTML, and what else an input is."""

import gzip
import random
import re

import pytest
from intake_helpers import LIMITS

from noisefilter.errors import (
    NotHTML,
    NotText,
)
from noisefilter.intake import decode_text, load_page, looks_like_html

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
