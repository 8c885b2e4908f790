"""The text of all blocks as arrays: code points, their classes, and words.

Everything here is vectorised over one array, since a page's blocks are short and many.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEPARATOR = 10  # a line feed stands before each block and behind the last one

UPPER, LOWER, DIGIT, SPACE, PUNCTUATION, IDEOGRAPH = 1, 2, 4, 8, 16, 32
CASELESS = 64  # letters of scripts without case
LETTER = UPPER | LOWER | CASELESS
ALNUM = LETTER | DIGIT | IDEOGRAPH

# Classes and lower case come from a table up to here, the scripts that have case or their own digits;
# above, whole ranges share a class.
_TABLE_SIZE = 0x3040
_IDEOGRAPHS = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
_HIGH_PUNCTUATION = ((0xFE10, 0xFE6F), (0xFF00, 0xFF0F), (0xFF1A, 0xFF20), (0xFF3B, 0xFF40), (0xFF5B, 0xFF65))
_HIGH_SYMBOLS = ((0xE000, 0xF8FF), (0x1F000, 0x1FAFF))
# Scripts written without spaces between words: a run of letters is cut into pairs, as for ideographs.
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MAX_WORD = 32  # letters of a word that count for its hash


def _classify(char: str) -> int:
    if char.isupper() or char.istitle():
        return UPPER
    if char.islower():
        return LOWER
    if char.isdigit():
        return DIGIT
    if char.isspace():
        return SPACE
    # Vowel signs and other marks inside Indic, Arabic and Hebrew words are no letters to str.isalpha.
    if char.isalpha() or 0x300 <= ord(char) < 0x370 or 0x591 <= ord(char) < 0x5C8:
        return CASELESS
    if 0x610 <= ord(char) < 0x1100 and not char.isprintable() | char.isascii():
        return 0
    if 0x900 <= ord(char) < 0x1100 and char not in "।॥":
        return CASELESS
    return PUNCTUATION


def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    chars = [chr(i) for i in range(_TABLE_SIZE)]
    classes = np.array([_classify(char) for char in chars], dtype=np.uint8)
    for low, high in _UNSPACED:
        letters = classes[low : high + 1]
        letters[letters == CASELESS] = IDEOGRAPH
    lower = np.array([ord(c.lower()) if len(c.lower()) == 1 else ord(c) for c in chars], dtype=np.uint32)
    lower[classes == DIGIT] = ord("0")
    return classes, lower


_CLASSES, _LOWERED = _tables()
_POWERS = np.cumprod(np.full(_MAX_WORD, _MULTIPLIER, dtype=np.uint64))


def _classes_of(points: NDArray[np.uint32]) -> NDArray[np.uint8]:
    classes = _CLASSES[np.minimum(points, _TABLE_SIZE - 1)]
    high = np.flatnonzero(points >= _TABLE_SIZE)
    if high.size:
        found = points[high]
        values = np.full(high.size, CASELESS, dtype=np.uint8)
        for ranges, value in (
            (_IDEOGRAPHS, IDEOGRAPH),
            (_HIGH_PUNCTUATION, PUNCTUATION),
            (_HIGH_SYMBOLS, PUNCTUATION),
        ):
            for low, top in ranges:
                values[(found >= low) & (found <= top)] = value
        values[(found >= 0xFF10) & (found <= 0xFF19)] = DIGIT
        classes[high] = values
    return classes


@dataclass(frozen=True, slots=True)
class Words:
    """Words of all blocks in order; ideographs count as overlapping pairs.

    Attributes:
        key: uint64 hashes of the lower-cased words, shape (n_words,).
        block: numbers of their blocks, shape (n_words,), ascending.
        start: where they start in `TextArrays.points`, shape (n_words,).
        size: their lengths in characters, shape (n_words,).
        capital: whether they start with a capital letter, shape (n_words,).
        weight: 1, or 0.5 for a pair of ideographs, of which every ideograph starts one.
    """

    key: NDArray[np.uint64]
    block: NDArray[np.int64]
    start: NDArray[np.int64]
    size: NDArray[np.int64]
    capital: NDArray[np.bool_]
    weight: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TextArrays:
    """All blocks' text, joined; every block has a separator before it and the last one also behind it.

    Attributes:
        points: code points, uint32, shape (n_points,).
        lower: the same in lower case, all digits as 0.
        classes: bit masks of `UPPER` … `CASELESS`.
        start: index of each block's first code point, shape (n_blocks,).
        size: its length in code points, shape (n_blocks,).
        block: number of the block of each code point; a separator belongs to the block behind it.
    """

    points: NDArray[np.uint32]
    lower: NDArray[np.uint32]
    classes: NDArray[np.uint8]
    start: NDArray[np.int64]
    size: NDArray[np.int64]
    block: NDArray[np.int64]

    def total(self, values: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Sums a value of every code point by block, shape (n_blocks,)."""
        return np.add.reduceat(values, self.start - 1, dtype=np.float32)[: len(self.start)]


