"""Pages whose text stands in `noscript`."""

import noisefilter

POSTS = [
    "High water comes twice a day, says the harbour master, who has kept a log for thirty years.",
    "The log shows that the highest tides come a day or two after new moon and full moon.",
    "In March the sea reached the steps of the old customs house, as it had in the winter of 1983.",
    "A gauge at the end of the pier now sends the level to the town hall every ten minutes.",
    "Fishermen still trust the marks that their grandfathers cut into the harbour wall.",
    "The oldest mark is said to be from 1776, when boats were moored in the market square.",
]


def page(noscript: str, body: str) -> str:
    return f"<html><head><title>Tides</title></head><body>{body}<noscript>{noscript}</noscript></body></html>"


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def texts_of(html: str) -> list[str]:
    return [block.text for block in noisefilter.clean(html).blocks]


def test_text_that_only_noscript_holds_is_read() -> None:
    article = noisefilter.clean(page(paragraphs(POSTS), "<div id='app'></div>"))
    assert article.text.split("\n\n") == POSTS


def test_tree_is_read_alike_and_not_changed() -> None:
    from lxml import html

    given = html.document_fromstring(page(paragraphs(POSTS), "<div id='app'></div>"))
    before = html.tostring(given)
    assert [block.text for block in noisefilter.clean(given).blocks] == POSTS
    assert html.tostring(given) == before


def test_notice_in_noscript_is_no_block() -> None:
    notice = "Please enable JavaScript to see the comments."
    assert texts_of(page(notice, paragraphs(POSTS))) == POSTS


def test_noscript_that_repeats_less_than_the_page_is_no_block() -> None:
    assert texts_of(page(paragraphs(POSTS[:5]), paragraphs(POSTS))) == POSTS


def test_scripts_and_styles_inside_do_not_count_as_text() -> None:
    script = f"<style>{'a{color:red}' * 100}</style><script>{'x();' * 200}</script>"
    assert texts_of(page(script, paragraphs(POSTS[:2]))) == POSTS[:2]
