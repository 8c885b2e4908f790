"""How a block's words sit with what the page declares: its authors, its tags, the name of its site."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from noisefilter.features.columns import Columns
from noisefilter.features.text import Words, text_arrays, words_of

_EDGES = (0.01, 0.3, 0.6, 0.99)
_MIN_SITE_LETTERS = 4  # shorter words of a site's name, such as "the", stand anywhere
_MAX_NAMES = 50
_MAX_CHARS = 200


def _keys(names: Iterable[str]) -> NDArray[np.uint64]:
    """Hashes of the words of names, in order, each once."""
    known = [name[:_MAX_CHARS] for name in names if name.strip()][:_MAX_NAMES]
    return np.unique(words_of(text_arrays(known)).key) if known else np.zeros(0, dtype=np.uint64)


def _found(words: Words, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which words are among the keys."""
    if not len(keys) or not len(words.key):
        return np.zeros(len(words.key), dtype=np.bool_)
    place = np.minimum(np.searchsorted(keys, words.key), len(keys) - 1)
    return np.asarray(keys[place] == words.key)


def _names_site(words: Words, site: str | None, n: int) -> NDArray[np.bool_]:
    """Which blocks hold all the longer words of the site's name."""
    names = np.zeros(n, dtype=np.bool_)
    if not site:
        return names
    own = words_of(text_arrays([site[:_MAX_CHARS]]))
    long = np.unique(own.key[(own.size >= _MIN_SITE_LETTERS) | (own.weight < 1)])[:6]
    if not len(long):
        return names
    names[:] = True
    for key in long:
        names &= np.bincount(words.block[words.key == key], minlength=n) > 0
    return names


def add_declared(
    columns: Columns,
    authors: Iterable[str],
    tags: Iterable[str],
    site: str | None,
    words: Words,
    counts: NDArray[np.float32],
    main_run: tuple[int, int],
) -> None:
    """Adds the columns on names that the page declares.

    Args:
        columns: collects them.
        authors: of the page.
        tags: of the page.
        site: name of the site.
        words: the blocks' words.
        counts: number of words of each block.
        main_run: first and last block of the page's main run of prose.
    """
    n = len(counts)
    size = np.maximum(counts, 0.5)
    short = counts < 8
    behind = np.arange(n) > main_run[1]

    keys = _keys(authors)
    hit = _found(words, keys)
    share = np.bincount(words.block, weights=hit * words.weight, minlength=n) / size
    first = np.zeros(n, dtype=np.bool_)
    if hit.any():
        starts = np.flatnonzero(np.diff(words.block, prepend=-1))
        first[words.block[starts]] = hit[starts]
    columns.add("author known", float(len(keys) > 0))
    columns.add_bins("share of its words in the authors' names", share, _EDGES)
    columns.add("begins with an author's name", first)
    columns.add("begins with an author's name, 8 words or more", first & ~short)
    columns.add("begins with an author's name, behind the main run", first & behind)

    share = np.bincount(words.block, weights=_found(words, _keys(tags)) * words.weight, minlength=n) / size
    columns.add_bins("share of its words in the tags", np.where(short, share, 0), _EDGES)

    names = _names_site(words, site, n)
    columns.add("names the site", names)
    columns.add("names the site, short", names & short)
    columns.add("names the site, 15 words or more", names & (counts >= 15))
    columns.add("names the site, behind the main run", names & behind)
