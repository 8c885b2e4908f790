"""What every character is, in one table: its class, the marks it counts for, whether it ends a sentence.

Characters that count for the same things are of one kind. A text is looked up once, its kinds are counted by
block once, and all else follows from the few kinds there are.
"""

from collections.abc import Callable
from itertools import compress

import numpy as np
from numpy.typing import NDArray

UPPER, LOWER, DIGIT, SPACE, PUNCTUATION, IDEOGRAPH = 1, 2, 4, 8, 16, 32
CASELESS = 64  # letters of scripts without case
LETTER = UPPER | LOWER | CASELESS

# Classes and lower case come from a table up to here, the scripts that have case or their own digits;
# above, whole ranges share a class.
TABLE_SIZE = 0x3040
_IDEOGRAPHS = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
_HIGH_PUNCTUATION = ((0xFE10, 0xFE6F), (0xFF00, 0xFF0F), (0xFF1A, 0xFF20), (0xFF3B, 0xFF40), (0xFF5B, 0xFF65))
_HIGH_SYMBOLS = ((0xE000, 0xF8FF), (0x1F000, 0x1FAFF))
_HIGH_DIGITS = ((0xFF10, 0xFF19),)
# Scripts written without spaces between words: a run of letters is cut into pairs, as for ideographs.
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))

_STOPS = ".!?。！？…।؟۔"
_CLOSERS = "\"'”’»)」』]"
_COMMAS = ",，、،;؛"
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
MARKS = tuple(_MARKS)
"""Names of the marks."""
# Bits of a character's traits: its class, then a bit for each of these.
_SETS = (*_MARKS.values(), _STOPS, _CLOSERS, _COMMAS)
_FIRST_SET = 7
_LOW = tuple(map(chr, range(TABLE_SIZE)))


def _low_classes() -> NDArray[np.int64]:
    point = np.arange(TABLE_SIZE)

    def those(test: Callable[[str], bool]) -> NDArray[np.bool_]:
        return np.fromiter(map(test, _LOW), dtype=np.bool_, count=TABLE_SIZE)

    def within(low: int, end: int) -> NDArray[np.bool_]:
        return (point >= low) & (point < end)

    # The later ones prevail.
    classes = np.full(TABLE_SIZE, PUNCTUATION, dtype=np.int64)
    dandas = within(0x964, 0x966)
    classes[within(0x900, 0x1100) & ~dandas] = CASELESS
    classes[within(0x610, 0x1100) & ~those(str.isprintable)] = 0
    # Vowel signs and other marks inside Indic, Arabic and Hebrew words are no letters to str.isalpha.
    classes[those(str.isalpha) | within(0x300, 0x370) | within(0x591, 0x5C8)] = CASELESS
    classes[those(str.isspace)] = SPACE
    classes[those(str.isdigit)] = DIGIT
    classes[those(str.islower)] = LOWER
    classes[those(str.isupper) | those(str.istitle)] = UPPER
    for low, high in _UNSPACED:
        letters = classes[low : high + 1]
        letters[letters == CASELESS] = IDEOGRAPH
    return classes


def _lowered(classes: NDArray[np.int64]) -> NDArray[np.uint64]:
    lower = np.arange(TABLE_SIZE, dtype=np.uint64)
    for char in compress(_LOW, (classes == UPPER).tolist()):
        if len(small := char.lower()) == 1:
            lower[ord(char)] = ord(small)
    lower[classes == DIGIT] = ord("0")
    return lower


def _class_above(point: int) -> int:
    for ranges, value in (
        (_IDEOGRAPHS, IDEOGRAPH),
        (_HIGH_PUNCTUATION, PUNCTUATION),
        (_HIGH_SYMBOLS, PUNCTUATION),
        (_HIGH_DIGITS, DIGIT),
    ):
        if any(low <= point <= high for low, high in ranges):
            return value
    return CASELESS


def _order(trait: int) -> tuple[bool, bool, int]:
    """Kinds of letters and digits come first, then those of ideographs, then all else."""
    return not trait & (LETTER | DIGIT), not trait & IDEOGRAPH, trait


def _kinds(low: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The kind of every code point, and the traits of every kind."""
    traits = low.copy()
    above: dict[int, int] = {}
    for bit, chars in enumerate(_SETS, start=_FIRST_SET):
        for point in map(ord, chars):
            if point < TABLE_SIZE:
                traits[point] |= 1 << bit
            else:
                above[point] = above.get(point, _class_above(point)) | 1 << bit
    plain = (CASELESS, IDEOGRAPH, PUNCTUATION, DIGIT)
    kinds = sorted({*traits.tolist(), *above.values(), *plain}, key=_order)
    number = {trait: kind for kind, trait in enumerate(kinds)}
    table = np.full(0x110000, number[CASELESS], dtype=np.uint8)
    table[:TABLE_SIZE] = list(map(number.__getitem__, traits.tolist()))
    for ranges in (_IDEOGRAPHS, _HIGH_PUNCTUATION, _HIGH_SYMBOLS, _HIGH_DIGITS):
        for start, end in ranges:
            table[start : end + 1] = number[_class_above(start)]
    for point, trait in above.items():
        table[point] = number[trait]
    return table, np.array(kinds, dtype=np.int64)


_CLASSES = _low_classes()
LOWERED = _lowered(_CLASSES)
"""Lower case of each code point below `TABLE_SIZE`, with 0 for all digits."""
KIND, _TRAITS = _kinds(_CLASSES)
"""Kind of each code point, uint8."""
KINDS = len(_TRAITS)
"""Number of kinds."""
CAPITAL_KINDS = int((_TRAITS == UPPER).sum())
"""Capitals are of the kinds below this, …"""
WORD_KINDS = int(((_TRAITS & (LETTER | DIGIT)) > 0).sum())
"""… letters and digits of the kinds below this …"""
ALNUM_KINDS = WORD_KINDS + int(((_TRAITS & IDEOGRAPH) > 0).sum())
"""… and ideographs of the kinds from there to below this."""


def _bits() -> NDArray[np.bool_]:
    return ((_TRAITS[:, None] >> np.arange(_FIRST_SET + len(_SETS))) & 1) > 0


CLASS_OF_KIND: NDArray[np.uint8] = (_TRAITS & (2**_FIRST_SET - 1)).astype(np.uint8)
"""Class of each kind: one of `UPPER` … `CASELESS`, or 0."""
MARKS_OF_KIND: NDArray[np.bool_] = _bits()[:, _FIRST_SET : _FIRST_SET + len(MARKS)]
"""Which of `MARKS` each kind is, shape (`KINDS`, n_marks)."""
IS_STOP: NDArray[np.bool_] = _bits()[:, -3]
"""Whether each kind ends a sentence."""
IS_CLOSER: NDArray[np.bool_] = _bits()[:, -2]
"""Whether each kind closes a quotation or brackets."""
COUNTED = ("letters", "digits", "capitals", "punctuation", "ideographs", "stops", "commas")
"""What is counted of each block besides the marks."""


def _counted() -> NDArray[np.float32]:
    masks = (LETTER | IDEOGRAPH, DIGIT, UPPER, PUNCTUATION, IDEOGRAPH)
    columns = [(_TRAITS & mask) > 0 for mask in masks]
    return np.column_stack([*columns, IS_STOP, _bits()[:, -1], MARKS_OF_KIND]).astype(np.float32)


COUNTED_OF_KIND = _counted()
"""Which of `COUNTED`, then of `MARKS`, each kind is, shape (`KINDS`, n_counted + n_marks)."""
