"""Features: what models rely on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisefilter import features
from noisefilter.blocks.page import cut_page
from noisefilter.blocks.text import cut_text
from noisefilter.features.columns import Columns, shifted
from noisefilter.features.context import longest_run
from noisefilter.features.sequence import SEQUENCE_COLUMNS, sequence_columns
from noisefilter.intake import load_page
from noisefilter.limits import Limits

PAGE = "<div class='post entryTitle'><h1>Tides</h1><p>High water, <a href='/a'>twice</a> a day.</p></div>"


def page_features(html: str, title: str | None = None) -> features.Features:
    return features.extract(cut_page(load_page(html, Limits()).tree)[0], title)


def value(found: features.Features, row: int, name: str) -> float:
    return float(found.dense[row, found.names.index(name)])


def test_number_of_columns_is_as_declared() -> None:
    found = page_features(PAGE)
    assert found.dense.shape == (2, features.PAGE_COLUMNS)
    assert len(found.names) == features.PAGE_COLUMNS
    assert found.n_text == features.TEXT_COLUMNS
    assert features.extract(cut_text("One\nTwo")).dense.shape == (2, features.TEXT_COLUMNS)
    assert sequence_columns(np.zeros(3, np.float32), np.ones(3, np.float32)).matrix().shape == (
        3,
        SEQUENCE_COLUMNS,
    )


def test_names_are_unique() -> None:
    names = page_features(PAGE).names
    assert len(set(names)) == len(names)


def test_title_overlap_and_repetition() -> None:
    found = features.extract(
        cut_text("Rain in May\nSome other words here\nRain in May"), "Rain in May | Ledger"
    )
    assert value(found, 0, "part of the title") == 1
    assert value(found, 1, "part of the title") == 0
    assert value(found, 2, "repeats an earlier block") == 1
    assert value(found, 0, "repeats an earlier block") == 0


def test_link_density_and_region() -> None:
    found = page_features("<nav><a href='/x'>All of it</a></nav><p>None of it</p>")
    assert value(found, 0, "link density 0.995 or more") == 1
    assert value(found, 0, "inside nav") == 1
    assert value(found, 1, "link density under 0.01") == 1


def test_off_topic_fragment_between_prose() -> None:
    prose = "The river rose by a metre overnight and the lower meadows stood under water by the morning."
    text = f"{prose}\n\ncheap printer cartridges shipped\n\n{prose.replace('rose', 'fell')}"
    assert value(features.extract(cut_text(text)), 1, "fragment between prose, off topic") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [("one two", 2), ("汉字", 1), ("one 汉字 two", 3), ("--", 0), ("สวัสดี", 3)],
)
def test_words_are_counted(text: str, words: float) -> None:
    assert features.word_counts([text])[0] == words


@given(
    st.lists(
        st.text(alphabet=st.characters(blacklist_characters="\r\n"), min_size=1), min_size=1, max_size=12
    )
)
def test_any_text_gives_finite_features(lines: list[str]) -> None:
    blocks = cut_text("\n".join(lines))
    if not len(blocks):
        return
    found = features.extract(blocks, lines[0])
    assert np.isfinite(found.dense).all()
    for entries in (found.grams, found.tokens):
        assert np.isfinite(entries.value).all()
        assert not entries.row.size or (entries.row.max() < len(blocks) and entries.row.min() >= 0)
        assert not entries.bucket.size or 0 <= entries.bucket.min() <= entries.bucket.max() < features.BUCKETS


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=30))
def test_longest_run_has_the_largest_sum(values: list[int]) -> None:
    first, last = longest_run(np.array(values, dtype=np.float32))
    sums = [sum(values[i : j + 1]) for i in range(len(values)) for j in range(i, len(values))]
    assert sum(values[first : last + 1]) == max(sums)


@given(st.integers(1, 6), st.integers(-7, 7))
def test_shifted_rows(n: int, by: int) -> None:
    columns = Columns(n)
    columns.add("number", np.arange(1, n + 1))
    got = shifted(columns.matrix(), by)[:, 0].tolist()
    assert got == [float(i + by + 1) if 0 <= i + by < n else 0.0 for i in range(n)]


def test_bins_cover_every_value_once() -> None:
    columns = Columns(5)
    columns.add_bins("x", [-1, 0, 0.5, 1, 9], (0, 1))
    assert columns.names == ["x under 0", "x 0 to 1", "x 1 or more"]
    assert columns.matrix().tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]]
