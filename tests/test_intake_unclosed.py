"""Elements that are never closed and swallow the article."""

import pytest

import noisefilter
from noisefilter.intake import KEPT_DEPTH, load_page
from noisefilter.intake.unclosed import MIN_CHARS
from noisefilter.limits import Limits

SENTENCE = "Old Marit keeps the log and writes down the hour, the wind and the colour of the water. "
PARAGRAPHS = [f"{number}. {SENTENCE * 3}".strip() for number in range(3)]
ARTICLE = "<h1>The keeper of the log</h1>" + "".join(f"<p>{text}</p>" for text in PARAGRAPHS)


@pytest.mark.parametrize(
    "page",
    [
        f"<body><button>Menu {ARTICLE}",
        f"<body><div><button><i></i></div><button>Search<main>{ARTICLE}</main></body>",
        f"<body><select><option>English<option>Deutsch{ARTICLE}</body>",
        f"<body><svg><path d='M0 0'>{ARTICLE}</body>",
        f"<body><video src=v.mp4>{ARTICLE}</body>",
        f"<body><object><map>{ARTICLE}</body>",
        f"<body><ruby>Wort<rt>{ARTICLE}</body>",
        f"<body><textarea>{ARTICLE}</body>",
        f"<body><p>Menu <button>{ARTICLE}",
        f"<body><p>Menu <svg><p><object>{ARTICLE}",
        f"<body>{'<div>' * 240}<textarea>{'<div>' * 200}{ARTICLE}",
        f"<body><iframe src=a>{ARTICLE}</body>",
        f"<html><head><title>{ARTICLE}",
        f"<html><frameset><frame src=a><noframes><body>{ARTICLE}</body></noframes></frameset></html>",
        f"<body><p>Menu</p><xmp>{ARTICLE}",
        f"<head><title>Log</title><my-app></my-app><main>{ARTICLE}</main>",
        f"<html><head><script></script><x-app>{ARTICLE}</x-app></head><body></body>",
    ],
)
def test_an_article_in_it_is_kept(page: str) -> None:
    article = noisefilter.clean(page)
    assert [block.text for block in article.blocks if block.kept][-3:] == PARAGRAPHS
    assert "The keeper of the log" in [block.text for block in article.blocks]


@pytest.mark.parametrize(
    "inside",
    ["Menu", "<p>Menu</p>", SENTENCE * 9, f"<div>{SENTENCE * 9}</div>", f"<p>{'x' * (MIN_CHARS - 1)}</p>"],
)
def test_other_buttons_stay_buttons(inside: str) -> None:
    tree = load_page(f"<body><p>{SENTENCE}</p><button>{inside}</button></body>", Limits()).tree
    assert len(list(tree.iter("button"))) == 1


def test_the_head_keeps_what_belongs_there() -> None:
    head = f"<head><title>Log</title><link rel=a href=b><x-app></x-app><main>{ARTICLE}</main><meta name=a>"
    tree = load_page(head + "</head><body><p>Behind it.</p></body>", Limits()).tree
    assert [child.tag for child in tree.find("head")][:2] == ["title", "link"]
    texts = [text for text in map(str.strip, map(str, tree.find("body").itertext())) if text]
    assert texts == ["The keeper of the log", *PARAGRAPHS, "Behind it."]


def test_notices_for_readers_without_scripts_stay_in_the_head() -> None:
    page = f"<head><noscript>{ARTICLE}</noscript></head><body><p>{SENTENCE}</p></body>"
    assert [block.text for block in noisefilter.clean(page).blocks] == [SENTENCE.strip()]


@pytest.mark.parametrize("tag", ["textarea", "iframe", "xmp", "noframes", "title"])
def test_markup_beside_an_article_stays_text(tag: str) -> None:
    """As in the editor of a wiki, which shows the page beside its source."""
    page = f"<body>{ARTICLE}<{tag}>{ARTICLE.replace('log', 'diary')}</{tag}></body>"
    texts = [block.text for block in noisefilter.clean(page).blocks if block.kept]
    assert texts[-3:] == PARAGRAPHS or texts[-4:-1] == PARAGRAPHS
    assert not any(text.startswith("1. Old Marit keeps the diary") for text in texts)


def test_a_title_that_is_never_closed_is_its_beginning() -> None:
    article = noisefilter.clean(f"<head><title>The keeper of the log{ARTICLE}")
    assert article.title == "The keeper of the log"


def test_what_cannot_be_read_stays() -> None:
    page = f"<body><textarea>{ARTICLE}{'<div>' * 40}<p>deep</p></textarea></body>"
    limits = noisefilter.Limits(depth_elements=20)
    assert "Old Marit" in noisefilter.Cleaner(limits=limits).clean(page).text


def test_deep_markup_in_raw_text_is_flagged() -> None:
    article = noisefilter.clean(f"<body><noframes>{'<div>' * 1_500}{ARTICLE}</noframes></body>")
    assert noisefilter.Flag.DEEP in article.flags
    assert article.signals.flattened_from > 1_500
    assert [block.text for block in article.blocks][-3:] == PARAGRAPHS
    tree = load_page(f"<body>{'<div>' * 240}<textarea>{'<div>' * 200}{ARTICLE}", Limits()).tree
    assert not tree.xpath("boolean(/*" + "/*" * KEPT_DEPTH + ")")
