"""Features: what models rely on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisefilter import features
from noisefilter.blocks import Blocks
from noisefilter.blocks.page import cut_page
from noisefilter.blocks.text import cut_text
from noisefilter.features import columns, context, text
from noisefilter.features.columns import Columns
from noisefilter.features.context import longest_run
from noisefilter.features.hashed import Hashed
from noisefilter.features.sequence import PAGE_SEQUENCE, TEXT_SEQUENCE, sequence_columns
from noisefilter.features.structure import structure_of
from noisefilter.features.text import text_arrays, words_of
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


def test_number_of_columns_of_the_second_pass_is_as_named() -> None:
    blocks, _ = cut_page(load_page(PAGE, Limits()).tree)
    assert blocks.markup is not None
    logits, words = np.zeros(2, np.float32), np.ones(2, np.float32)
    page = sequence_columns(logits, words, structure_of(blocks))
    assert page.shape == (2, len(PAGE_SEQUENCE))
    assert sequence_columns(logits, words, None).shape == (2, len(TEXT_SEQUENCE))
    assert len(set(PAGE_SEQUENCE)) == len(PAGE_SEQUENCE)


def test_blocks_made_like_each_other_are_of_one_group() -> None:
    page = "<div><p class='a'>One</p><p class='b'>Two</p><p class='a'>Three</p></div>"
    blocks, _ = cut_page(load_page(page, Limits()).tree)
    structure = structure_of(blocks)
    assert structure is not None
    group = structure.group
    assert group[0] == group[2] != group[1]


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


@given(st.lists(st.text(alphabet="ab 東1.", min_size=1, max_size=300), min_size=1, max_size=6))
def test_sums_of_n_grams_are_those_of_the_entries(texts: list[str]) -> None:
    found = features.extract(Blocks(texts))
    weights = np.random.default_rng(1).normal(size=features.BUCKETS).astype(np.float32)
    grams = found.grams
    expected = np.bincount(grams.row, weights=weights[grams.bucket] * grams.value, minlength=len(texts))
    assert np.allclose(found.gram_sums(weights), expected, atol=1e-4)


def test_long_words_and_texts_have_the_same_keys_as_alone() -> None:
    texts = ["ab" * 40, "word " * 9000, "x1", "東京", "y" * 33]
    together = words_of(text_arrays(texts)).key
    alone = [words_of(text_arrays([text])).key for text in texts[:1] + ["word"] * 9000 + texts[2:]]
    assert together.tolist() == np.concatenate(alone).tolist()


def by_row(entries: Hashed) -> list[tuple[int, int, float]]:
    order = entries.row.argsort(kind="stable")
    columns = (entries.row[order], entries.bucket[order], entries.value[order])
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize("size", [1, 7, 40, 300])
def test_parts_make_no_difference(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["One two, three.", "東京タワー,a", "x", "word,word " * 60, "...", "two ONE two", "y" * 250] * 3
    weights = np.random.default_rng(1).normal(size=features.BUCKETS).astype(np.float32)
    whole = features.extract(Blocks(texts), texts[0])
    monkeypatch.setattr(text, "PART", size)
    monkeypatch.setattr(context, "_PART", size)
    monkeypatch.setattr(columns, "_ROWS", size)
    parts = features.extract(Blocks(texts), texts[0])
    assert [first for first, _ in whole.parts] == [0] and len(parts.parts) > 1
    assert np.array_equal(whole.base, parts.base) and np.array_equal(whole.words, parts.words)
    assert np.array_equal(whole.gram_sums(weights), parts.gram_sums(weights))
    assert np.array_equal(features.word_counts(texts), whole.words)
    assert by_row(whole.tokens) == by_row(parts.tokens)
    assert by_row(whole.grams) == by_row(parts.grams)


def test_long_texts_are_cut_into_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "PART", 10)
    assert text.parts_of(["a" * 4, "b" * 6]) == [slice(0, 2)]
    assert text.parts_of(["a" * 4, "b" * 7, "c" * 30, "d", "e"]) == [
        slice(0, 1),
        slice(1, 2),
        slice(2, 5),
    ]
    assert text.parts_of(["", "a" * 9, "b"] * 2) == [slice(0, 2), slice(2, 5), slice(5, 6)]


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=30))
def test_longest_run_has_the_largest_sum(values: list[int]) -> None:
    first, last = longest_run(np.array(values, dtype=np.float32))
    sums = [sum(values[i : j + 1]) for i in range(len(values)) for j in range(i, len(values))]
    assert sum(values[first : last + 1]) == max(sums)


def test_bins_cover_every_value_once() -> None:
    columns = Columns(5)
    columns.add_bins("x", [-1, 0, 0.5, 1, 9], (0, 1))
    assert columns.names == ["x under 0", "x 0 to 1", "x 1 or more"]
    assert columns.matrix().tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]]


def second_pass(html: str, logits: list[float]) -> dict[str, list[float]]:
    """The columns of the second pass by name."""
    blocks, _ = cut_page(load_page(html, Limits()).tree)
    found = sequence_columns(
        np.array(logits, np.float32), features.word_counts(blocks.text), structure_of(blocks)
    )
    return dict(zip(PAGE_SEQUENCE, found.T.tolist(), strict=True))


def test_blocks_under_a_heading_get_its_score() -> None:
    page = "<p>One</p><h2>More stories</h2><p>Two</p><p>Three</p><h2>Tides</h2><p>Four</p>"
    found = second_pass(page, [-1, 3, -1, -1, -2, -1])
    assert found["a heading"] == [0, 1, 0, 0, 1, 0]
    assert found["no heading above"] == [1, 1, 0, 0, 0, 0]
    assert found["score of the heading above"] == [0, 0, 3, 3, 3, -2]
    assert found["noise of the heading above"] == [0, 0, 3, 3, 3, 0]
    assert found["score of the heading directly behind"] == [3, 0, 0, -2, 0, 0]


def test_short_blocks_know_how_many_stand_in_a_row() -> None:
    long = "<p>The log shows that the highest tides come a day or two after new moon.</p>"
    found = second_pass(f"{long}<p>Share</p>{long}<p>Home</p><p>News</p>{long}", [-1, 2, -1, 3, 4, -1])
    assert found["one short block alone"] == [0, 1, 0, 0, 0, 0]
    assert found["two short blocks in a row"] == [0, 0, 0, 1, 1, 0]
    assert found["scores of two short blocks in a row"] == [0, 0, 0, 4, 3, 0]
    assert found["the block itself, two short blocks in a row"] == [0, 0, 0, 3, 4, 0]


@pytest.mark.parametrize("char", "\xad\u2060\ufeff\u200e\u200f")
def test_characters_that_show_nothing_change_no_feature(char: str) -> None:
    plain = cut_text("Helikopterlandeplatz im Hafen\n\nHigh water comes twice a day.")
    marked = cut_text(
        f"Helikopter{char}lande{char}platz im Ha{char}fen\n\n{char} High water comes twice a day."
    )
    one, other = features.extract(plain, "Der Hafen"), features.extract(marked, f"Der Ha{char}fen")
    np.testing.assert_array_equal(one.dense, other.dense)
    np.testing.assert_array_equal(one.tokens.bucket, other.tokens.bucket)
    np.testing.assert_array_equal(one.grams.bucket, other.grams.bucket)


def test_block_of_nothing_but_invisible_characters_is_scored() -> None:
    blocks = cut_text("High water comes twice a day.\n\n\xad\xad\n\nThe log shows it.")
    assert features.extract(blocks).dense.shape[0] == len(blocks)
