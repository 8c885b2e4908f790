"""The text of all blocks as arrays: code points, their kinds, and words.

Everything here is vectorised over one array, since a page's blocks are short and many. Long texts are worked
on in parts, so that what is made of them on the way stays in the processor's cache.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from noisefilter.features.characters import (
    ALNUM_KINDS,
    CAPITAL_KINDS,
    CLASS_OF_KIND,
    COUNTED,
    COUNTED_OF_KIND,
    IS_CLOSER,
    IS_STOP,
    KIND,
    KINDS,
    LETTER,
    LOWERED,
    TABLE_SIZE,
    WORD_KINDS,
)

PART = 1 << 16  # code points of a part, but for longer blocks
MAX_JUDGED_CHARS = 100_000
"""Of a block, the rest left out: no paragraph that a person writes has as many."""
SEPARATOR = 10  # a line feed stands before each block and behind the last one
# They show nothing and stand inside words: soft hyphen, word joiner, byte order mark, direction marks. A
# zero-width space does part words, in scripts that write none between them.
_INVISIBLE = "\xad\u2060\ufeff\u200e\u200f"

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MAX_WORD = 32  # letters of a word that count for its hash
_PERIOD = 1 << 14  # code points after which the powers begin anew
_POWERS = np.cumprod(np.full(_PERIOD, _MULTIPLIER, dtype=np.uint64))
_INVERSES = np.cumprod(np.full(_PERIOD, pow(int(_MULTIPLIER), -1, 2**64), dtype=np.uint64))
_SLICE = 260_000 // COUNTED_OF_KIND.size  # blocks
_IS_LETTER = (CLASS_OF_KIND & LETTER) > 0
_COMMA = ord(",")
_WORD_KINDS = np.uint8(WORD_KINDS)
# By kind of the last character and of the one before it.
_ENDS_SENTENCE = np.where(IS_CLOSER[:, None], IS_STOP, IS_STOP[:, None])


class Words(NamedTuple):
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

    def by_block(self, which: NDArray[np.bool_], n_blocks: int) -> NDArray[np.int64]:
        """How many of those words each block has, shape (n_blocks,)."""
        return np.bincount(self.block[which], minlength=n_blocks)


class TextArrays(NamedTuple):
    """All blocks' text, joined; every block has a separator before it and the last one also behind it.

    Attributes:
        points: code points, uint32, shape (n_points,).
        lower: the same in lower case, all digits as 0, uint64.
        kind: the kind of each, see `noisefilter.features.characters`.
        start: index of each block's first code point, shape (n_blocks,).
        size: its length in code points, shape (n_blocks,).
        block: number of the block of each code point; a separator belongs to the block behind it.
    """

    points: NDArray[np.uint32]
    lower: NDArray[np.uint64]
    kind: NDArray[np.uint8]
    start: NDArray[np.int64]
    size: NDArray[np.int64]
    block: NDArray[np.int64]


class Traits(NamedTuple):
    """What is counted of each block's characters, and what stands at its ends.

    Attributes:
        counts: number of the characters of each of `COUNTED`, by name, shape (n_blocks,).
        marks: number of each of `MARKS`, shape (n_marks, n_blocks).
        first: kind of each block's first character, shape (n_blocks,).
        last: kind of its last one.
        sentence: whether it ends with a full stop or the like, a closing quote or bracket passed over.
        tight: whether a letter stands right behind one of its commas.
    """

    counts: dict[str, NDArray[np.float32]]
    marks: NDArray[np.float32]
    first: NDArray[np.uint8]
    last: NDArray[np.uint8]
    sentence: NDArray[np.bool_]
    tight: NDArray[np.bool_]


def parts_of(texts: Sequence[str]) -> list[slice]:
    """Cuts the texts of blocks into parts of about `PART` code points.

    Args:
        texts: at least one.
    """
    if sum(map(len, texts)) <= PART:
        return [slice(0, len(texts))]
    end = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)).cumsum()
    firsts = np.flatnonzero(np.diff(end // PART, prepend=-1)).tolist()
    return [slice(low, high) for low, high in pairwise([*firsts, len(texts)])]


def judged(text: str) -> str:
    """What features are made of: of a block over `MAX_JUDGED_CHARS` its beginning and its end."""
    half = MAX_JUDGED_CHARS // 2
    return text if len(text) <= MAX_JUDGED_CHARS else f"{text[:half]} {text[-half:]}"


def visible(text: str) -> str:
    """The text without characters that show nothing; as it is, if there are no others."""
    shown = text
    for char in _INVISIBLE:  # five searches are faster than one look at each character
        shown = shown.replace(char, "")
    # White space at an end stays where nothing was left out, whatever other blocks hold.
    return shown.strip() or text if len(shown) < len(text) else text


def text_arrays(texts: Sequence[str]) -> TextArrays:
    """Joins the texts of blocks into arrays, without characters that show nothing.

    Args:
        texts: at least one; line feeds inside count as blanks.
    """
    joined = "\n".join(("", *texts, ""))
    if not joined.isascii() and any(map(joined.__contains__, _INVISIBLE)):
        texts = list(map(visible, texts))
        joined = "\n".join(("", *texts, ""))
    n = len(texts)
    size = np.fromiter(map(len, texts), dtype=np.int64, count=n)
    if joined.count("\n") > n + 1:
        joined = "\n".join(("", *(text.replace("\n", " ") for text in texts), ""))
    points = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32)
    index = points.astype(np.int64)
    if joined.isascii() or int(points.max()) < TABLE_SIZE:
        lower = LOWERED.take(index)
    else:
        lower = np.where(points < TABLE_SIZE, LOWERED[np.minimum(index, TABLE_SIZE - 1)], points)
    spaced = np.zeros(n + 1, dtype=np.int64)
    spaced[:n] = size
    spaced += 1
    block = np.arange(n + 1).repeat(spaced)
    return TextArrays(points, lower, KIND.take(index), spaced[:n].cumsum() - size, size, block)


def traits_of(arrays: TextArrays) -> Traits:
    """Counts the characters of all blocks."""
    n = len(arrays.start)
    cell = arrays.block * KINDS
    cell += arrays.kind
    table = np.bincount(cell, minlength=(n + 1) * KINDS).reshape(n + 1, KINDS)[:n]
    counted = np.empty((COUNTED_OF_KIND.shape[1], n), dtype=np.float32)
    # In slices that are too small for BLAS to start threads, see `noisefilter.linear.product`.
    for low in range(0, n, _SLICE):
        some = table[low : low + _SLICE].astype(np.float32)
        np.matmul(COUNTED_OF_KIND.T, some.T, out=counted[:, low : low + _SLICE])
    end = arrays.start + (arrays.size - 1)
    first, last = arrays.kind[arrays.start], arrays.kind[end]
    before = arrays.kind[np.maximum(end - 1, arrays.start)]
    sentence = _ENDS_SENTENCE[last, before]
    tight = np.zeros(n, dtype=np.bool_)
    commas = (arrays.points == _COMMA).nonzero()[0]
    tight[arrays.block[commas[_IS_LETTER[arrays.kind[commas + 1]]]]] = True
    counts = dict(zip(COUNTED, counted, strict=False))
    return Traits(counts, counted[len(COUNTED) :], first, last, sentence, tight)


def join_traits(parts: Sequence[Traits]) -> Traits:
    """The traits of consecutive parts of a text as one."""
    if len(parts) == 1:
        return parts[0]
    return Traits(
        {name: np.concatenate([part.counts[name] for part in parts]) for name in COUNTED},
        np.concatenate([part.marks for part in parts], axis=1),
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.last for part in parts]),
        np.concatenate([part.sentence for part in parts]),
        np.concatenate([part.tight for part in parts]),
    )


def words_of(arrays: TextArrays) -> Words:
    """Finds the words of all blocks: runs of letters and digits, and pairs of neighbouring ideographs."""
    kind = arrays.kind
    inside = kind < WORD_KINDS
    # Separators stand at both ends, so starts and ends alternate.
    edges = (inside[1:] != inside[:-1]).nonzero()[0] + 1
    start = edges[::2].copy()  # what is contiguous is read faster
    size = edges[1::2] - start
    key = _word_keys(arrays.lower, edges, start, size)
    weight = np.ones(len(start), dtype=np.float32)
    ideographs = kind - _WORD_KINDS < ALNUM_KINDS - WORD_KINDS  # kinds below those of ideographs wrap around
    if ideographs.any():
        first = np.flatnonzero(ideographs)
        paired = ideographs[first + 1]
        second = np.where(paired, arrays.lower[first + 1], np.uint64(0))
        keys = (arrays.lower[first] * _MULTIPLIER + second) * _MULTIPLIER
        start, key = np.append(start, first), np.append(key, keys)
        size = np.append(size, 1 + paired)
        weight = np.append(weight, np.full(len(first), 0.5, dtype=np.float32))
        order = np.argsort(start, kind="stable")
        start, key, size, weight = start[order], key[order], size[order], weight[order]
    return Words(key, arrays.block[start], start, size, kind[start] < CAPITAL_KINDS, weight)


def join_words(parts: Sequence[Words], firsts: Sequence[int]) -> Words:
    """The words of consecutive parts of a text as one; `start` stays as of the parts.

    Args:
        parts: the words.
        firsts: number of the first block of each part.
    """
    if len(parts) == 1:
        return parts[0]
    return Words(
        np.concatenate([part.key for part in parts]),
        np.concatenate([part.block + first for part, first in zip(parts, firsts, strict=True)]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.size for part in parts]),
        np.concatenate([part.capital for part in parts]),
        np.concatenate([part.weight for part in parts]),
    )


def _word_keys(
    lower: NDArray[np.uint64], edges: NDArray[np.int64], start: NDArray[np.int64], size: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Hashes of words: the sum of their letters, each times the power of its place, modulo 2^64.

    The powers are those of places in the whole text, so that the sum over a word is divided by the power of
    the place where the word starts.

    Args:
        lower: as of `TextArrays`.
        edges: where each word starts and ends, in turn.
        start: where each word starts.
        size: number of letters of each word.
    """
    if not edges.size:
        return np.zeros(0, dtype=np.uint64)
    powers, place, apart = _POWERS[: len(lower)], start, size > _MAX_WORD
    if len(lower) > _PERIOD:
        powers, place = np.resize(_POWERS, len(lower)), start & (_PERIOD - 1)
        apart |= (place + size > _PERIOD) | (place == 0)
    # A separator stands before the first word: a place is 0 only where the powers begin anew, see below.
    keys = np.add.reduceat(lower * powers, edges)[::2] * _INVERSES[place - 1]
    odd = apart.nonzero()[0]
    if odd.size:
        keys[odd] = _sums(lower, start[odd], size[odd])
    keys ^= keys >> np.uint64(29)
    return np.asarray(keys)


def _sums(lower: NDArray[np.uint64], start: NDArray[np.int64], size: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The sums of `_word_keys` letter by letter: of long words, and where the powers begin anew."""
    first = size.cumsum() - size
    offset = np.arange(size.sum()) - first.repeat(size)
    terms = lower[start.repeat(size) + offset] * _POWERS[np.minimum(offset, _MAX_WORD - 1)]
    return np.asarray(np.add.reduceat(terms, first))


def count_words(words: Words, n_blocks: int) -> NDArray[np.float32]:
    """Number of words of each block, shape (n_blocks,); an ideograph counts for half a word."""
    return np.bincount(words.block, weights=words.weight, minlength=n_blocks).astype(np.float32)
