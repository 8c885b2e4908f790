"""Where a block stands and how its words sit with the rest of the page."""

import numpy as np
from numpy.typing import NDArray

from noisefilter.features.columns import Columns
from noisefilter.features.shape import ends_like_sentence
from noisefilter.features.text import LOWER, TextArrays, Words, text_arrays, words_of

MIN_PROSE_WORDS = 15
_INDEX_EDGES = (1, 2, 3, 5, 8, 13, 25, 60)
_SHARE_EDGES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
_COMMAS = np.array([ord(c) for c in ",，、،;؛"], dtype=np.uint32)
_OFF_TOPIC = 0.2  # share of words found in other prose
_MIN_TOPIC_LETTERS = 4  # shorter words stand in any text; pairs of ideographs count all the same


def prose(arrays: TextArrays, counts: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which blocks are paragraphs of prose: 15 words or more, ending like a sentence."""
    return (counts >= MIN_PROSE_WORDS) & ends_like_sentence(arrays)


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
    columns.add_bins("blocks on the page", np.full(n, n), (5, 12, 25, 50, 100, 250))
    columns.add_bins(
        "share of prose on the page", np.full(n, is_prose.mean()), (0.02, 0.1, 0.2, 0.4, 0.6, 0.8)
    )

    first, last = longest_run(np.where(is_prose, np.minimum(counts, 60), -6).astype(np.float32))
    columns.add("in the main run of prose", (index >= first) & (index <= last))
    columns.add_bins(
        "blocks before the main run", np.where(index < first, first - index, 0), (1, 2, 3, 5, 9, 20)
    )
    columns.add_bins(
        "blocks behind the main run", np.where(index > last, index - last, 0), (1, 2, 3, 5, 9, 20, 50)
    )
    columns.add("last of the main run", index == last)
    columns.add("first of the main run", index == first)

    previous = np.maximum.accumulate(np.where(is_prose, index, -1))
    following = np.minimum.accumulate(np.where(is_prose, index, n)[::-1])[::-1]
    columns.add("no prose before", previous < 0)
    columns.add("no prose after", following >= n)
    columns.add_bins(
        "blocks since prose", np.where(previous < 0, 99, index - previous), (1, 2, 3, 5, 9, 20, 99)
    )
    columns.add_bins(
        "blocks until prose", np.where(following >= n, 99, following - index), (1, 2, 3, 5, 9, 20, 99)
    )
    short = np.concatenate(([0.0], np.cumsum(counts < 6)))
    low, high = np.maximum(index - 3, 0), np.minimum(index + 4, n)
    columns.add("share of short blocks around", (short[high] - short[low]) / (high - low))
    return first, last


def add_repetition(columns: Columns, words: Words, counts: NDArray[np.float32]) -> None:
    """Adds the columns on blocks that repeat another one of the page word for word."""
    n = len(counts)
    total = np.zeros(n, dtype=np.uint64)
    np.add.at(total, words.block, words.key)  # the same bag of words
    _, inverse, repeats = np.unique(total, return_inverse=True, return_counts=True)
    order = np.argsort(inverse, kind="stable")
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    columns.add("repeated on the page", (repeats[inverse] > 1) & (counts > 0))
    columns.add("repeats an earlier block", (rank > 0) & (counts > 0))
    columns.add("repeats an earlier block of 5 words or more", (rank > 0) & (counts >= 5))
    columns.add("repeated later", (rank == 0) & (repeats[inverse] > 1) & (counts >= 4))
    columns.add("stands more than three times", (repeats[inverse] > 3) & (counts > 0))


def _add_overlap(
    columns: Columns,
    name: str,
    words: Words,
    counts: NDArray[np.float32],
    keys: NDArray[np.uint64],
    size: float,
) -> None:
    """Columns on how much of each block's words stands in a title, and how much of the title in the block."""
    n = len(counts)
    hit = np.isin(words.key, keys)
    inside = np.bincount(words.block, weights=hit * words.weight, minlength=n)
    of_block = inside / np.maximum(counts, 0.5)
    of_title = np.minimum(inside / max(size, 0.5), 1)
    columns.add_bins(f"share of its words in {name}", of_block, (0.01, 0.3, 0.6, 0.8, 0.99))
    columns.add_bins(f"share of the words of {name}", of_title, (0.01, 0.3, 0.6, 0.8, 0.99))
    columns.add(f"same words as {name}", (of_block > 0.75) & (of_title > 0.75))
    columns.add(f"part of {name}", (of_block > 0.9) & (of_title > 0.25))


def add_title(columns: Columns, title: str | None, words: Words, counts: NDArray[np.float32]) -> None:
    """Adds the columns on overlap with the page's title and with the page's first block."""
    known = words_of(text_arrays([title])) if title else None
    keys = known.key if known is not None else np.zeros(0, dtype=np.uint64)
    size = float(known.weight.sum()) if known is not None else 0.0
    columns.add("title known", np.full(len(counts), size > 0))
    _add_overlap(columns, "the title", words, counts, keys, size)
    first = words.block == 0
    _add_overlap(
        columns, "the first block", words, counts, words.key[first], float(words.weight[first].sum())
    )


def add_topic(
    columns: Columns, words: Words, counts: NDArray[np.float32], is_prose: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Adds the columns on how much of a block's vocabulary the page's other blocks share.

    Injected lines are told from their neighbours by their topic. Each word of at least four letters counts,
    the block's own uses left out.

    Returns:
        Which blocks have such words, but hardly one that stands in other prose.
    """
    n = len(counts)
    topical = (words.size >= _MIN_TOPIC_LETTERS) | (words.weight < 1)
    key, block = words.key[topical], words.block[topical]
    _, word = np.unique(key, return_inverse=True)
    pair = np.unique(word.astype(np.int64) * n + block)
    pair_word, pair_block = pair // n, pair % n
    spread = np.bincount(pair_word)
    in_prose = np.bincount(pair_word, weights=is_prose[pair_block])
    others = in_prose[pair_word] - is_prose[pair_block]
    distinct = np.bincount(pair_block, minlength=n)
    shared = np.bincount(pair_block, weights=spread[pair_word] > 1, minlength=n)
    shared_prose = np.bincount(pair_block, weights=others > 0, minlength=n)
    base = np.maximum(distinct, 1)
    edges = (0.01, 0.15, 0.3, 0.45, 0.6, 0.8, 0.99)
    columns.add("no topical words", distinct == 0)
    columns.add_bins("share of words found elsewhere", np.where(distinct > 0, shared / base, 0.5), edges)
    columns.add_bins(
        "share of words found in other prose", np.where(distinct > 0, shared_prose / base, 0.5), edges
    )
    columns.add("three words or more, none found elsewhere", (distinct >= 3) & (shared == 0))
    columns.add("three words or more, none in other prose", (distinct >= 3) & (shared_prose == 0))
    return np.asarray((distinct > 0) & (shared_prose <= _OFF_TOPIC * distinct))


def add_conjunctions(
    columns: Columns,
    arrays: TextArrays,
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
    fragment = (counts < 15) & ~ends_like_sentence(arrays)
    commas = arrays.total(np.isin(arrays.points, _COMMAS))
    whole = np.bincount(words.block, minlength=n).clip(1)
    lower = 1 - np.bincount(words.block, weights=words.capital, minlength=n) / whole
    caseless = np.bincount(words.block, weights=words.weight < 1, minlength=n) > 0.5 * whole
    names = fragment & (commas >= 2) & ((lower < 0.35) | caseless)
    before, after = np.append(False, is_prose[:-1]), np.append(is_prose[1:], False)
    any_before = np.append(False, np.logical_or.accumulate(is_prose)[:-1])
    any_after = np.append(np.logical_or.accumulate(is_prose[::-1])[::-1][1:], False)
    first = arrays.classes[arrays.start]
    columns.add("fragment between prose", fragment & before & after)
    columns.add("lower-case fragment between prose", fragment & before & after & ((first & LOWER) > 0))
    columns.add("fragment between prose, off topic", fragment & before & after & off_topic)
    columns.add("fragment within prose, off topic", fragment & any_before & any_after & off_topic)
    columns.add("sentence within prose, off topic", ~fragment & any_before & any_after & off_topic)
    columns.add("fragment before all prose", fragment & ~any_before)
    columns.add("fragment behind all prose", fragment & ~any_after)
    columns.add("off topic, before all prose", off_topic & ~any_before)
    columns.add("off topic, behind all prose", off_topic & ~any_after)
    columns.add("list of names", names)
    columns.add("list of names before or behind all prose", names & (~any_before | ~any_after))
    columns.add_bins("commas in a fragment", np.where(fragment, commas, 0), (1, 2, 3, 5))
