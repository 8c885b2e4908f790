"""Sparse features in a hashed table: n-grams of characters and words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from noisefilter.features.text import TextArrays, Words

BITS = 17
BUCKETS = 1 << BITS

# Noise shows at the ends of a block; what is between them in a long one only costs time.
HEAD, TAIL = 160, 48
HEAD_WORDS, TAIL_WORDS = 40, 12
_ORDERS = (2, 3, 4)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio (Knuth, multiplicative hashing)
_SHIFT = np.uint64(64 - BITS)
_SEEDS = tuple(np.uint64(seed * 0x632BE59BD9B4E019 & (2**64 - 1)) for seed in range(32))
_FEW = 6  # words at most of a block that is hashed as a whole
# By number of words, then place: what lies behind the last word counts for nothing.
_FACTORS = np.tril(np.arange(1, 2 * _FEW + 1, 2, dtype=np.uint64) * np.ones((_FEW + 1, 1), np.uint64), -1)


@dataclass(frozen=True, slots=True)
class Hashed:
    """Entries of a sparse matrix, in any order; entries of one cell add up.

    Attributes:
        row: number of the block, int64, shape (n_entries,).
        bucket: column, int64, 0 to `BUCKETS` - 1, shape (n_entries,).
        value: float32, shape (n_entries,).
    """

    row: NDArray[np.int64]
    bucket: NDArray[np.int64]
    value: NDArray[np.float32]

    def moved(self, by: int) -> "Hashed":
        """The same entries of blocks so many further on."""
        return Hashed(self.row + by, self.bucket, self.value) if by else self


NOTHING = Hashed(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))


def join(parts: Sequence[Hashed]) -> Hashed:
    """Entries of several groups as one."""
    if len(parts) == 1:
        return parts[0]
    return Hashed(
        np.concatenate([part.row for part in parts]),
        np.concatenate([part.bucket for part in parts]),
        np.concatenate([part.value for part in parts]),
    )


def bucket_of(keys: NDArray[np.uint64], seed: int) -> NDArray[np.int64]:
    """Hashes keys of a group into buckets; the seed keeps groups apart."""
    return _bucket(keys ^ _SEEDS[seed])


def _bucket(seeded: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The buckets of seeded keys, in place of them."""
    seeded *= _SPREAD
    seeded >>= _SHIFT
    return seeded.view(np.int64)


def scaled(row: NDArray[np.int64], n_rows: int) -> NDArray[np.float32]:
    """1 / sqrt(number of entries of the row), so that long and short blocks weigh alike."""
    return _scales(np.bincount(row, minlength=n_rows))[row]


