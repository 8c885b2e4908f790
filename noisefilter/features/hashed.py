"""Sparse features in a hashed table: n-grams of characters and words, and tokens of the markup."""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from noisefilter.blocks import Markup
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
_ORDER_SEEDS = np.array([_SEEDS[order] for order in _ORDERS])[:, None]
_MAX_LEVELS = 14  # ancestors whose attributes count
_MAX_ITEMS = 3  # inline elements or links of one block that count
_MAX_CHARS = 256  # of an attribute: what is cached must stay small
_MAX_TOKENS = 10  # tokens of one element that count
_CACHE = 32768  # strings: class names repeat within a page and a site
_TOKEN = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}")
_PATH_TOKEN = re.compile(r"[a-z]{3,}")


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


def _scaled(row: NDArray[np.int64], n_rows: int) -> NDArray[np.float32]:
    """1 / sqrt(number of entries of the row), so that long and short blocks weigh alike."""
    return _scale(np.bincount(row, minlength=n_rows))[row]


def _scale(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    return (1 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Grams:
    """The character n-grams of the head and the tail of every block, one from each code point on.

    Attributes:
        shown: spans of those code points in `TextArrays`; with the last one, from which no n-gram starts.
        start: index of each block's first code point among them, shape (n_blocks,).
        size: number of each block's code points among them.
        bucket: of each n-gram, shape (n_orders, n_points).
    """

    shown: list[tuple[int, int]]
    start: NDArray[np.int64]
    size: NDArray[np.int64]
    bucket: NDArray[np.int64]

    def clear(self, values: NDArray[np.generic]) -> None:
        """Sets the values of n-grams that reach beyond their block to zero, shape (n_orders, n_points).

        Borders may stand at the ends of an n-gram but not inside it.
        """
        last = self.start + (self.size - 1)
        for row, order in enumerate(_ORDERS):
            for back in range(order - 2):
                values[row, last - back] = 0

    def counts(self) -> NDArray[np.int64]:
        """How many n-grams each block has, shape (n_orders, n_blocks)."""
        return np.asarray(np.maximum(self.size - (np.array(_ORDERS)[:, None] - 3), 0))


def _grams_of(arrays: TextArrays) -> _Grams:
    lower, start, size = arrays.lower, arrays.start, arrays.size
    long = (size > HEAD + TAIL).nonzero()[0]
    firsts, ends = (start[long] + HEAD).tolist(), (start[long] + size[long] - TAIL).tolist()
    shown = list(zip([0, *ends], [*firsts, len(lower)], strict=True))
    if long.size:
        lower = np.concatenate([lower[first:end] for first, end in shown])
        size = np.minimum(size, HEAD + TAIL)
        start = (size + 1).cumsum() - size
    n = len(lower) - 1
    seeded = np.zeros((len(_ORDERS), n), dtype=np.uint64)
    key = lower
    for row, order in enumerate(_ORDERS):
        width = n + 2 - order
        key = np.add(key[:width] * _SPREAD, lower[order - 1 :], out=seeded[row, :width])
    seeded ^= _ORDER_SEEDS
    return _Grams(shown, start, size, _bucket(seeded))


def gram_sums(arrays: TextArrays, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sum of the weights of each block's character n-grams, as of `character_grams`.

    Args:
        arrays: the blocks' text.
        weights: of the buckets, shape (`BUCKETS`,).

    Returns:
        Sums, shape (n_blocks,).
    """
    grams = _grams_of(arrays)
    weighed = weights[grams.bucket]
    grams.clear(weighed)
    sums = np.add.reduceat(weighed, grams.start - 1, axis=1)
    sums *= _scale(grams.counts())
    return np.asarray(sums.sum(axis=0))


def character_grams(arrays: TextArrays, n_rows: int) -> Iterable[tuple[int, NDArray[np.int64], Hashed]]:
    """Hashes the character n-grams of the head and the tail of every block.

    Yields:
        The order n, the index of each n-gram's first code point, and the entries.
    """
    grams = _grams_of(arrays)
    valid = np.ones(grams.bucket.shape, dtype=np.bool_)
    grams.clear(valid)
    block = np.arange(n_rows).repeat(grams.size + 1)
    where = np.concatenate([np.arange(first, end) for first, end in grams.shown])
    for order, bucket, inside in zip(_ORDERS, grams.bucket, valid, strict=True):
        first = np.flatnonzero(inside)
        row = block[first]
        yield order, where[first], Hashed(row, bucket[first], _scaled(row, n_rows))


@dataclass(frozen=True, slots=True)
class _WordGroup:
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


def _word_groups(words: Words, n_rows: int) -> Iterator[_WordGroup]:
    n = len(words.key)
    if not n:
        return
    block, key = words.block, words.key
    index = np.arange(n)
    same = block[1:] == block[:-1]
    ends = np.append((~same).nonzero()[0], n - 1)
    edges = np.empty_like(ends)
    edges[0], edges[1:] = 0, ends[:-1] + 1
    length = ends - edges
    shown, shown_key, row = index, key, block
    if length.max() >= HEAD_WORDS + TAIL_WORDS:
        # As with n-grams: the sum over all words of a long block would outgrow everything else.
        sizes = length + 1
        seen = (index - edges.repeat(sizes) < HEAD_WORDS) | (ends.repeat(sizes) - index < TAIL_WORDS)
        shown, same = index[seen], same & seen[:-1]
        shown_key, row = key[seen], block[seen]
    yield _WordGroup("word", 11, shown, row, shown_key, _scaled(row, n_rows))
    pairs = same.nonzero()[0]
    if pairs.size:
        row = block[pairs]
        yield _WordGroup("words", 12, pairs, row, key[pairs] * _SPREAD + key[pairs + 1], _scaled(row, n_rows))
    one = np.ones(len(edges), dtype=np.float32)
    row = block[edges]
    yield _WordGroup("first word", 13, edges, row, key[edges], one)
    yield _WordGroup("last word", 14, ends, row, key[ends], one)
    few = (length < 6).nonzero()[0]
    if few.size:
        place = index - edges.repeat(length + 1)
        whole = np.add.reduceat(key * (2 * place + 1).view(np.uint64), edges)[few]
        yield _WordGroup("whole block", 15, edges[few], row[few], whole, one[few])


def word_grams(words: Words, n_rows: int) -> Iterator[tuple[str, NDArray[np.int64], Hashed]]:
    """Hashes words, pairs of words, the first and the last word, and short blocks as a whole.

    Yields:
        The name of the group, the number of each entry's (first) word, and the entries.
    """
    for group in _word_groups(words, n_rows):
        yield group.name, group.number, Hashed(group.row, bucket_of(group.key, group.seed), group.value)


def word_entries(words: Words, n_rows: int) -> Hashed:
    """The entries of all groups of `word_grams` as one."""
    groups = list(_word_groups(words, n_rows))
    if not groups:
        return NOTHING
    return Hashed(
        np.concatenate([group.row for group in groups]),
        _bucket(np.concatenate([group.key ^ _SEEDS[group.seed] for group in groups])),
        np.concatenate([group.value for group in groups]),
    )


def attribute_tokens(attributes: str) -> tuple[str, ...]:
    """Words of class names and the like, in lower case: ``post-title wpEntry`` gives post, title, entry."""
    return tuple(token.lower() for token in _TOKEN.findall(attributes)[:_MAX_TOKENS])


def href_tokens(href: str) -> tuple[str, ...]:
    """What the target of a link tells: its scheme or host, and the first words of its path."""
    if not href or href[0] == "#":
        return ("#",)
    scheme, _, rest = href[:200].partition(":")
    if scheme in ("mailto", "tel", "javascript", "whatsapp", "data"):
        return (scheme,)
    if scheme in ("http", "https"):
        host, _, path = rest.lstrip("/").partition("/")
        return (host.removeprefix("www."), *_PATH_TOKEN.findall(path[:60])[:3])
    return ("/", *_PATH_TOKEN.findall(href[:60])[:3])


def _keys(tokens: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(zlib.crc32(token.encode()) for token in tokens)


@lru_cache(maxsize=_CACHE)
def _attribute_keys(attributes: str) -> tuple[int, ...]:
    return _keys(attribute_tokens(attributes)) if attributes else ()


@lru_cache(maxsize=_CACHE)
def _href_keys(href: str) -> tuple[int, ...]:
    return _keys(href_tokens(href))


@lru_cache(maxsize=_CACHE)
def _trail_keys(trail: str) -> tuple[int, ...]:
    return _keys((trail,))


@dataclass(frozen=True, slots=True)
class TokenGroup:
    """Entries of one group of tokens.

    Attributes:
        name: of the group.
        entries: hashed.
        sources: strings that tokens come from.
        count: number of tokens of each source, shape (n_sources,).
        index: for each entry, the number of its token among those of all sources; None: in their order.
        split: takes a source apart into its tokens.
    """

    name: str
    entries: Hashed
    sources: list[str]
    count: NDArray[np.int64]
    index: NDArray[np.int64] | None
    split: Callable[[str], tuple[str, ...]]

    def token(self, entry: int) -> str:
        """The token of an entry."""
        number = entry if self.index is None else int(self.index[entry])
        ends = self.count.cumsum()
        source = int(ends.searchsorted(number, side="right"))
        return self.split(self.sources[source])[number - int(ends[source] - self.count[source])]


def _trails(markup: Markup) -> list[str]:
    """For each block the names of the two elements around its own, and its own."""
    tags, parent = markup.elements.tag, markup.elements.parent
    trails = []
    for own in markup.element:
        around = parent[own]
        trails.append(f"{tags[parent[around]]} {tags[around]} {tags[own]}")
    return trails


def _one(source: str) -> tuple[str, ...]:
    return (source,)


def _flatten(
    sources: Sequence[str], keys_of: Callable[[str], tuple[int, ...]]
) -> tuple[NDArray[np.uint64], ...]:
    """Keys of all tokens of all sources, and the number of tokens of each source."""
    keys = [keys_of(source) for source in sources]
    count = np.fromiter(map(len, keys), dtype=np.uint64, count=len(keys))
    flat = np.fromiter(chain.from_iterable(keys), dtype=np.uint64, count=int(count.sum()))
    return flat, count


def markup_tokens(markup: Markup, n_rows: int) -> Iterable[TokenGroup]:
    """Hashes class and id words of the elements around and inside each block, tags and link targets."""
    singles = list(range(n_rows))
    for name, seed, values, keys_of, split in (
        ("inside", 24, markup.inline, _attribute_keys, attribute_tokens),
        ("link to", 25, markup.hrefs, _href_keys, href_tokens),
        ("tags", 26, None, _trail_keys, _one),
    ):
        if values is None:
            rows, sources = singles, _trails(markup)
        else:
            rows = [row for row, items in enumerate(values) for _ in items[:_MAX_ITEMS]]
            sources = [item[:_MAX_CHARS] for items in values for item in items[:_MAX_ITEMS]]
        if not sources:
            continue
        keys, counts = _flatten(sources, keys_of)
        count = counts.astype(np.int64)
        row = np.repeat(np.array(rows, dtype=np.int64), count)
        if row.size:
            entries = Hashed(row, bucket_of(keys, seed), _scaled(row, n_rows))
            yield TokenGroup(name, entries, sources, count, None, split)
    yield from _class_groups(markup, n_rows)


def _class_groups(markup: Markup, n_rows: int) -> Iterable[TokenGroup]:
    sources = [attributes[:_MAX_CHARS] for attributes in markup.elements.attributes]
    keys, counts = _flatten(sources, _attribute_keys)
    if not keys.size:
        return
    count = counts.astype(np.int64)
    first = np.cumsum(count) - count
    up = np.array(markup.elements.parent, dtype=np.int64)
    current = np.array(markup.element, dtype=np.int64)
    rows = np.arange(n_rows)
    levels: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for _ in range(_MAX_LEVELS):
        levels.append((rows, current))
        inner = current.nonzero()[0]
        if not inner.size:
            break
        rows, current = rows[inner], up[current[inner]]
    for name, seed, low, high in (
        ("own class", 21, 0, 1),
        ("class around", 22, 1, 3),
        ("class further out", 23, 3, _MAX_LEVELS),
    ):
        part = levels[low:high]
        if not part:
            continue
        element = np.concatenate([elements for _, elements in part])
        size = count[element]
        row = np.concatenate([rows for rows, _ in part]).repeat(size)
        if row.size:
            # The tokens of an element follow each other.
            entry = np.arange(len(row)) + (first[element] - (size.cumsum() - size)).repeat(size)
            entries = Hashed(row, bucket_of(keys[entry], seed), _scaled(row, n_rows))
            yield TokenGroup(name, entries, sources, count, entry, attribute_tokens)
