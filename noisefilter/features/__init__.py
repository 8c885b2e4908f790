"""Turns blocks into the numbers that the model weighs; training uses this very code."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from noisefilter.blocks import Blocks
from noisefilter.features import context, hashed, markup, shape
from noisefilter.features.columns import Columns, shifted
from noisefilter.features.hashed import BUCKETS, Hashed
from noisefilter.features.text import count_words, text_arrays, words_of

__all__ = [
    "BUCKETS",
    "PAGE_COLUMNS",
    "TEXT_COLUMNS",
    "VERSION",
    "Features",
    "Hashed",
    "extract",
    "word_counts",
]

VERSION = 6
"""Raised when a change here makes models trained before it wrong."""
TEXT_COLUMNS, PAGE_COLUMNS = 571, 763
"""Dense columns that plain text has, and that pages have; models are checked against them."""


@dataclass(frozen=True, slots=True)
class Features:
    """Features of the blocks of one page or text.

    Attributes:
        dense: columns that every block has, float32, shape (n_blocks, n_text_columns), then, on pages,
            those of the markup, so shape (n_blocks, n_text_columns + n_markup_columns).
        names: the names of the columns of `dense`.
        n_text: number of columns that plain text has too.
        grams: n-grams of characters, most of all entries; only noise against content is told by them.
        tokens: words, and tokens of the markup.
        words: number of words of each block, float32, shape (n_blocks,).
    """

    dense: NDArray[np.float32]
    names: tuple[str, ...]
    n_text: int
    grams: Hashed
    tokens: Hashed
    words: NDArray[np.float32]


_WHERE = {-1: "block before", 1: "block after", -2: "second block before", 2: "second block after"}


@lru_cache(maxsize=64)
def _neighbour_names(names: tuple[str, ...], distances: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(f"{_WHERE[distance]}: {name}" for distance in distances for name in names)


def word_counts(texts: list[str]) -> NDArray[np.float32]:
    """Number of words of each text, shape (n_texts,); an ideograph counts for half a word."""
    if not texts:
        return np.zeros(0, dtype=np.float32)
    return count_words(words_of(text_arrays(texts)), len(texts))


def extract(blocks: Blocks, title: str | None = None, url: str | None = None) -> Features:
    """Computes the features of blocks.

    Args:
        blocks: at least one.
        title: of the page or text, where known.
        url: of the page, where known.
    """
    n = len(blocks)
    arrays = text_arrays(blocks.text)
    words = words_of(arrays)
    counts = count_words(words, n)
    is_prose = context.prose(arrays, counts)

    own = Columns(n)
    shape.add_shape(own, arrays, words, counts)
    own_matrix = own.matrix()
    columns = Columns(n)
    main_run = context.add_position(columns, is_prose, counts)
    context.add_repetition(columns, words, counts)
    context.add_title(columns, title, words, counts)
    off_topic = context.add_topic(columns, words, counts, is_prose)
    context.add_conjunctions(columns, arrays, words, counts, is_prose, off_topic)
    near = Columns(n)
    near.add("exists", np.ones(n))
    near.add_bins("number of words", counts, (2, 4, 8, 15, 40))
    near.add("prose", is_prose)
    near_matrix = near.matrix()
    parts = [own_matrix, columns.matrix()]
    parts.extend(shifted(near_matrix, distance) for distance in (-2, -1, 1, 2))
    parts.extend(shifted(own_matrix, distance) for distance in (-1, 1))
    names = [*own.names, *columns.names]
    names.extend(_neighbour_names(tuple(near.names), (-2, -1, 1, 2)))
    names.extend(_neighbour_names(tuple(own.names), (-1, 1)))
    n_text = len(names)

    grams = hashed.join([h for _, _, h in hashed.character_grams(arrays, n)])
    tokens = [h for _, _, h in hashed.word_grams(words, n)]
    if blocks.markup is not None:
        marked = Columns(n)
        markup.add_markup(marked, blocks, counts, url, main_run)
        near = markup.neighbour_columns(blocks, counts)
        near_matrix = near.matrix()
        parts.append(marked.matrix())
        parts.extend(shifted(near_matrix, distance) for distance in (-2, -1, 1, 2))
        names.extend(marked.names)
        names.extend(_neighbour_names(tuple(near.names), (-2, -1, 1, 2)))
        tokens.extend(group.entries for group in hashed.markup_tokens(blocks.markup, n))
    joined = hashed.join(tokens) if tokens else hashed.NOTHING
    return Features(np.concatenate([part.T for part in parts]).T, tuple(names), n_text, grams, joined, counts)