def text_arrays(texts: Sequence[str]) -> TextArrays:
    """Joins the texts of blocks into arrays.

    Args:
        texts: at least one; line feeds inside count as blanks.
    """
    joined = "\n" + "\n".join([t.replace("\n", " ") if "\n" in t else t for t in texts]) + "\n"
    points = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32)
    low = np.minimum(points, _TABLE_SIZE - 1)
    lower = np.where(points < _TABLE_SIZE, _LOWERED[low], points)
    size = np.array([len(t) for t in texts], dtype=np.int64)
    start = np.cumsum(size + 1) - size
    block = np.repeat(np.arange(len(texts)), size + 1)
    block = np.append(block, len(texts))
    return TextArrays(points, lower, _classes_of(points), start, size, block)


def words_of(arrays: TextArrays) -> Words:
    """Finds the words of all blocks: runs of letters and digits, and pairs of neighbouring ideographs."""
    ideographs = (arrays.classes & IDEOGRAPH) > 0
    inside = ((arrays.classes & ALNUM) > 0) & ~ideographs
    edges = np.diff(inside.astype(np.int8), prepend=0, append=0)
    start, end = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    key = _word_keys(arrays.lower, inside, start, end)
    size = end - start
    weight = np.ones(len(start), dtype=np.float32)
    if ideographs.any():
        first = np.flatnonzero(ideographs)
        paired = ideographs[np.minimum(first + 1, len(ideographs) - 1)]
        second = np.where(paired, arrays.lower[np.minimum(first + 1, len(ideographs) - 1)], 0)
        keys = (arrays.lower[first].astype(np.uint64) * _MULTIPLIER + second) * _MULTIPLIER
        start, key = np.append(start, first), np.append(key, keys)
        size = np.append(size, 1 + paired)
        weight = np.append(weight, np.full(len(first), 0.5, dtype=np.float32))
        order = np.argsort(start, kind="stable")
        start, key, size, weight = start[order], key[order], size[order], weight[order]
    capital = (arrays.classes[start] & UPPER) > 0
    return Words(key, arrays.block[start], start, size, capital, weight)


def _word_keys(
    lower: NDArray[np.uint32], inside: NDArray[np.bool_], start: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.uint64]:
    if not start.size:
        return np.zeros(0, dtype=np.uint64)
    size = end - start
    offset = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    terms = lower[inside].astype(np.uint64) * _POWERS[np.minimum(offset, _MAX_WORD - 1)]
    keys = np.add.reduceat(terms, np.cumsum(size) - size)
    return np.asarray(keys ^ (keys >> np.uint64(29)))


def count_words(words: Words, n_blocks: int) -> NDArray[np.float32]:
    """Number of words of each block, shape (n_blocks,); an ideograph counts for half a word."""
    return np.bincount(words.block, weights=words.weight, minlength=n_blocks).astype(np.float32)
