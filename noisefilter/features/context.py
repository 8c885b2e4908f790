"""Where a block stands and how its words sit with the rest of the page."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from noisefilter.features.characters import CLASS_OF_KIND, LOWER
from noisefilter.features.columns import Columns, cached_by_size, first_of_run
from noisefilter.features.text import Traits, Words, text_arrays, words_of

MIN_PROSE_WORDS = 15
_INDEX_EDGES = (1, 2, 3, 5, 8, 13, 25, 60)
_SHARE_EDGES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
_NOWHERE = 1 << 24  # further off than any block stands
_PART = 1 << 14  # words that are numbered together
_IS_LOWER = CLASS_OF_KIND & LOWER > 0
_PLACES = np.arange(_PART, dtype=np.uint64)  # the last one is a mask, since _PART is a power of 2
_OFF_TOPIC = 0.2  # share of words found in other prose
_MIN_TOPIC_LETTERS = 4  # shorter words stand in any text; pairs of ideographs count all the same


def prose(traits: Traits, counts: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which blocks are paragraphs of prose: 15 words or more, ending like a sentence."""
    return (counts >= MIN_PROSE_WORDS) & traits.sentence


def vocabulary(words: Words) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers the different words.

    Many words are numbered part by part first: most come again and again, and sorting them all at once would
    take more than its share of a long text's time.

    Returns:
        The number of each word, and the places of all words in the order of their numbers and in that of the
        text, both of shape (n_words,).
    """
    key = words.key
    if len(key) <= _PART:
        # Keys are sorted twice as fast as their order is found: the place of each takes its key's last bits.
        places = _PLACES[: len(key)]
        packed = key & ~_PLACES[-1]
        packed |= places
        packed.sort()
        rank = np.zeros(len(key), dtype=np.int64)
        rank[1:] = packed[1:] ^ packed[:-1] > _PLACES[-1]
        packed &= _PLACES[-1]
        number = np.empty_like(rank)
        order = packed.view(np.int64)
        number[order] = rank.cumsum(out=rank)
        return number, order
    parts = [_numbered(key[first : first + _PART]) for first in range(0, len(key), _PART)]
    overall = _numbered(np.concatenate([different for different, _ in parts]))[1]
    ends = np.cumsum([len(different) for different, _ in parts])
    numbers = np.split(overall, ends[:-1])
    number = np.concatenate([of[number] for of, (_, number) in zip(numbers, parts, strict=True)])
    ordered = number * len(key) + np.arange(len(key))
    ordered.sort()
    return number, ordered % len(key)


def _numbered(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The different keys in order, and for each key its number among them."""
    order = keys.argsort()
    ordered = keys[order]
    first = first_of_run(ordered)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = first.cumsum() - 1
    return ordered[first], number


def longest_run(weights: NDArray[np.float32]) -> tuple[int, int]:
    """First and last row of the run with the largest sum (Kadane's algorithm, vectorised)."""
    total = np.zeros(len(weights) + 1)
    total[1:] = weights.cumsum()
    before = total[:-1]
    last = int((total[1:] - np.minimum.accumulate(before)).argmax())
    return last - int(before[last::-1].argmin()), last


def add_position(
    columns: Columns, is_prose: NDArray[np.bool_], counts: NDArray[np.float32]
) -> tuple[int, int]:
    """Adds the columns on position and returns the first and last row of the page's main run of prose."""
    n = len(counts)
    index = np.arange(n)
    columns.add_all(*_places(n))
    share = np.count_nonzero(is_prose) / n
    columns.add_bins("share of prose on the page", share, (0.02, 0.1, 0.2, 0.4, 0.6, 0.8))

    first, last = longest_run(np.where(is_prose, np.minimum(counts, 60), np.float32(-6)))
    main, before, behind = np.zeros(n, dtype=np.bool_), np.zeros(n), np.zeros(n)
    main[first : last + 1] = True
    before[:first] = index[first:0:-1]
    behind[last + 1 :] = index[1 : n - last]
    columns.add("in the main run of prose", main)
    columns.add_bins("blocks before the main run", before, (1, 2, 3, 5, 9, 20))
    columns.add_bins("blocks behind the main run", behind, (1, 2, 3, 5, 9, 20, 50))
    columns.add("last of the main run", index == last)
    columns.add("first of the main run", index == first)

    since = index - np.maximum.accumulate(np.where(is_prose, index, -_NOWHERE))
    until = np.minimum.accumulate(np.where(is_prose, index, _NOWHERE)[::-1])[::-1] - index
    columns.add("no prose before", since >= n)
    columns.add("no prose after", until >= n)
    columns.add_bins("blocks since prose", since, (1, 2, 3, 5, 9, 20, 99))
    columns.add_bins("blocks until prose", until, (1, 2, 3, 5, 9, 20, 99))
    short = np.zeros(n + 1)
    short[1:] = counts < 6
    short.cumsum(out=short)
    low, high, around = _around(n)
    columns.add("share of short blocks around", (short[high] - short[low]) / around)
    return first, last


