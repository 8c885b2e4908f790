"""Turns blocks into the numbers that the model weighs; training uses this very code."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from noisefilter.blocks import Blocks
from noisefilter.features import context, declared, hashed, markup, shape
from noisefilter.features.columns import Columns, Layout
from noisefilter.features.hashed import BUCKETS, Hashed
from noisefilter.features.markup_tokens import markup_tokens
from noisefilter.features.structure import Structure, structure_of
from noisefilter.features.text import (
    MAX_JUDGED_CHARS,
    TextArrays,
    count_words,
    join_traits,
    join_words,
    judged,
    parts_of,
    text_arrays,
    traits_of,
    words_of,
)
from noisefilter.smuggling import shown

__all__ = [
    "BUCKETS",
    "PAGE_COLUMNS",
    "TEXT_COLUMNS",
    "VERSION",
    "Features",
    "Hashed",
    "Segments",
    "extract",
    "word_counts",
]

VERSION = 10
"""Raised when a change here makes models trained before it wrong."""
TEXT_COLUMNS, PAGE_COLUMNS = 573, 785
"""Dense columns that plain text has, and that pages have; models are checked against them."""


Segments: TypeAlias = tuple[tuple[int, int, int], ...]
"""Of the dense columns, in order: first and end in `Features.base`, and how far off the block is."""


@dataclass(frozen=True)
class Features:
    """Features of the blocks of one page or text.

    The dense columns are `base`, those of the block itself, and copies of some of them from the blocks before
    and after it. Scoring does without the copies.

    Attributes:
        base: columns of each block itself, float32, shape (n_blocks, n_base).
        segments: which of them, and of which blocks, make up `dense`.
        names: the names of the columns of `dense`.
        n_text: number of columns of `dense` that plain text has too.
        parts: the blocks' text, for every part of it the number of the first block and the arrays.
        tokens: words, and tokens of the markup.
        words: number of words of each block, float32, shape (n_blocks,).
        structure: how the blocks hang together on a page; None for plain text.
    """

    base: NDArray[np.float32]
    segments: Segments
    names: tuple[str, ...]
    n_text: int
    parts: tuple[tuple[int, TextArrays], ...]
    tokens: Hashed
    words: NDArray[np.float32]
    structure: Structure | None

    @cached_property
    def dense(self) -> NDArray[np.float32]:
        """Columns that every block has, float32, shape (n_blocks, n_columns).

        Those that plain text has too come first, then, on pages, those of the markup.
        """
        n, width = self.base.shape
        padded = np.zeros((width, n + 2 * _REACH), dtype=np.float32)
        padded[:, _REACH : n + _REACH] = self.base.T
        parts = [padded[first:end, _REACH + off : _REACH + off + n] for first, end, off in self.segments]
        return np.concatenate(parts).T

    @cached_property
    def grams(self) -> Hashed:
        """N-grams of characters, most of all entries; only noise against content is told by them."""
        return hashed.join([
            entries.moved(first)
            for first, arrays in self.parts
            for _, _, entries in hashed.character_grams(arrays, len(arrays.start))
        ])  # fmt: skip

    def gram_sums(self, weights: NDArray[np.number]) -> NDArray[np.float32]:
        """Sum of the weights of the n-grams of each block, shape (n_blocks,)."""
        sums = [hashed.gram_sums(arrays, weights) for _, arrays in self.parts]
        return sums[0] if len(sums) == 1 else np.concatenate(sums)


_REACH = 2  # blocks before and after of which a block gets columns
_DISTANCES = (-2, -1, 1, 2)
_WHERE = {-1: "block before", 1: "block after", -2: "second block before", 2: "second block after"}


@lru_cache(maxsize=64)
def _arrangement(layout: Layout) -> tuple[Segments, tuple[str, ...], int]:
    """Segments and names of the dense columns, and how many of them plain text has."""
    names = layout.names
    own, page, near, *marked = layout.groups
    segments = [(*own, 0), (*page, 0)]
    segments.extend((*near, distance) for distance in _DISTANCES)
    segments.extend((*own, distance) for distance in (-1, 1))
    n_text = sum(end - first for first, end, _ in segments)
    if marked:
        own_markup, near_markup = marked
        segments.append((*own_markup, 0))
        segments.extend((*near_markup, distance) for distance in _DISTANCES)
    dense = [
        f"{_WHERE[distance]}: {name}" if distance else name
        for first, end, distance in segments
        for name in names[first:end]
    ]
    return tuple(segments), tuple(dense), n_text


def word_counts(texts: list[str]) -> NDArray[np.float32]:
    """Number of words of each text, shape (n_texts,); an ideograph counts for half a word."""
    if not texts:
        return np.zeros(0, dtype=np.float32)
    counts = []
    for part in parts_of(texts):
        some = texts[part]
        counts.append(count_words(words_of(text_arrays(some)), len(some)))
    return np.concatenate(counts)


class _Text:
    """What is made of the blocks' text, part by part.

    Attributes:
        parts: as of `Features`.
        size: number of characters of each block.
        traits: of the blocks.
        words: of the blocks.
        tokens: entries for the words.
    """

    def __init__(self, texts: list[str]) -> None:
        slices = parts_of(texts)
        firsts = [part.start for part in slices]
        arrays = [text_arrays(texts[part]) for part in slices]
        words = [words_of(part) for part in arrays]
        entries = [hashed.word_entries(some) for some in words]
        self.parts = tuple(zip(firsts, arrays, strict=True))
        self.size = np.concatenate([part.size for part in arrays]).astype(np.float32)
        self.traits = join_traits([traits_of(part) for part in arrays])
        self.words = join_words(words, firsts)
        self.tokens = hashed.join([some.moved(first) for some, first in zip(entries, firsts, strict=True)])


def extract(
    blocks: Blocks,
    title: str | None = None,
    url: str | None = None,
    *,
    authors: Iterable[str] = (),
    tags: Iterable[str] = (),
    site: str | None = None,
) -> Features:
    """Computes the features of blocks.

    Args:
        blocks: at least one.
        title: of the page or text, where known.
        url: of the page, where known.
        authors: that the page declares; plain text goes without, like the next two.
        tags: that the page declares.
        site: name of the site, as the page declares it.
    """
    n = len(blocks)
    # What characters hide is not what a block says.
    seen = list(map(shown, blocks.text)) if any(blocks.hidden) else blocks.text
    too_long = max(map(len, seen), default=0) > MAX_JUDGED_CHARS
    texts = list(map(judged, seen)) if too_long else seen
    text = _Text(texts)
    traits, words = text.traits, text.words
    number_of_words = np.bincount(words.block, minlength=n)  # every pair of ideographs is one
    pairs = words.by_block(words.weight < 1, n)
    counts = (number_of_words - 0.5 * pairs).astype(np.float32)
    if too_long:
        counts *= [len(whole_text) / max(len(part), 1) for whole_text, part in zip(seen, texts, strict=True)]
    whole = np.maximum(number_of_words, 1)
    capital = words.by_block(words.capital, n) / whole
    is_prose = context.prose(traits, counts)

    columns = Columns(n)
    shape.add_shape(columns, text.size, traits, capital, counts)
    columns.begin_group()
    main_run = context.add_position(columns, is_prose, counts)
    context.add_repetition(columns, words, counts)
    number, order = context.vocabulary(words)
    titled = context.add_title(columns, title, words, number, counts)
    off_topic = context.add_topic(columns, words, number, order, is_prose)
    named = 1 - capital < 0.35
    named |= pairs > 0.5 * whole
    context.add_conjunctions(columns, traits, named, counts, is_prose, off_topic)
    columns.begin_group()
    columns.add("exists", 1)
    columns.add_bins("number of words", counts, (2, 4, 8, 15, 40))
    columns.add("prose", is_prose)
    tokens = text.tokens
    if blocks.markup is not None:
        columns.begin_group()
        markup.add_markup(columns, blocks, counts, url, main_run, titled)
        declared.add_declared(columns, authors, tags, site, words, counts, main_run)
        columns.begin_group()
        markup.add_neighbour_columns(columns, blocks, counts)
        tokens = hashed.join([tokens, *(group.entries for group in markup_tokens(blocks.markup, n))])
    layout = columns.layout
    segments, names, n_text = _arrangement(layout)
    return Features(
        columns.matrix(layout), segments, names, n_text, text.parts, tokens, counts, structure_of(blocks)
    )
