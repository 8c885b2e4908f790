"""Shapes of hostile input, each of which can be made as large as wanted."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt

from benchmarks.paragraphs import paragraphs

FIRST, MIDDLE, LAST = paragraphs(3, seed=5)


@dataclass(frozen=True, slots=True)
class Case:
    """A shape.

    Attributes:
        name: what is many or long in it.
        make: makes it with so many parts or, where there is one part, of so many characters.
        number: of parts of the smaller one.
        is_page: whether it is a page; else plain text.
    """

    name: str
    make: Callable[[int], str]
    number: int
    is_page: bool = True

    def lost(self, text: str, number: int) -> int:
        """How many of the three paragraphs are missing, of those that the input has."""
        missing = [paragraph for paragraph in (FIRST, MIDDLE, LAST) if paragraph not in text]
        if missing:
            made = self.make(number)
            missing = [paragraph for paragraph in missing if paragraph in made]
        return len(missing)


def page(head: str = "", inside: str = "", behind: str = "", body: str = "") -> str:
    """A page with an article of three paragraphs.

    Args:
        head: put into its head.
        inside: between the first and the second paragraph.
        behind: behind the article.
        body: attributes of the body.
    """
    return (
        f"<!DOCTYPE html><html lang=en><head><title>Long report</title>{head}</head><body {body}><article>"
        f"<h1>Long report</h1><p>{FIRST}</p>{inside}<p>{MIDDLE}</p><p>{LAST}</p>"
        f"</article>{behind}</body></html>"
    )


def linked(text: str) -> str:
    """A script of JSON-LD."""
    return f'<script type="application/ld+json">{text}</script>'


def _bare(body: str) -> str:
    """A page without an article, on which Trafilatura goes on to its last resorts."""
    return f"<html><body>{body}</body></html>"


def _referring(n: int) -> str:
    many = [{"@id": "x"}] * 100
    people = {"@id": "x", "@type": "Person", "name": [f"{i} name" for i in range(100)]}
    pages = [{"@type": "WebPage", "publisher": many, "datePublished": many} for _ in range(n)]
    return page(linked(json.dumps({"@graph": [people, *pages]})))


def _forum(n: int) -> str:
    posts = [{"cooked": f"<p>{MIDDLE} {i}</p>"} for i in range(n)]
    data = json.dumps({"topic_1": json.dumps({"post_stream": {"posts": posts}})}).replace('"', "&quot;")
    return _bare(f'<div id="data-preloaded" data-preloaded="{data}"></div>')


def _after_a_gap(n: int) -> str:
    return FIRST + "\n" * 100 * n + "".join(f"Share on Facebook {i % 7}\n" for i in range(n)) + MIDDLE


def _numbered(form: str) -> Callable[[int], str]:
    return lambda n: "".join(form.format(i) for i in range(n))


def _head(form: str) -> Callable[[int], str]:
    return lambda n: page(head=_numbered(form)(n))


def _inside(unit: str, around: str = "{}") -> Callable[[int], str]:
    return lambda n: page(inside=around.format(unit * n))


def _behind(unit: str) -> Callable[[int], str]:
    return lambda n: page() + unit * n


def _halves(parts: list[str], around: str = "{}") -> str:
    """An article of three paragraphs with so much between each two."""
    half = len(parts) // 2
    first, second = (around.format("".join(some)) for some in (parts[:half], parts[half:]))
    return _bare(f"<article><p>{FIRST}</p>{first}<p>{MIDDLE}</p>{second}<p>{LAST}</p></article>")


def _table(n: int) -> str:
    rows = "".join(f"<tr>{f'<td>cell {row}' * isqrt(n)}" for row in range(isqrt(n)))
    return page(inside=f"<table>{rows}</table>")


_THREE = f"{FIRST} {MIDDLE} {LAST}"
_BRANCH = f"{'<i>' * 57}x{'</i>' * 57}y "


def _prose(n: int) -> str:
    """So many characters of text."""
    return "\n\n".join(paragraphs(n // 150, seed=6))[:n]


_LARGE: dict[str, tuple[int, Callable[[int], str]]] = {
    "distinct paragraphs": (10_000, lambda n: _halves([f"<p>{text}</p>" for text in paragraphs(n, seed=6)])),
    "unclosed p, a sentence each": (
        25_000,
        lambda n: _halves([f"<p>{text.partition('. ')[0]}" for text in paragraphs(n, seed=6)]),
    ),
    "links": (25_000, lambda n: _halves([f"<a href=/{i}>link {i}</a> " for i in range(n)])),
    "cells of a square table": (22_500, _table),
    "div within div": (500, lambda n: page(inside=f"{'<div>' * n}<p>{LAST}</p>{'</div>' * n}")),
    "div within div, too many": (5_000, lambda n: page(inside=f"{'<div>' * n}<p>{LAST}</p>{'</div>' * n}")),
    "characters of an attribute": (
        2_500_000,
        lambda n: page(inside=f'<p data-x="{"word " * (n // 5)}">x</p>'),
    ),
    "headings at the end": (
        12_500,
        lambda n: _bare(f"<article><p>{FIRST}</p><p>{MIDDLE}</p><p>{LAST}</p>{'<h2>x</h2>' * n}</article>"),
    ),
    "fieldsets within one": (
        12_500,
        lambda n: page(inside=f"<fieldset>{'<fieldset>x</fieldset>' * n}</fieldset>"),
    ),
    "items of a list with a long attribute": (
        2_500,
        lambda n: page(inside=f'<ul data-x="{"word " * (200 * n)}">{"<li>x</li>" * n}</ul>'),
    ),
    "branches of a deep element with a long attribute": (
        250,
        lambda n: page(behind=f'{"<div>" * 210}<div data-x="{"word " * (100 * n)}">' + _BRANCH * n),
    ),
    "elements of 140 attributes": (
        2_500,
        lambda n: page(inside=f"<b {' '.join(f'a{i}' for i in range(140))}>x</b> " * n),
    ),
    "lines within 120 links": (12_500, lambda n: page(behind="<a href=/x><div>" * 120 + "x<br>" * n)),
    "paragraphs within 120 paragraphs": (
        12_500,
        lambda n: page(behind="<p><button>" * 120 + "<p>x</p>" * n),
    ),
    "raw text within 120 paragraphs": (
        12_500,
        lambda n: _bare("<textarea>" + "<object><p>" * 120 + "word <b>x</b>" * n),
    ),
    "attributes in JSON-LD": (
        12_500,
        lambda n: _bare(
            linked(
                json.dumps({"@type": "Article", "articleBody": f"<p {_numbered('a{0} ')(n)}>{_THREE}</p>"})
            )
            + "<p>x</p>"
        ),
    ),
    "characters of a text node": (3_000_000, lambda n: page(inside=f"<p>{_prose(n)}</p>")),
}
_PAGES: dict[str, tuple[int, Callable[[int], str]]] = {
    # What the page declares.
    "meta elements": (25_000, _head('<meta name="k{0}" content="v{0}">')),
    "meta elements of a name": (25_000, _head('<meta property="og:title" content="Late again {0}">')),
    "dates that are none": (25_000, _head('<meta name="date" content="31/31/2020 31/31/2021 {0}">')),
    "long addresses": (100, lambda n: page(f'<meta property="og:url" content="ftp://{"a" * 30_000}">' * n)),
    "one address": (
        250_000,
        lambda n: page(f'<link rel=canonical href="https://a.example/{"a/2099/99/99/" * (n // 12)}">'),
    ),
    "characters of a title": (1_000_000, lambda n: page().replace("Long report", "Long " * (n // 5), 1)),
    "blanks in a title": (1_000_000, lambda n: page().replace("Long report", " " * n, 1)),
    "characters of authors": (
        500_000,
        lambda n: page(f'<meta name=author content="{"Ada Moor, " * (n // 10)}">'),
    ),
    "characters of keywords": (
        500_000,
        lambda n: page(f'<meta name=news_keywords content="{"tide, " * (n // 6)}">'),
    ),
    "JSON-LD, depth": (100_000, lambda n: page(linked('{"@graph":[' * n))),
    "JSON-LD, references": (30, _referring),
    "JSON-LD, lists of types": (50_000, lambda n: page(linked('"DiscussionForumPosting"' + '"@type":[' * n))),
    "JSON-LD, tag in a text": (
        50_000,
        lambda n: _bare(linked(json.dumps({"articleBody": "<a " + "=" * n})) + "<p>x"),
    ),
    "JSON-LD, texts": (
        5_000,
        lambda n: _bare(linked(json.dumps([{"articleBody": f"{FIRST} {i}"} for i in range(n)]))),
    ),
    "JSON-LD, digits of a number": (100_000, lambda n: page(linked("[" + "9" * n + "]"))),
    "JSON-LD, scripts": (2_500, lambda n: page(linked('{"@type":"NewsArticle","headline":"Late"}') * n)),
    "preloaded posts": (2_000, _forum),
    "itemprop, authors in one": (
        25_000,
        lambda n: page(inside=f'<span itemprop="{"author " * n}">{"<b>x</b>" * 1000}</span>'),
    ),
    "itemprop, authors": (25_000, _inside('<span itemprop="author">x</span>')),
    "itemprop, dates within each other": (
        25_000,
        _inside("<b>x</b> ", '<div itemprop="datePublished">' * 100 + "{}" + "</div>" * 100),
    ),
    "rel=author": (25_000, _inside('<a rel="author">1</a> ')),
    "time elements": (25_000, _inside('<time datetime="99:99">now</time> ')),
    # Headings, inline markup.
    "headings": (12_500, lambda n: page(inside=_numbered("<h2>Heading {0}</h2>")(n))),
    "characters of h1": (1_000_000, lambda n: page(inside=f"<h1>{'word ' * (n // 5)}</h1>")),
    "links to one address": (12_500, _inside('<a href="/same">link</a> ')),
    "unclosed a": (25_000, _inside("<a href=x>link ")),
    "unclosed b and i": (25_000, _inside("<b><i>")),
    "unclosed font": (12_500, _inside("<font>x")),
    "b": (25_000, _inside("<b>x</b> ", "<p>{}</p>")),
    "empty span": (25_000, _inside("<span></span>x ", "<p>{}</p>")),
    "empty sub": (25_000, _inside("<sub></sub>x ", "<p>{}</p>")),
    "span with class": (
        25_000,
        lambda n: page(inside=f"<p>{_numbered('<span class=c{0}>w </span>')(n)}</p>"),
    ),
    "q between blocks": (12_500, _inside("<q>said it so</q> and ")),
    "code": (12_500, _inside("<code>x</code> and ", "<p>{}</p>")),
    "custom elements": (12_500, lambda n: page(inside=_numbered("<x-{0}>words here</x-{0}>")(n))),
    "Trafilatura's own elements": (12_500, _inside("<ref>a</ref> <hi>b</hi> <lb>d</lb> ", "<p>{}</p>")),
    "graphic elements": (
        100,
        _inside(f'<li>text <graphic src="{"a" * 8_000}"></graphic> more', "<ul>{}</ul>"),
    ),
    # Lists, tables, quotations.
    "list items": (12_500, _inside("<li>item", "<ul>{}</ul>")),
    "lists": (12_500, _inside("<ul><li>item one of many</ul>")),
    "lists within a list": (12_500, _inside("<li>x<ul><li>y</ul>", "<ul>{}</ul>")),
    "lists within each other": (60, _inside("<ul><li>item ")),
    "definitions": (12_500, _inside("<dt>term<dd>what it is ", "<dl>{}</dl>")),
    "quotations": (12_500, _inside("<blockquote>quoted words</blockquote>")),
    "quotations within each other": (60, _inside("<blockquote><p>quote ")),
    "tables": (2_500, _inside("<table><tr><td>a<td>b<tr><td>c<td>d</table>")),
    "tables within each other": (60, _inside("<table><tr><td>cell ")),
    "cells of a row": (12_500, _inside("<td>a", "<table><tr>{}</table>")),
    "rowspan": (2_500, _inside("<tr><td rowspan=100>a<td>b", "<table>{}</table>")),
    "colspan 9007199254740991": (2_500, _inside("<tr><td colspan=9007199254740991>a", "<table>{}</table>")),
    "captions": (12_500, _inside("<caption>x</caption>", "<table>{}<tr><td>a</table>")),
    "b in a cell": (12_500, _inside("<b>x</b> y ", "<table><tr><td>{}<td>z</table>")),
    # Attributes, what is not shown, syntax.
    "attributes of an element": (5_000, lambda n: page(inside=f"<p {_numbered('a{0}=1 ')(n)}>words</p>")),
    "attributes of body": (5_000, lambda n: page(body=_numbered("a{0}=1 ")(n)) + "<p>more</p>"),
    "characters of class": (250_000, lambda n: page(inside=f'<p class="{"word " * (n // 5)}">words</p>')),
    "characters of style": (250_000, lambda n: page(inside=f'<p style="{"display: " * (n // 9)}">words</p>')),
    "options": (25_000, _inside("<option>one", "<select>{}</select>")),
    "nodes of a drawing": (100_000, _inside('<path d="M0 0"/>', "<svg>{}</svg>")),
    "drawings": (25_000, _inside("<svg><title>x</title></svg>")),
    "comments": (25_000, _inside("<!-- x -->text ", "<p>{}</p>")),
    "comments before the page": (25_000, lambda n: "<!-- x -->" * n + page()),
    "characters of a doctype": (1_000_000, lambda n: f"<!DOCTYPE html {'x ' * (n // 2)}>" + page()),
    "entities": (250_000, _inside("&eacute;", "<p>{}</p>")),
    "entities that are none": (250_000, _inside("&#", "<p>{}</p>")),
    "references to controls": (25_000, _inside("<b>&#1;</b>&#2;x", "<p>{}</p>")),
    "<": (250_000, _inside("< ", "<p>{}</p>")),
    "tags without an end": (250_000, _inside("<a ", "<p>{}")),
    "end tags": (100_000, _inside("</p>")),
    "html elements": (10_000, _behind("<html><body><p>more text here</p></body></html>")),
    "text behind html": (10_000, _behind("<p>more text <b>here</b></p> and here")),
    "noscript": (10_000, _inside("<noscript>enable scripts</noscript>")),
    "nothing but noscript": (
        10_000,
        lambda n: _bare(_numbered("<noscript><p>enable scripts {0} please</p></noscript>")(n)),
    ),
    "scripts": (25_000, _inside("<script>x</script>y ")),
    "nothing but scripts": (12_500, lambda n: _bare("<script>x</script><svg></svg><style></style>" * n)),
    "pictures": (25_000, _inside("<img src=a.png>x ", "<p>{}</p>")),
    "forms": (12_500, _inside("<form>y</form>z ")),
    "side bars": (12_500, _inside('<div class="sidebar">side words here</div> tail ')),
    "cookie notices": (12_500, lambda n: _bare('<div class="cookie-banner">we use cookies</div>y ' * n)),
    "articles": (12_500, lambda n: page(behind="<article><p>Another teaser here</p></article>" * n)),
    "private-use characters": (25_000, _inside("\ue001 \U000f0001\U00100001 x", "<p>{}</p>")),
    "NULs": (250_000, _inside("\0", "<p>{}</p>")),
    "combining marks": (250_000, _inside("\u0301", "<p>a{}</p>")),
}
_TEXTS: dict[str, tuple[int, Callable[[int], str]]] = {
    "text: paragraphs": (2_500_000, lambda n: f"{FIRST}\n\n{_prose(n)}\n\n{MIDDLE}"),
    "text: line breaks before dropped lines": (12_500, _after_a_gap),
    "text: blanks": (1_000_000, lambda n: f"{FIRST}{' ' * n}\n{MIDDLE}"),
    "text: short lines": (12_500, lambda n: "\n".join((FIRST, *map(str, range(n)), MIDDLE))),
    "text: one word": (1_000_000, lambda n: f"{FIRST}\n{'a' * n}\n{MIDDLE}"),
    "text: byte order marks": (12_500, lambda n: f"{FIRST}\n" + "\ufeff x\n" * n + MIDDLE),
    "text: tags": (
        50_000,
        lambda n: f"{FIRST}\n\nTags: {', '.join(f'tag{i}' for i in range(n))}\n\n{MIDDLE}",
    ),
    "text: authors": (
        50_000,
        lambda n: f"{FIRST}\n\nBy {', '.join(f'Ada Moor{i}' for i in range(n))}\n\n{MIDDLE}",
    ),
    "text: an address": (250_000, lambda n: f"{FIRST}\n\nSource: {'http://' * (n // 7)}\n\n{MIDDLE}"),
    "text: dates that are none": (
        2_500,
        lambda n: f"{FIRST}\n" + f"Published 31/31/2020 {'1.1.11 jan ' * 36}\n" * n + MIDDLE,
    ),
}
CASES = (
    *(Case(name, make, number) for name, (number, make) in (_LARGE | _PAGES).items()),
    *(Case(name, make, number, is_page=False) for name, (number, make) in _TEXTS.items()),
)
