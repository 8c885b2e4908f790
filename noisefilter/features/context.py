"""Where a block stands and how its words sit with the rest of the page."""

import numpy as np
from numpy.typing import NDArray

from noisefilter.features.characters import CLASS_OF_KIND, LOWER
from noisefilter.features.columns import Columns
from noisefilter.features.text import Traits, Words, text_arrays, words_of

MIN_PROSE_WORDS = 15
_INDEX_EDGES = (1, 2, 3, 5, 8, 13, 25, 60)
_SHARE_EDGES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
_PART = 1 << 14  # words that are numbered together
_OFF_TOPIC = 0.2  # share of words found in other prose
_MIN_TOPIC_LETTERS = 4  # shorter words stand in any text; pairs of ideographs count all the same


def prose(traits: Traits, counts: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which blocks are paragraphs of prose: 15 words or more, ending like a sentence."""
    return (counts >= MIN_PROSE_WORDS) & traits.sentence


def vocabulary(words: Words) -> NDArray[np.int64]:
    """Numbers the different words: the number of each word, shape (n_words,).

    Many words are numbered part by part first: most come again and again, and sorting them all at once would
    take more than its share of a long text's time.
    """
    key = words.key
    if len(key) <= _PART:
        return _numbered(key)[1]
    parts = [_numbered(key[first : first + _PART]) for first in range(0, len(key), _PART)]
    overall = _numbered(np.concatenate([different for different, _ in parts]))[1]
    ends = np.cumsum([len(different) for different, _ in parts])
    numbers = np.split(overall, ends[:-1])
    return np.concatenate([of[number] for of, (_, number) in zip(numbers, parts, strict=True)])


def _numbered(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The different keys in order, and for each key its number among them."""
    order = keys.argsort()
    ordered = keys[order]
    first = _first_of_run(ordered)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = first.cumsum() - 1
    return ordered[first], number


def _first_of_run(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where a sorted array has a value that it did not have before."""
    first = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first


def longest_run(weights: NDArray[np.float32]) -> tuple[int, int]:
    """First and last row of the run with the largest sum (Kadane's algorithm, vectorised)."""
    total = np.cumsum(weights)
    before = np.minimum.accumulate(np.concatenate(([0.0], total[:-1])))
    last = int(np.argmax(total - before))
    previous = np.concatenate(([0.0], total[:-1]))[: last + 1]
    first = int(np.argmin(previous[::-1]))
    return last - first, last


def add_position(
    columns: Columns, is_prose: NDArray[np.bool_], counts: NDArray[np.float32]
) -> tuple[int, int]:
    """Adds the columns on position and returns the first and last row of the page's main run of prose."""
    n = len(counts)
    index = np.arange(n)
    columns.add_bins("blocks from the start", index, _INDEX_EDGES)
    columns.add_bins("blocks to the end", n - 1 - index, _INDEX_EDGES)
    columns.add_bins("place on the page", index / max(n - 1, 1), _SHARE_EDGES)
    columns.add_bins("blocks on the page", n, (5, 12, 25, 50, 100, 250))
    columns.add_bins("share of prose on the page", is_prose.mean(), (0.02, 0.1, 0.2, 0.4, 0.6, 0.8))

    first, last = longest_run(np.where(is_prose, np.minimum(counts, 60), np.float32(-6)))
    columns.add("in the main run of prose", (index >= first) & (index <= last))
    columns.add_bins("blocks before the main run", np.maximum(first - index, 0), (1, 2, 3, 5, 9, 20))
    columns.add_bins("blocks behind the main run", np.maximum(index - last, 0), (1, 2, 3, 5, 9, 20, 50))
    columns.add("last of the main run", index == last)
    columns.add("first of the main run", index == first)

    previous = np.maximum.accumulate(np.where(is_prose, index, -1))
    following = np.minimum.accumulate(np.where(is_prose, index, n)[::-1])[::-1]
    none_before, none_after = previous < 0, following >= n
    columns.add("no prose before", none_before)
    columns.add("no prose after", none_after)
    columns.add_bins(
        "blocks since prose", np.where(none_before, 99, index - previous), (1, 2, 3, 5, 9, 20, 99)
    )
    columns.add_bins(
        "blocks until prose", np.where(none_after, 99, following - index), (1, 2, 3, 5, 9, 20, 99)
    )
    short = np.zeros(n + 1)
    np.cumsum(counts < 6, out=short[1:])
    low, high = np.maximum(index - 3, 0), np.minimum(index + 4, n)
    columns.add("share of short blocks around", (short[high] - short[low]) / (high - low))
    return first, last


def add_repetition(columns: Columns, words: Words, counts: NDArray[np.float32]) -> None:
    """Adds the columns on blocks that repeat another one of the page word for word."""
    n = len(counts)
    total = np.zeros(n, dtype=np.uint64)
    np.add.at(total, words.block, words.key)  # the same bag of words
    order = total.argsort(kind="stable")
    first = _first_of_run(total[order]).nonzero()[0]
    repeats = np.diff(first, append=n)
    rank, repeated = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n) - first.repeat(repeats)
    repeated[order] = repeats.repeat(repeats)
    some, later = counts > 0, rank > 0
    columns.add("repeated on the page", (repeated > 1) & some)
    columns.add("repeats an earlier block", later & some)
    columns.add("repeats an earlier block of 5 words or more", later & (counts >= 5))
    columns.add("repeated later", ~later & (repeated > 1) & (counts >= 4))
    columns.add("stands more than three times", (repeated > 3) & some)


def _add_overlap(
    columns: Columns,
    name: str,
    inside: NDArray[np.number],
    counts: NDArray[np.float32],
    size: float,
) -> None:
    """Columns on how much of each block's words stands in a title, and how much of the title in the block.

    Args:
        columns: collects them.
        name: of the title.
        inside: number of each block's words that stand in the title.
        counts: number of words of each block.
        size: number of words of the title.
    """
    of_block = inside / np.maximum(counts, 0.5)
    of_title = np.minimum(inside / max(size, 0.5), 1)
    columns.add_bins(f"share of its words in {name}", of_block, (0.01, 0.3, 0.6, 0.8, 0.99))
    columns.add_bins(f"share of the words of {name}", of_title, (0.01, 0.3, 0.6, 0.8, 0.99))
    columns.add(f"same words as {name}", (of_block > 0.75) & (of_title > 0.75))
    columns.add(f"part of {name}", (of_block > 0.9) & (of_title > 0.25))


def add_title(
    columns: Columns,
    title: str | None,
    words: Words,
    number: NDArray[np.int64],
    counts: NDArray[np.float32],
) -> None:
    """Adds the columns on overlap with the page's title and with the page's first block.

    Args:
        columns: collects them.
        title: of the page, where known.
        words: the blocks' words.
        number: of each word in the `vocabulary`.
        counts: number of words of each block.
    """
    n = len(counts)
    size, inside = 0.0, np.zeros(n)
    if title:
        known = words_of(text_arrays([title]))
        size = float(known.weight.sum())
        if known.key.size:
            keys = np.sort(known.key)
            hit = keys.take(keys.searchsorted(words.key), mode="clip") == words.key
            inside += np.bincount(words.block[hit], weights=words.weight[hit], minlength=n)
    columns.add("title known", size > 0)
    _add_overlap(columns, "the title", inside, counts, size)
    first = int(words.block.searchsorted(1))
    found = np.zeros(len(number), dtype=np.bool_)
    found[number[:first]] = True
    shared = np.bincount(words.block, weights=found[number] * words.weight, minlength=n)
    _add_overlap(columns, "the first block", shared, counts, float(words.weight[:first].sum()))


def add_topic(
    columns: Columns,
    words: Words,
    number: NDArray[np.int64],
    counts: NDArray[np.float32],
    is_prose: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Adds the columns on how much of a block's vocabulary the page's other blocks share.

    Injected lines are told from their neighbours by their topic. Each word of at least four letters counts,
    the block's own uses left out.

    Returns:
        Which blocks have such words, but hardly one that stands in other prose.
    """
    n = len(counts)
    topical = (words.size >= _MIN_TOPIC_LETTERS) | (words.weight < 1)
    pair = number[topical] * n
    pair += words.block[topical]
    pair.sort()
    pair = pair[_first_of_run(pair)]
    word = pair // n
    block = pair - word * n
    prosaic = is_prose[block]
    elsewhere = (np.bincount(word) > 1)[word]
    in_prose = np.bincount(word[prosaic], minlength=len(number))[word] > prosaic
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


def add_conjunctions(
    columns: Columns,
    traits: Traits,
    words: Words,
    counts: NDArray[np.float32],
    is_prose: NDArray[np.bool_],
    off_topic: NDArray[np.bool_],
) -> None:
    """Adds columns for traits that mean more together than one by one, which a linear model cannot see.

    A fragment is a short block that does not end like a sentence; a list of names is one with several commas
    and hardly a word in lower case.
    """
    n = len(counts)
    fragment = (counts < 15) & ~traits.sentence
    commas = traits.counts["commas"]
    whole = words.whole(n)
    lower = 1 - np.bincount(words.block, weights=words.capital, minlength=n) / whole
    caseless = np.bincount(words.block, weights=words.weight < 1, minlength=n) > 0.5 * whole
    names = fragment & (commas >= 2) & ((lower < 0.35) | caseless)
    before, after, any_before, any_after = np.zeros((4, n), dtype=np.bool_)
    before[1:], after[:-1] = is_prose[:-1], is_prose[1:]
    np.logical_or.accumulate(before, out=any_before)
    np.logical_or.accumulate(after[::-1], out=any_after[::-1])
    between, within = fragment & before & after, any_before & any_after
    within &= off_topic
    columns.add("fragment between prose", between)
    columns.add("lower-case fragment between prose", between & (CLASS_OF_KIND[traits.first] & LOWER > 0))
    columns.add("fragment between prose, off topic", between & off_topic)
    columns.add("fragment within prose, off topic", fragment & within)
    columns.add("sentence within prose, off topic", ~fragment & within)
    columns.add("fragment before all prose", fragment & ~any_before)
    columns.add("fragment behind all prose", fragment & ~any_after)
    columns.add("off topic, before all prose", off_topic & ~any_before)
    columns.add("off topic, behind all prose", off_topic & ~any_after)
    columns.add("list of names", names)
    columns.add("list of names before or behind all prose", names & ~(any_before & any_after))
    columns.add_bins("commas in a fragment", fragment * commas, (1, 2, 3, 5))
