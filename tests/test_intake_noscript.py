"""Pages whose text stands in `noscript`."""

import pytest
from lxml import html as lxml_html

import noisefilter

POSTS = [
    "High water comes twice a day, says the harbour master, who has kept a log for thirty years.",
    "The log shows that the highest tides come a day or two after new moon and full moon.",
    "In March the sea reached the steps of the old customs house, as it had in the winter of 1983.",
    "A gauge at the end of the pier now sends the level to the town hall every ten minutes.",
    "Fishermen still trust the marks that their grandfathers cut into the harbour wall.",
    "The oldest mark is said to be from 1776, when boats were moored in the market square.",
]


def page(*parts: str) -> str:
    return f"<html><head><title>Tides</title></head><body>{''.join(parts)}</body></html>"


def noscript(inner: str) -> str:
    return f"<noscript>{inner}</noscript>"


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def texts_of(html: str) -> list[str]:
    return [block.text for block in noisefilter.clean(html).blocks]


def test_text_that_only_noscript_holds_is_read() -> None:
    article = noisefilter.clean(page("<div id='app'></div>", noscript(paragraphs(POSTS))))
    assert article.text.split("\n\n") == POSTS


def test_tree_is_read_alike_and_not_changed() -> None:
    given = lxml_html.document_fromstring(page("<div id='app'></div>", noscript(paragraphs(POSTS))))
    before = lxml_html.tostring(given)
    assert [block.text for block in noisefilter.clean(given).blocks] == POSTS
    assert lxml_html.tostring(given) == before


def test_posts_in_a_noscript_each_are_read() -> None:
    assert texts_of(page("<div></div>", *(noscript(f"<p>{post}</p>") for post in POSTS))) == POSTS


def test_same_text_in_two_is_read_once() -> None:
    twice = noscript(paragraphs(POSTS)) * 2
    assert texts_of(page("<div></div>", twice)) == POSTS


def test_notice_is_no_block() -> None:
    assert texts_of(page("<div id='app'></div>", noscript("<p>Please enable JavaScript.</p>"))) == []


def test_text_of_scripts_does_not_count() -> None:
    inner = f"<style>{'a{color:red}' * 100}</style><script>{'x();' * 200}</script><p>Enable scripts.</p>"
    assert texts_of(page("<div id='app'></div>", noscript(inner))) == []


def test_what_no_browser_shows_beside_an_article_is_no_block() -> None:
    spam = [f"Best casino bonus number {number}, win big now without any risk at all" for number in range(8)]
    assert texts_of(page(paragraphs(POSTS[:3]), noscript(paragraphs(spam)))) == POSTS[:3]


@pytest.mark.parametrize(
    "hiding",
    [
        "hidden",
        "aria-hidden='true'",
        "style='display: none'",
        "style='visibility:hidden'",
        "style='position:absolute; left:-9999px'",
    ],
)
def test_hidden_menu_does_not_outweigh_it(hiding: str) -> None:
    menu = f"<ul {hiding}>{'<li>World news and markets</li>' * 40}</ul>"
    texts = texts_of(page(menu, noscript(paragraphs(POSTS))))
    assert [text for text in texts if text in POSTS] == POSTS


def test_text_shown_inside_a_hidden_box_counts() -> None:
    shown = f"<div style='visibility:hidden'><div style='visibility:visible'>{paragraphs(POSTS)}</div></div>"
    assert texts_of(page(shown, noscript(paragraphs(POSTS[::-1])))) == POSTS
