"""What a block looks like, whatever its words: length, case, digits, punctuation, kind."""

import numpy as np
from numpy.typing import NDArray

from noisefilter.features.columns import Columns
from noisefilter.features.text import DIGIT, IDEOGRAPH, LETTER, PUNCTUATION, UPPER, TextArrays, Words

WORD_EDGES = (2, 3, 4, 6, 8, 11, 15, 20, 30, 45, 70, 120)
_SHARE_EDGES = (0.01, 0.05, 0.1, 0.2, 0.35, 0.6, 0.9)
_STOPS = np.array([ord(c) for c in ".!?。！？…।؟۔"], dtype=np.uint32)
_CLOSERS = np.array([ord(c) for c in "\"'”’»)」』]"], dtype=np.uint32)
# Marks that noise is made of; each gets a column for "has one" and some for "starts or ends with it".
_MARKS = {
    "bar or bullet": "|•·‧∙●▪►▸",
    "arrow or chevron": "»«›‹→←↑↓>",
    "slash": "/",
    "colon": ":：",
    "comma": ",，、،",
    "at sign": "@",
    "hash": "#",
    "copyright sign": "©®™",
    "bracket": "()[]（）【】",
    "quotation mark": '"“”„«»「」『』‘’',
    "currency or percent": "$€£¥₹₽%",
    "ellipsis": "…",
    "dash": "-–—",
    "code mark": "{}=<>;\\_",
    "question mark": "?？؟",
}
_TOP = 0x3040


def _mark_bits() -> NDArray[np.uint16]:
    """For each code point below `_TOP`, a bit for every mark it is; the marks above stand at the end."""
    table = np.zeros(_TOP, dtype=np.uint16)
    for bit, chars in enumerate(_MARKS.values()):
        for char in chars:
            if ord(char) < _TOP:
                table[ord(char)] |= 1 << bit
    return table


_BITS = _mark_bits()
_WIDE = {
    ord(char): 1 << bit for bit, chars in enumerate(_MARKS.values()) for char in chars if ord(char) >= _TOP
}


def _marks_of(points: NDArray[np.uint32]) -> NDArray[np.uint16]:
    bits = _BITS[np.minimum(points, _TOP - 1)]
    for point, bit in _WIDE.items():
        bits[points == point] = bit
    return bits


def last_point(arrays: TextArrays) -> NDArray[np.uint32]:
    """The last code point of each block, closing quotes and brackets passed over."""
    end = arrays.start + arrays.size - 1
    last = arrays.points[end]
    before = arrays.points[np.maximum(end - 1, arrays.start)]
    return np.asarray(np.where(np.isin(last, _CLOSERS), before, last), dtype=np.uint32)


def ends_like_sentence(arrays: TextArrays) -> NDArray[np.bool_]:
    """Whether each block ends with a full stop or the like, shape (n_blocks,)."""
    return np.isin(last_point(arrays), _STOPS)


def add_shape(columns: Columns, arrays: TextArrays, words: Words, counts: NDArray[np.float32]) -> None:
    """Adds the columns on shape.

    Args:
        columns: collects them.
        arrays: the blocks' text.
        words: the blocks' words.
        counts: number of words of each block.
    """
    size = arrays.size.astype(np.float32)
    columns.add_bins("words", counts, WORD_EDGES)
    columns.add("log of words", np.log1p(counts) / 4)
    letters = arrays.total((arrays.classes & (LETTER | IDEOGRAPH)) > 0)
    digits = arrays.total((arrays.classes & DIGIT) > 0)
    upper = arrays.total((arrays.classes & UPPER) > 0)
    marks = arrays.total((arrays.classes & PUNCTUATION) > 0)
    columns.add_bins("share of digits", digits / size, _SHARE_EDGES)
    columns.add_bins("share of capitals", upper / np.maximum(letters, 1), _SHARE_EDGES)
    columns.add_bins("share of punctuation", marks / size, _SHARE_EDGES)
    whole = np.bincount(words.block, minlength=len(size)).clip(1)
    capital = np.bincount(words.block, weights=words.capital, minlength=len(size))
    columns.add_bins("share of capitalised words", capital / whole, (0.01, 0.15, 0.3, 0.5, 0.7, 0.99))
    columns.add_bins("letters a word", letters / np.maximum(counts, 1), (2, 3.5, 4.5, 5.5, 7, 10, 20))
    columns.add("no letters", letters == 0)
    columns.add("ideographs", arrays.total((arrays.classes & IDEOGRAPH) > 0) > 0.3 * size)

    first = arrays.classes[arrays.start]
    columns.add("starts with a capital", (first & UPPER) > 0)
    columns.add("starts with a digit", (first & DIGIT) > 0)
    columns.add("starts with a lower-case letter", (first & (UPPER | DIGIT | PUNCTUATION | IDEOGRAPH)) == 0)
    columns.add("starts with punctuation", (first & PUNCTUATION) > 0)
    sentence = ends_like_sentence(arrays)
    columns.add("ends like a sentence", sentence)
    columns.add("ends with a letter", (arrays.classes[arrays.start + arrays.size - 1] & LETTER) > 0)
    columns.add("ends with a digit", (arrays.classes[arrays.start + arrays.size - 1] & DIGIT) > 0)
    columns.add("short sentence", sentence & (counts < 12))
    columns.add("long, no end of a sentence", ~sentence & (counts >= 12))
    columns.add("all in capitals", (upper > 0.9 * letters) & (letters > 3))

    _add_marks(columns, arrays, counts)
    tight = (arrays.points[:-1] == ord(",")) & ((arrays.classes[1:] & LETTER) > 0)
    columns.add("commas without a blank", arrays.total(np.append(tight, False)) > 0)
    stops = arrays.total(np.isin(arrays.points, _STOPS))
    columns.add_bins("sentences", stops, (1, 2, 4, 8))


def _add_marks(columns: Columns, arrays: TextArrays, counts: NDArray[np.float32]) -> None:
    bits = _marks_of(arrays.points)
    where = np.flatnonzero(bits)
    found, block = bits[where], arrays.block[where]
    first, last = bits[arrays.start], bits[arrays.start + arrays.size - 1]
    for bit, name in enumerate(_MARKS):
        mask = 1 << bit
        hits = np.bincount(block[(found & mask) > 0], minlength=len(counts))
        columns.add(f"has {name}", hits > 0)
        columns.add(f"{name} by word", np.minimum(hits / np.maximum(counts, 1), 1))
        columns.add(f"ends with {name}", (last & mask) > 0)
        columns.add(f"starts with {name}", (first & mask) > 0)