def _scales(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    return (1 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)


_SCALE_OF_WORDS = _scales(np.arange(HEAD_WORDS + TAIL_WORDS + 1))
# By order and size of the block: from its borders on, n-grams of order n are n - 3 less than code points.
_SCALE_OF_GRAMS = _scales(np.arange(HEAD + TAIL + 1) - (np.array(_ORDERS)[:, None] - 3))


class _Shown(NamedTuple):
    """The head and the tail of every block, whose character n-grams count.

    Attributes:
        spans: of their code points in `TextArrays`, each with the separators around its blocks.
        lower: the code points in lower case, with separators as in `TextArrays`.
        start: index of each block's first code point among them, shape (n_blocks,).
        last: the same of its last one.
        size: number of each block's code points among them.
    """

    spans: list[tuple[int, int]]
    lower: NDArray[np.uint64]
    start: NDArray[np.int64]
    last: NDArray[np.int64]
    size: NDArray[np.int64]

    def buckets(self) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """For each order the buckets of the n-grams, one from each code point on but the last separator.

        All orders use the same memory in turn, so that it stays in the processor's cache.
        """
        n = len(self.lower) - 1
        key = self.lower[:n] * _SPREAD
        seeded = np.empty(n, dtype=np.uint64)
        for order in _ORDERS:
            if order > _ORDERS[0]:
                key *= _SPREAD
            key[: n + 2 - order] += self.lower[order - 1 :]
            np.bitwise_xor(key, _SEEDS[order], out=seeded)
            yield order, _bucket(seeded)

    def clear(self, order: int, values: NDArray[np.generic]) -> None:
        """Sets the values of n-grams that reach beyond their block to zero, shape (n_points,).

        Borders may stand at the ends of an n-gram but not inside it.
        """
        for back in range(order - 2):
            values[self.last - back] = 0


def _shown(arrays: TextArrays) -> _Shown:
    lower, start, size = arrays.lower, arrays.start, arrays.size
    long = (size > HEAD + TAIL).nonzero()[0]
    firsts, ends = (start[long] + HEAD).tolist(), (start[long] + size[long] - TAIL).tolist()
    spans = list(zip([0, *ends], [*firsts, len(lower)], strict=True))
    if long.size:
        lower = np.concatenate([lower[first:end] for first, end in spans])
        size = np.minimum(size, HEAD + TAIL)
        start = (size + 1).cumsum() - size
    return _Shown(spans, lower, start, start + (size - 1), size)


def gram_sums(arrays: TextArrays, weights: NDArray[np.number]) -> NDArray[np.float32]:
    """The sum of the weights of each block's character n-grams, as of `character_grams`.

    Args:
        arrays: the blocks' text.
        weights: of the buckets, shape (`BUCKETS`,).

    Returns:
        Sums, shape (n_blocks,).
    """
    shown = _shown(arrays)
    borders = shown.start - 1
    total = np.zeros(len(borders), dtype=np.float32)
    for (order, bucket), scale in zip(shown.buckets(), _SCALE_OF_GRAMS.take(shown.size, axis=1), strict=True):
        weighed = weights.take(bucket).astype(np.float32, copy=False)
        shown.clear(order, weighed)
        sums = np.add.reduceat(weighed, borders)
        sums *= scale
        total += sums
    return total


def character_grams(arrays: TextArrays, n_rows: int) -> Iterator[tuple[int, NDArray[np.int64], Hashed]]:
    """Hashes the character n-grams of the head and the tail of every block.

    Yields:
        The order n, the index of each n-gram's first code point, and the entries.
    """
    shown = _shown(arrays)
    block = np.arange(n_rows).repeat(shown.size + 1)
    where = np.concatenate([np.arange(first, end) for first, end in shown.spans])
    for order, bucket in shown.buckets():
        inside = np.ones(len(bucket), dtype=np.bool_)
        shown.clear(order, inside)
        first = np.flatnonzero(inside)
        row = block[first]
        yield order, where[first], Hashed(row, bucket[first], scaled(row, n_rows))


class _WordGroup(NamedTuple):
    """Words or pairs of words, not hashed yet.

    Attributes:
        name: of the group.
        seed: of its hashes.
        number: number of each entry's (first) word.
        row: number of its block.
        key: what is hashed.
        value: of the entry.
    """

    name: str
    seed: int
    number: NDArray[np.int64]
    row: NDArray[np.int64]
    key: NDArray[np.uint64]
    value: NDArray[np.float32]


def _word_groups(words: Words) -> Iterator[_WordGroup]:
    n = len(words.key)
    if not n:
        return
    block, key = words.block, words.key
    index = np.arange(n)
    same = block[1:] == block[:-1]
    lasts = (~same).nonzero()[0]
    bounds = np.zeros(len(lasts) + 2, dtype=np.int64)  # of the words of each block
    np.add(lasts, 1, out=bounds[1:-1])
    bounds[-1] = n
    edges, ends = bounds[:-1], bounds[1:] - 1
    size = bounds[1:] - edges
    row = block[edges]
    shown, shown_key, shown_row = index, key, block
    long = (size > HEAD_WORDS + TAIL_WORDS).nonzero()[0]
    if long.size:
        # As with n-grams: the sum over all words of a long block would outgrow everything else.
        seen = np.ones(n, dtype=np.bool_)
        tails = bounds[long + 1] - TAIL_WORDS
        for first, end in zip((edges[long] + HEAD_WORDS).tolist(), tails.tolist(), strict=True):
            seen[first:end] = False
        same &= seen[:-1]
        shown = seen.nonzero()[0]
        shown_key, shown_row = key[shown], block[shown]
    # The entries of a block follow each other.
    entries = np.minimum(size, HEAD_WORDS + TAIL_WORDS)
    value = _SCALE_OF_WORDS[entries].repeat(entries)
    yield _WordGroup("word", 11, shown, shown_row, shown_key, value)
    pairs = same.nonzero()[0]
    if pairs.size:
        entries -= 1  # the last word starts no pair
        value = _SCALE_OF_WORDS[entries].repeat(entries)
        keys = key[pairs] * _SPREAD + key[pairs + 1]
        yield _WordGroup("words", 12, pairs, row.repeat(entries), keys, value)
    one = np.ones(len(edges), dtype=np.float32)
    yield _WordGroup("first word", 13, edges, row, key[edges], one)
    yield _WordGroup("last word", 14, ends, row, key[ends], one)
    few = (size <= _FEW).nonzero()[0]
    if few.size:
        places = edges[few][:, None] + np.arange(_FEW)
        whole = (key.take(places, mode="clip") * _FACTORS[size[few]]).sum(axis=1)
        yield _WordGroup("whole block", 15, edges[few], row[few], whole, one[few])


def word_grams(words: Words) -> Iterator[tuple[str, NDArray[np.int64], Hashed]]:
    """Hashes words, pairs of words, the first and the last word, and short blocks as a whole.

    Yields:
        The name of the group, the number of each entry's (first) word, and the entries.
    """
    for group in _word_groups(words):
        yield group.name, group.number, Hashed(group.row, bucket_of(group.key, group.seed), group.value)


def word_entries(words: Words) -> Hashed:
    """The entries of all groups of `word_grams` as one."""
    groups = list(_word_groups(words))
    if not groups:
        return NOTHING
    return Hashed(
        np.concatenate([group.row for group in groups]),
        _bucket(np.concatenate([group.key ^ _SEEDS[group.seed] for group in groups])),
        np.concatenate([group.value for group in groups]),
    )
