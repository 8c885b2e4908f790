"""Sparse features of the markup: class and id words, tags and link targets."""

import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from noisefilter.blocks import Markup
from noisefilter.features.hashed import Hashed, bucket_of, scaled

_MAX_LEVELS = 14  # ancestors whose attributes count
_MAX_ITEMS = 3  # inline elements or links of one block that count
_MAX_CHARS = 256  # of an attribute: what is cached must stay small
_MAX_TOKENS = 10  # tokens of one element that count
_CACHE = 32768  # strings: class names repeat within a page and a site
_TOKEN = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}")
_PATH_TOKEN = re.compile(r"[a-z]{3,}")


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
            entries = Hashed(row, bucket_of(keys, seed), scaled(row, n_rows))
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
            entries = Hashed(row, bucket_of(keys[entry], seed), scaled(row, n_rows))
            yield TokenGroup(name, entries, sources, count, entry, attribute_tokens)
