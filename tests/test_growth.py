"""Shapes of input whose cost once grew faster than they do, each short and eight times as long."""

import copy
import pickle
import time
from collections.abc import Callable

import pytest

import noisefilter
from benchmarks.hostile import FACTOR, Cost, exponent, measure, row_of
from benchmarks.hostile_shapes import CASES, FIRST, LAST, MIDDLE, Case
from noisefilter import Article

CASE = {case.name: case for case in CASES}
LONGER = 8
MAX_GROWTH = 24
"""Times the time for `LONGER` times the input; were it quadratic, 64."""
ROUNDS = 5
FLOOR_S = 0.01

# The number of parts of the short one: so many that the quadratic part outweighed everything else.
SHAPES = {
    "JSON-LD, lists of types": 4_000,
    "attributes in JSON-LD": 4_000,
    "branches of a deep element with a long attribute": 100,
    "items of a list with a long attribute": 1_000,
    "paragraphs within 120 paragraphs": 4_000,
    "JSON-LD, tag in a text": 4_000,
    "headings at the end": 8_000,
    "html elements": 2_000,
    "nothing but noscript": 2_000,
    "nothing but scripts": 2_000,
    "text: line breaks before dropped lines": 3_000,
}


def grows_evenly(run: Callable[[str], object], short: str, long: str) -> bool:
    shorts: list[float] = []
    longs: list[float] = []
    for _ in range(ROUNDS):  # the best times count: other processes take their turns as well
        for text, times in ((short, shorts), (long, longs)):
            start = time.perf_counter()
            run(text)
            times.append(max(time.perf_counter() - start, FLOOR_S))
        if min(longs) <= MAX_GROWTH * min(shorts):
            return True
    return False


@pytest.mark.parametrize("name", SHAPES)
def test_shape(name: str) -> None:
    case, number = CASE[name], SHAPES[name]
    run = noisefilter.clean if case.is_page else noisefilter.clean_text
    assert grows_evenly(run, case.make(number), case.make(LONGER * number))


def explained(article: Article) -> None:
    for block in article.blocks:
        article.explain(block)


def test_explaining_all_blocks() -> None:
    def article_of(n: int) -> Article:
        # Elements without text: evidence on a block must not go through those of the whole page.
        entries = "".join(f"<p>Entry {i} of the log</p>{'<div class=x></div>' * 20}" for i in range(n))
        return noisefilter.clean(f"<html><body><article>{entries}</article></body></html>")

    articles = {str(n): article_of(n) for n in (100, LONGER * 100)}
    for article in articles.values():
        article.explain(article.blocks[0])  # what is worked out once for all blocks
    assert grows_evenly(lambda n: explained(articles[n]), *articles)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_explaining_a_copy(copied: Callable[[Article], Article]) -> None:
    text = "\n".join((FIRST, "Share", MIDDLE, "Share", LAST, "Share"))
    article = noisefilter.clean_text(text)
    expected = [article.explain(block) for block in article.blocks]
    assert expected[1] != expected[3]
    other = copied(article)
    assert other == article
    assert [other.explain(block) for block in other.blocks] == expected


def test_separators_of_dropped_lines() -> None:
    text = f"{FIRST}\n\n\n\nShare on Facebook\n\nShare on Facebook\n{MIDDLE}\nShare on Facebook\n\n{LAST}\n"
    assert noisefilter.clean_text(text).text == f"{FIRST}\n\n\n\n{MIDDLE}\n\n{LAST}\n"


# The benchmark itself.


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_all_shapes_can_be_made(case: Case) -> None:
    small, large = case.make(50), case.make(500)
    assert len(large) >= len(small) > 0
    assert FIRST in large or case.is_page


def test_measured_cost() -> None:
    cost = measure(CASE["headings"], 20)
    assert (cost.outcome, cost.within) == ("ok", True)
    assert cost.size > len(FIRST) and cost.peak_mb > 0
    assert measure(CASE["text: tags"], 20).outcome == "ok"
    assert CASE["headings"].lost(FIRST + LAST, 1) == 1


def test_verdicts() -> None:
    case = CASE["headings"]
    assert exponent(0.01, 0.02) is None
    assert exponent(1.0, FACTOR**2) == pytest.approx(2)
    assert row_of(case, Cost(100, 0.1, 0.5, outcome="ok"), Cost(400, 0.4, 2.0, outcome="ok"))[-1] == "ok"
    assert (
        row_of(case, Cost(100, 0.1, 0.3, outcome="ok"), Cost(400, 0.4, 4.0, outcome="ok"))[-1] == "ok, GROWS"
    )
    assert (
        row_of(case, Cost(100, 0.1, 3.0, outcome="ok"), Cost(400, 0.4, 9.0, outcome="ok"))[-1]
        == "ok, TOO SLOW"
    )
    assert row_of(case, Cost(100), Cost(400))[-1] == "killed, TOO SLOW"