@cached_by_size
def _places(n: int) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """Names and values of the columns that say where each of n blocks stands."""
    columns, index = Columns(n), np.arange(n)
    columns.add_bins("blocks from the start", index, _INDEX_EDGES)
    columns.add_bins("blocks to the end", n - 1 - index, _INDEX_EDGES)
    columns.add_bins("place on the page", index / max(n - 1, 1), _SHARE_EDGES)
    columns.add_bins("blocks on the page", n, (5, 12, 25, 50, 100, 250))
    return columns.layout.names, columns.matrix().T > 0


@cached_by_size
def _around(n: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """First and end of the blocks around each of n blocks, and how many these are."""
    index = np.arange(n)
    low, high = np.maximum(index - 3, 0), np.minimum(index + 4, n)
    return low, high, (high - low).astype(np.float64)


_REPETITION = (
    "repeated on the page",
    "repeats an earlier block",
    "repeats an earlier block of 5 words or more",
    "repeated later",
    "stands more than three times",
)


def add_repetition(columns: Columns, words: Words, counts: NDArray[np.float32]) -> None:
    """Adds the columns on blocks that repeat another one of the page word for word."""
    n = len(counts)
    total = np.zeros(n, dtype=np.uint64)
    np.add.at(total, words.block, words.key)  # the same bag of words
    order = total.argsort(kind="stable")
    first = first_of_run(total[order]).nonzero()[0]
    if len(first) == n:
        columns.add_all(_REPETITION, np.zeros((len(_REPETITION), 1), dtype=np.bool_))
        return
    ends = np.full(len(first), n)
    ends[:-1] = first[1:]
    repeats = ends - first
    rank, repeated = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n) - first.repeat(repeats)
    repeated[order] = repeats.repeat(repeats)
    some, later, repeats_any = counts > 0, rank > 0, repeated > 1
    columns.add_all(_REPETITION, (
        repeats_any & some, later & some, later & (counts >= 5), repeats_any & (counts >= 4) & ~later,
        (repeated > 3) & some,
    ))  # fmt: skip


def _add_overlap(
    columns: Columns,
    name: str,
    inside: NDArray[np.number],
    counts: NDArray[np.float32],
    size: float,
) -> NDArray[np.bool_]:
    """Adds columns on how much of a block stands in a title, and how much of the title in the block.

    Args:
        columns: collects them.
        name: of the title.
        inside: number of each block's words that stand in the title.
        counts: number of words of each block.
        size: number of words of the title.

    Returns:
        Which blocks have the same words as the title.
    """
    of_block = inside / np.maximum(counts, 0.5)
    of_title = np.minimum(inside / max(size, 0.5), 1)
    columns.add_bins(f"share of its words in {name}", of_block, (0.01, 0.3, 0.6, 0.8, 0.99))
    columns.add_bins(f"share of the words of {name}", of_title, (0.01, 0.3, 0.6, 0.8, 0.99))
    same = (of_block > 0.75) & (of_title > 0.75)
    columns.add(f"same words as {name}", same)
    # A name or two may well head a part of the article; a whole headline does not.
    columns.add(f"same words as {name}, 5 words or more", same & (counts >= 5))
    columns.add(f"part of {name}", (of_block > 0.9) & (of_title > 0.25))
    return np.asarray(same)


