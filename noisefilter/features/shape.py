"""What a block looks like, whatever its words: length, case, digits, punctuation, kind."""

import numpy as np
from numpy.typing import NDArray

from noisefilter.features.characters import (
    CLASS_OF_KIND,
    DIGIT,
    IDEOGRAPH,
    LETTER,
    MARKS,
    MARKS_OF_KIND,
    PUNCTUATION,
    UPPER,
)
from noisefilter.features.columns import Columns
from noisefilter.features.text import Traits

WORD_EDGES = (2, 3, 4, 6, 8, 11, 15, 20, 30, 45, 70, 120)
_SHARE_EDGES = (0.01, 0.05, 0.1, 0.2, 0.35, 0.6, 0.9)
# Of every kind of characters, what a block is that starts or ends with it.
_START_NAMES = (
    "starts with a capital",
    "starts with a digit",
    "starts with a lower-case letter",
    "starts with punctuation",
)
_STARTS = np.array(
    (
        CLASS_OF_KIND & UPPER > 0,
        CLASS_OF_KIND & DIGIT > 0,
        CLASS_OF_KIND & (UPPER | DIGIT | PUNCTUATION | IDEOGRAPH) == 0,
        CLASS_OF_KIND & PUNCTUATION > 0,
    )
)
_MARKS = np.ascontiguousarray(MARKS_OF_KIND.T)
_END_NAMES = ("ends with a letter", "ends with a digit")
_ENDS = np.array((CLASS_OF_KIND & LETTER > 0, CLASS_OF_KIND & DIGIT > 0))
_MARK_NAMES = tuple(
    name
    for mark in MARKS
    for name in (f"has {mark}", f"{mark} by word", f"ends with {mark}", f"starts with {mark}")
)


def add_shape(
    columns: Columns,
    size: NDArray[np.float32],
    traits: Traits,
    capital: NDArray[np.float64],
    counts: NDArray[np.float32],
) -> None:
    """Adds the columns on shape.

    Args:
        columns: collects them.
        size: number of characters of each block.
        traits: what is counted of them.
        capital: share of each block's words that start with a capital letter.
        counts: number of words of each block.
    """
    number = traits.counts
    letters, upper, sentence = number["letters"], number["capitals"], traits.sentence
    some_words = np.maximum(counts, 1)
    columns.add_bins("words", counts, WORD_EDGES)
    columns.add("log of words", np.log1p(counts) / 4)
    columns.add_bins("share of digits", number["digits"] / size, _SHARE_EDGES)
    columns.add_bins("share of capitals", upper / np.maximum(letters, 1), _SHARE_EDGES)
    columns.add_bins("share of punctuation", number["punctuation"] / size, _SHARE_EDGES)
    columns.add_bins("share of capitalised words", capital, (0.01, 0.15, 0.3, 0.5, 0.7, 0.99))
    columns.add_bins("letters a word", letters / some_words, (2, 3.5, 4.5, 5.5, 7, 10, 20))
    columns.add("no letters", letters == 0)
    columns.add("ideographs", number["ideographs"] > 0.3 * size)

    columns.add_all(_START_NAMES, _STARTS.take(traits.first, axis=1))
    columns.add("ends like a sentence", sentence)
    columns.add_all(_END_NAMES, _ENDS.take(traits.last, axis=1))
    short = counts < 12
    columns.add("short sentence", sentence & short)
    columns.add("long, no end of a sentence", ~(sentence | short))
    columns.add("all in capitals", (upper > 0.9 * letters) & (letters > 3))

    _add_marks(columns, traits, some_words)
    columns.add("commas without a blank", traits.tight)
    columns.add_bins("sentences", number["stops"], (1, 2, 4, 8))


def _add_marks(columns: Columns, traits: Traits, some_words: NDArray[np.float32]) -> None:
    values = np.empty((len(MARKS), 4, len(some_words)), dtype=np.float32)
    values[:, 0] = traits.marks > 0
    np.minimum(traits.marks / some_words, 1, out=values[:, 1])
    values[:, 2] = _MARKS.take(traits.last, axis=1)
    values[:, 3] = _MARKS.take(traits.first, axis=1)
    columns.add_all(_MARK_NAMES, values.reshape(len(_MARK_NAMES), -1))
