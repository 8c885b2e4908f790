"""What the first scores of the blocks around tell of a block: the evidence of the second pass."""

import itertools

import numpy as np
from numpy.typing import NDArray

from noisefilter.features.columns import cached_by_size, first_of_run, windows
from noisefilter.features.context import longest_run
from noisefilter.features.structure import Structure, mean_inside, mean_of_others

OWN = "the block itself"
"""How the names of all columns begin through which a block's own score enters."""
_OWN_BOUND = 8.0
_NEIGHBOUR_BOUND = 4.0  # one very sure neighbour must not outweigh a block's own evidence
_SHORT = 8  # words
_PROSE = 12  # words of a block that counts as text of the article
_RUN_WORDS = 40  # words of a block that count towards the main run
_REACHES = np.array((1, 3, 8, 20, 50))[:, None]
_DISTANCES = (-2, -1, 1, 2)
_NEIGHBOURS = np.array(_DISTANCES) + 3
_WORD_EDGES = np.array((2, 4, 8, 15, 30, 60), dtype=np.float32)
_ROW_EDGES = np.array((1, 2, 3, 6, 15))
_ROW_NUMBER = np.searchsorted(_ROW_EDGES, np.arange(_ROW_EDGES[-1] + 1), side="right")  # by length of the row
_ROW_NUMBERS = np.arange(1, len(_ROW_EDGES) + 1)[:, None]
_ROW_NAMES = (
    "one short block alone", "two short blocks in a row", "three to five short blocks in a row",
    "six to fourteen short blocks in a row", "fifteen or more short blocks in a row",
)  # fmt: skip
_LEVELS = (1, 2, 3)  # elements around the block's own one
_FAR = 60  # blocks from which on a heading's distance counts the same

_WHERE = {-2: "second block before", -1: "block before", 1: "block after", 2: "second block after"}


def _text_names() -> tuple[str, ...]:
    names = [OWN, f"{OWN}, short", f"{OWN}, 8 to 20 words", f"{OWN}, 30 words or more", "the block is short"]
    names += [f"score of the {_WHERE[distance]}" for distance in _DISTANCES]
    names += [f"scores of the blocks {distance} before and behind, together" for distance in (1, 2, 3)]
    names += ["first block", "last block"]
    for reach in _REACHES.ravel():
        side = f"scores of the {reach} blocks on each side" if reach > 1 else "scores of both neighbours"
        names += [side, f"{side}, short"]
    names += [
        "before the main run of content",
        "behind the main run of content",
        "directly before the main run of content",
        "directly behind the main run of content",
        "outside the main run of content, short",
        "share of the content before it",
    ]
    names += ["surest content before it", "surest content behind it", "content on both sides"]
    names += [f"{OWN}, content on both sides"]
    names += ["share of content on the page", "share of content on the page, short"]
    names += [
        f"{OWN}, share of content on the page",
        "mean score on the page",
        f"{OWN}, mean score on the page",
    ]
    names += [f"words under {_WORD_EDGES[0]:g}"]
    names += [f"words {low:g} to {high:g}" for low, high in itertools.pairwise(_WORD_EDGES)]
    names += [f"words {_WORD_EDGES[-1]:g} or more"]
    names += [f"{what}{row}" for what in ("", f"{OWN}, ", "scores of ") for row in _ROW_NAMES]
    return tuple(names)


def _page_names() -> tuple[str, ...]:
    names = []
    for level in _LEVELS:
        inside = f"scores inside the element {level} further out"
        names += [inside, f"{inside}, short", f"no other block inside the element {level} further out"]
    same = "scores of blocks made like it"
    names += [same, f"{same}, short", f"{same}, four or more", "four or more blocks are made like it"]
    names += ["score of the heading above", "score of the heading above, short", "noise of the heading above"]
    names += ["noise of the heading above, by distance", "blocks since the heading above", "no heading above"]
    names += ["score of the heading directly behind", "a heading", f"{OWN}, a heading"]
    names += ["kept by Trafilatura, with scores", f"{OWN}, kept by Trafilatura"]
    names += ["kept by Trafilatura and short, with scores", f"{OWN}, kept by Trafilatura and short"]
    for what in (
        "share of the content that Trafilatura keeps",
        "noise in what Trafilatura keeps",
        "share of content in all words",
    ):
        names += [f"{what}, kept", f"{what}, left out", f"{OWN}, {what}, left out"]
    return (*_text_names(), *names)