@cache
def _untitled() -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Names and values of the columns on the title of any page without one, shape (n_columns, 1)."""
    columns = Columns(1)
    columns.add("title known", False)
    _add_overlap(columns, "the title", np.zeros(1), np.ones(1, dtype=np.float32), 0)
    return columns.layout.names, columns.matrix().T


def add_title(
    columns: Columns,
    title: str | None,
    words: Words,
    number: NDArray[np.int64],
    counts: NDArray[np.float32],
) -> NDArray[np.bool_]:
    """Adds the columns on overlap with the page's title and with the page's first block.

    Args:
        columns: collects them.
        title: of the page, where known.
        words: the blocks' words.
        number: of each word in the `vocabulary`.
        counts: number of words of each block.

    Returns:
        Which blocks have the same words as the title.
    """
    n = len(counts)
    same = np.zeros(n, dtype=np.bool_)
    known = words_of(text_arrays([title])) if title else None
    if known is not None and known.key.size:
        keys = np.sort(known.key)
        hit = keys.take(keys.searchsorted(words.key), mode="clip") == words.key
        inside = np.bincount(words.block[hit], weights=words.weight[hit], minlength=n)
        columns.add("title known", True)
        same = _add_overlap(columns, "the title", inside, counts, float(known.weight.sum()))
    else:
        columns.add_all(*_untitled())
    first = int(words.block.searchsorted(1))
    found = np.zeros(len(number), dtype=np.bool_)
    found[number[:first]] = True
    hits = found[number].nonzero()[0]
    shared = np.bincount(words.block[hits], weights=words.weight[hits], minlength=n)
    _add_overlap(columns, "the first block", shared, counts, float(words.weight[:first].sum()))
    return same


def add_topic(
    columns: Columns,
    words: Words,
    number: NDArray[np.int64],
    order: NDArray[np.int64],
    is_prose: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Adds the columns on how much of a block's vocabulary the page's other blocks share.

    Injected lines are told from their neighbours by their topic. Each word of at least four letters counts,
    the block's own uses left out.

    Args:
        columns: collects them.
        words: the blocks' words.
        number: of each word in the `vocabulary`.
        order: as of `vocabulary`.
        is_prose: which blocks are `prose`.

    Returns:
        Which blocks have such words, but hardly one that stands in other prose.
    """
    n = len(is_prose)
    topical = (words.size >= _MIN_TOPIC_LETTERS) | (words.weight < 1)
    those = order[topical[order]]
    word, block = number[those], words.block[those]
    once = first_of_run(word)
    once |= first_of_run(block)
    word, block = word[once], block[once]
    prosaic = is_prose.astype(np.float64)[block]
    elsewhere = (np.bincount(word) > 1)[word]
    in_prose = np.bincount(word, weights=prosaic)[word] > prosaic
    distinct = np.bincount(block, minlength=n)
    shared = np.bincount(block[elsewhere], minlength=n)
    shared_prose = np.bincount(block[in_prose], minlength=n)
    base = np.maximum(distinct, 1)
    none, three = distinct == 0, distinct >= 3
    edges = (0.01, 0.15, 0.3, 0.45, 0.6, 0.8, 0.99)
    columns.add("no topical words", none)
    columns.add_bins("share of words found elsewhere", np.where(none, 0.5, shared / base), edges)
    columns.add_bins("share of words found in other prose", np.where(none, 0.5, shared_prose / base), edges)
    columns.add("three words or more, none found elsewhere", three & (shared == 0))
    columns.add("three words or more, none in other prose", three & (shared_prose == 0))
    return np.asarray(~none & (shared_prose <= _OFF_TOPIC * distinct))


_CONJUNCTIONS = (
    "fragment between prose",
    "lower-case fragment between prose",
    "fragment between prose, off topic",
    "fragment within prose, off topic",
    "sentence within prose, off topic",
    "fragment before all prose",
    "fragment behind all prose",
    "off topic, before all prose",
    "off topic, behind all prose",
    "list of names",
    "list of names before or behind all prose",
)


def add_conjunctions(
    columns: Columns,
    traits: Traits,
    names: NDArray[np.bool_],
    counts: NDArray[np.float32],
    is_prose: NDArray[np.bool_],
    off_topic: NDArray[np.bool_],
) -> None:
    """Adds columns for traits that mean more together than one by one, which a linear model cannot see.

    A fragment is a short block that does not end like a sentence; a list of names is one with several commas
    and hardly a word in lower case.

    Args:
        columns: collects them.
        traits: of the blocks.
        names: which blocks hardly have a word in lower case.
        counts: number of words of each block.
        is_prose: which blocks are `prose`.
        off_topic: as of `add_topic`.
    """
    n = len(counts)
    fragment = (counts < 15) & ~traits.sentence
    commas = traits.counts["commas"]
    listed = fragment & (commas >= 2) & names
    where = is_prose.nonzero()[0]
    first, last = (int(where[0]), int(where[-1])) if where.size else (n, -1)
    lead, tail, between = np.zeros((3, n), dtype=np.bool_)  # before and behind all prose
    lead[: first + 1] = True
    tail[max(last, 0) :] = True
    between[1:-1] = is_prose[:-2] & is_prose[2:]
    between &= fragment
    outside = lead | tail
    within = off_topic & ~outside
    lower = _IS_LOWER[traits.first]
    columns.add_all(_CONJUNCTIONS, (
        between, between & lower, between & off_topic, fragment & within, ~fragment & within,
        fragment & lead, fragment & tail, off_topic & lead, off_topic & tail, listed, listed & outside,
    ))  # fmt: skip
    columns.add_bins("commas in a fragment", fragment * commas, (1, 2, 3, 5))
