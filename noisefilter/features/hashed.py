"""Sparse features in a hashed table: n-grams of characters and words, and tokens of the markup."""

import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from noisefilter.blocks import Markup
from noisefilter.features.text import SEPARATOR, TextArrays, Words

BITS = 17
BUCKETS = 1 << BITS

# Noise shows at the ends of a block; what is between them in a long one only costs time.
HEAD, TAIL = 160, 48
HEAD_WORDS, TAIL_WORDS = 40, 12
_ORDERS = (2, 3, 4)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio (Knuth, multiplicative hashing)
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


NOTHING = Hashed(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))


def join(parts: Sequence[Hashed]) -> Hashed:
    """Entries of several groups as one."""
    return Hashed(
        np.concatenate([part.row for part in parts]),
        np.concatenate([part.bucket for part in parts]),
        np.concatenate([part.value for part in parts]),
    )


def bucket_of(keys: NDArray[np.uint64], seed: int) -> NDArray[np.int64]:
    """Hashes keys of a group into buckets; the seed keeps groups apart."""
    mixed = (keys ^ np.uint64(seed * 0x632BE59BD9B4E019 & (2**64 - 1))) * _SPREAD
    return (mixed >> np.uint64(64 - BITS)).astype(np.int64)


def _scaled(row: NDArray[np.int64], n_rows: int) -> NDArray[np.float32]:
    """1 / sqrt(number of entries of the row), so that long and short blocks weigh alike."""
    counts = np.bincount(row, minlength=n_rows)
    return (1 / np.sqrt(np.maximum(counts, 1)))[row].astype(np.float32)


def character_grams(arrays: TextArrays, n_rows: int) -> Iterable[tuple[int, NDArray[np.int64], Hashed]]:
    """Hashes the character n-grams of the head and the tail of every block.

    Yields:
        The order n, the index of each n-gram's first code point, and the entries.
    """
    inside = np.arange(len(arrays.points)) - np.append(arrays.start, len(arrays.points))[arrays.block] + 1
    size = np.append(arrays.size, 0)[arrays.block]
    where = np.flatnonzero((inside <= HEAD) | (inside > size - TAIL))
    points = arrays.lower[where].astype(np.uint64)
    block = arrays.block[where]
    border = points == SEPARATOR
    key = points
    for order in range(2, _ORDERS[-1] + 1):
        key = key[:-1] * _SPREAD + points[order - 1 :]
        if order not in _ORDERS:
            continue
        # Borders may stand at the ends of an n-gram but not inside it.
        valid = np.ones(len(key), dtype=np.bool_)
        for offset in range(1, order - 1):
            valid &= ~border[offset : offset + len(key)]
        valid &= block[: len(key)] < n_rows
        first = np.flatnonzero(valid)
        row = block[first]
        yield order, where[first], Hashed(row, bucket_of(key[first], order), _scaled(row, n_rows))


def word_grams(words: Words, n_rows: int) -> Iterable[tuple[str, NDArray[np.int64], Hashed]]:
    """Hashes words, pairs of words, the first and the last word, and short blocks as a whole.

    Yields:
        The name of the group, the number of each entry's (first) word, and the entries.
    """
    n = len(words.key)
    index = np.arange(n)
    if not n:
        return
    edges = np.flatnonzero(np.diff(words.block, prepend=-1))
    ends = np.append(edges[1:], n) - 1
    place = index - np.repeat(edges, ends - edges + 1)
    # As with n-grams: the sum over all words of a long block would outgrow everything else.
    seen = (place < HEAD_WORDS) | (np.repeat(ends, ends - edges + 1) - index < TAIL_WORDS)
    shown = index[seen]
    row = words.block[shown]
    yield "word", shown, Hashed(row, bucket_of(words.key[shown], 11), _scaled(row, n_rows))
    pairs = index[:-1][(words.block[:-1] == words.block[1:]) & seen[:-1]]
    if pairs.size:
        row = words.block[pairs]
        key = words.key[pairs] * _SPREAD + words.key[pairs + 1]
        yield "words", pairs, Hashed(row, bucket_of(key, 12), _scaled(row, n_rows))
    one = np.ones(len(edges), dtype=np.float32)
    row = words.block[edges]
    yield "first word", edges, Hashed(row, bucket_of(words.key[edges], 13), one)
    yield "last word", ends, Hashed(row, bucket_of(words.key[ends], 14), one)
    few = np.flatnonzero(ends - edges < 6)
    if few.size:
        whole = np.add.reduceat(words.key * (2 * place + 1).astype(np.uint64), edges)[few]
        yield "whole block", edges[few], Hashed(row[few], bucket_of(whole, 15), one[few])


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
        index: for each entry, the number of its source and of the token in it, shape (n_entries, 2).
        split: takes a source apart into its tokens.
    """

    name: str
    entries: Hashed
    sources: list[str]
    index: NDArray[np.int64]
    split: Callable[[str], tuple[str, ...]]

    def token(self, entry: int) -> str:
        """The token of an entry."""
        source, number = self.index[entry]
        return str(self.split(self.sources[source])[number])


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


def _positions(count: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of each token in its source, then of its source: shape (n_tokens, 2), source first."""
    source = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
    return np.stack((source, within), axis=1)


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
            yield TokenGroup(name, entries, sources, _positions(count), split)
    yield from _class_groups(markup, n_rows)


def _class_groups(markup: Markup, n_rows: int) -> Iterable[TokenGroup]:
    sources = [attributes[:_MAX_CHARS] for attributes in markup.elements.attributes]
    keys, counts = _flatten(sources, _attribute_keys)
    if not keys.size:
        return
    count = counts.astype(np.int64)
    first = np.cumsum(count) - count
    position = _positions(count)
    up = np.array(markup.elements.parent, dtype=np.int64)
    current = np.array(markup.element, dtype=np.int64)
    rows = np.arange(n_rows)
    levels: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for _ in range(_MAX_LEVELS):
        size = count[current]
        starts = np.cumsum(size) - size
        entry = np.arange(int(size.sum())) + np.repeat(first[current] - starts, size)
        levels.append((np.repeat(rows, size), entry))
        inner = current != 0
        rows, current = rows[inner], up[current[inner]]
        if not rows.size:
            break
    for name, seed, low, high in (
        ("own class", 21, 0, 1),
        ("class around", 22, 1, 3),
        ("class further out", 23, 3, _MAX_LEVELS),
    ):
        part = levels[low:high]
        row = np.concatenate([r for r, _ in part]) if part else rows[:0]
        if row.size:
            entry = np.concatenate([e for _, e in part])
            entries = Hashed(row, bucket_of(keys[entry], seed), _scaled(row, n_rows))
            yield TokenGroup(name, entries, sources, position[entry], attribute_tokens)