TEXT_SEQUENCE, PAGE_SEQUENCE = _text_names(), _page_names()
"""Names of the columns of the second pass, for plain text and for pages."""


def _parts(*sizes: int) -> tuple[slice, ...]:
    """Slices of so many rows each, one behind the other."""
    return tuple(slice(low, high) for low, high in itertools.pairwise(itertools.accumulate(sizes, initial=0)))


_OWN, _NEAR, _TOGETHER, _ENDS, _SIDES, _RUN, _SURE, _SHARE, _MEAN, _WORDS, _ROWS = _parts(
    5, len(_DISTANCES), 3, 2, 2 * len(_REACHES), 6, 4, 3, 2, len(_WORD_EDGES) + 1, 3 * len(_ROW_EDGES)
)
"""Where groups of columns stand in `TEXT_SEQUENCE`."""
# Numbers of words, from and up to, for the block's own score by its size and for the columns on words.
_LOW = np.array((0, _SHORT, 30, 0, *_WORD_EDGES), dtype=np.float32)[:, None]
_HIGH = np.array((_SHORT, 20, np.inf, *_WORD_EDGES, np.inf), dtype=np.float32)[:, None]


@cached_by_size
def _around(n: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """What the columns on other blocks take from the number of blocks alone.

    Returns:
        For each of `_REACHES` first and end of the blocks around each block, and how many others these are;
        logarithms of one more than 0 to n - 1.
    """
    index = np.arange(n)
    low, high = np.maximum(index - _REACHES, 0), np.minimum(index + (_REACHES + 1), n)
    return low, high, np.maximum(high - low - 1, 1), np.log1p(index)


def _add_text_columns(
    out: NDArray[np.float32], logits: NDArray[np.float32], words: NDArray[np.float32]
) -> None:
    """Fills in the columns of `TEXT_SEQUENCE`, shape (n_columns, n_blocks).

    On a page of a few dozen blocks the number of calls is what costs, so that like columns are made together.
    """
    n = len(logits)
    own = np.minimum(np.maximum(logits, -_OWN_BOUND), _OWN_BOUND)
    sizes = words >= _LOW
    sizes &= words < _HIGH
    short = sizes[0]
    rows = out[_OWN]
    rows[0], rows[4] = own, short
    np.multiply(own, sizes[:3], out=rows[1:4])
    out[_WORDS] = sizes[3:]

    padded = np.zeros(n + 6, dtype=np.float32)
    around = windows(padded, n)
    bounded = around[3]
    np.minimum(np.maximum(own, -_NEIGHBOUR_BOUND), _NEIGHBOUR_BOUND, out=bounded)
    out[_NEAR] = around[_NEIGHBOURS]
    np.multiply(around[2::-1], around[4:], out=out[_TOGETHER])
    rows = out[_ENDS]
    rows[:] = 0
    rows[0, 0] = rows[1, -1] = 1

    total = np.zeros(n + 1)
    total[1:] = bounded
    total.cumsum(out=total)
    low, high, others, logs = _around(n)
    means = total[high]
    means -= total[low]
    means -= bounded
    means /= others
    sides = out[_SIDES].reshape(-1, 2, n)
    sides[:, 0] = means
    np.multiply(means, short, out=sides[:, 1])

    content = 1 / (1 + np.exp(own))
    size = np.minimum(words + 1, _RUN_WORDS)
    expected = content * size
    inside = expected.cumsum()
    first, last = longest_run((size * (content - 0.5)).astype(np.float32, copy=False))
    rows = out[_RUN]
    rows[:4] = 0
    rows[0, :first] = logs[first:0:-1]
    rows[1, last + 1 :] = logs[1 : n - last]
    rows[2, max(first - 1, 0) : first] = rows[3, last + 1 : last + 2] = 1
    rows[4] = short
    rows[4, first : last + 1] = 0
    np.divide(inside - expected, max(float(inside[-1]), 1.0), out=rows[5])

    prose = content * (words >= _PROSE)
    rows = out[_SURE]
    rows[0, 0] = rows[1, -1] = 0
    np.maximum.accumulate(prose[:-1], out=rows[0, 1:])
    np.maximum.accumulate(prose[:0:-1], out=rows[1, :-1][::-1])
    both = np.multiply(rows[0], rows[1], dtype=np.float64)
    rows[2] = both
    np.multiply(both, own, out=rows[3])

    rows, share = out[_SHARE], float(inside[-1]) / float(np.add.reduce(size))
    rows[0] = share
    np.multiply(short, share, out=rows[1])
    np.multiply(own, share, out=rows[2])
    rows, mean = out[_MEAN], total[-1] / n
    rows[0] = mean
    np.multiply(own, mean, out=rows[1])
    _add_rows(out[_ROWS].reshape(3, -1, n), own, bounded, short, total)


def _add_rows(
    out: NDArray[np.float32],
    own: NDArray[np.float32],
    bounded: NDArray[np.float32],
    short: NDArray[np.bool_],
    total: NDArray[np.float64],
) -> None:
    """Fills in the columns on rows of short blocks, shape (3, n_edges, n_blocks).

    Menus, lists of links and tags come as many short blocks in a row, headings as one or two.
    """
    first = first_of_run(short)
    row = first.cumsum()
    row -= 1
    edges = np.empty(int(row[-1]) + 2, dtype=np.int64)
    edges[:-1], edges[-1] = first.nonzero()[0], len(short)
    size = edges[1:] - edges[:-1]
    others = np.diff(total[edges])[row]
    others -= bounded
    others /= np.maximum(size - 1, 1)[row]
    inside = _ROW_NUMBER.take(size, mode="clip")[row]
    inside *= short
    np.equal(inside, _ROW_NUMBERS, out=out[0], casting="unsafe")
    np.multiply(out[0], own, out=out[1])
    np.multiply(out[0], others, out=out[2])


def _page_columns(
    logits: NDArray[np.float32], words: NDArray[np.float32], structure: Structure
) -> list[NDArray[np.generic]]:
    own = np.clip(logits, -_OWN_BOUND, _OWN_BOUND)
    bounded = np.clip(logits, -_NEIGHBOUR_BOUND, _NEIGHBOUR_BOUND)
    short = words < _SHORT
    columns: list[NDArray[np.generic]] = []
    for mean, alone in mean_inside(bounded, structure, _LEVELS):
        columns += [mean, mean * short, alone]
    mean, count = mean_of_others(bounded, structure.group)
    many = count >= 4
    columns += [mean, mean * short, mean * many, many]

    columns += _under_headings(own, bounded, short, structure.heading)

    kept = structure.kept
    kept_short = kept & short
    columns += [kept, own * kept, kept_short, own * kept_short]
    content = 1 / (1 + np.exp(own))
    size = np.minimum(words + 1, _RUN_WORDS)
    expected = content * size
    total = max(float(expected.sum()), 1.0)
    taken = max(float((size * kept).sum()), 1.0)
    shares = (
        float((expected * kept).sum()) / total,
        float(((size - expected) * kept).sum()) / taken,
        total / float(size.sum()),
    )
    for share in shares:
        columns += [share * kept, share * ~kept, share * (~kept * own)]
    return columns


def _under_headings(
    own: NDArray[np.float32],
    bounded: NDArray[np.float32],
    short: NDArray[np.bool_],
    heading: NDArray[np.bool_],
) -> list[NDArray[np.generic]]:
    """Columns on the heading above each block: what follows "You may also like" is like it."""
    n = len(own)
    index = np.arange(n)
    above = np.full(n, -1)
    above[1:] = np.maximum.accumulate(np.where(heading, index, -1))[:-1]
    none = above < 0
    distance = index - above
    score = np.where(none, 0, bounded[above])
    noise = np.maximum(score, 0)
    behind = np.zeros(n, dtype=np.float32)
    behind[:-1] = (bounded * heading)[1:]
    since = np.log1p(np.minimum(distance, _FAR))
    return [
        score, score * short, noise, noise / since, np.where(none, 0, since), none,
        behind, heading, own * heading,
    ]  # fmt: skip


def sequence_columns(
    logits: NDArray[np.float32], words: NDArray[np.float32], structure: Structure | None
) -> NDArray[np.float32]:
    """The columns of the second pass.

    Args:
        logits: log-odds of being noise from the first pass, shape (n_blocks,).
        words: number of words of each block, shape (n_blocks,).
        structure: of the page; None for plain text.

    Returns:
        Shape (n_blocks, n_columns), columns as in `TEXT_SEQUENCE` or `PAGE_SEQUENCE`.
    """
    n_text = len(TEXT_SEQUENCE)
    out = np.empty((n_text if structure is None else len(PAGE_SEQUENCE), len(logits)), dtype=np.float32)
    _add_text_columns(out[:n_text], logits, words)
    if structure is not None:
        out[n_text:] = _page_columns(logits, words, structure)
    return out.T
