"""What the first scores of the blocks around tell of a block: the evidence of the second pass."""

import itertools

import numpy as np
from numpy.typing import NDArray

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
_WORD_EDGES = np.array((2, 4, 8, 15, 30, 60), dtype=np.float32)
_LEVELS = (1, 2, 3)  # elements around the block's own one

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
    return (*names, f"words {_WORD_EDGES[-1]:g} or more")


def _page_names() -> tuple[str, ...]:
    names = []
    for level in _LEVELS:
        inside = f"scores inside the element {level} further out"
        names += [inside, f"{inside}, short", f"no other block inside the element {level} further out"]
    same = "scores of blocks made like it"
    names += [same, f"{same}, short", f"{same}, four or more", "four or more blocks are made like it"]
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


def _text_columns(logits: NDArray[np.float32], words: NDArray[np.float32]) -> list[NDArray[np.generic]]:
    n = len(logits)
    index = np.arange(n)
    own = np.clip(logits, -_OWN_BOUND, _OWN_BOUND)
    short = words < _SHORT
    padded = np.zeros(n + 6, dtype=np.float32)
    bounded = padded[3 : n + 3]
    np.clip(logits, -_NEIGHBOUR_BOUND, _NEIGHBOUR_BOUND, out=bounded)

    def near(distance: int) -> NDArray[np.float32]:
        return padded[3 + distance : 3 + distance + n]

    columns: list[NDArray[np.generic]] = [
        own, own * short, own * ((words >= _SHORT) & (words < 20)), own * (words >= 30), short,
    ]  # fmt: skip
    columns += [near(distance) for distance in _DISTANCES]
    columns += [near(-distance) * near(distance) for distance in (1, 2, 3)]
    columns += [index == 0, index == n - 1]

    total = np.zeros(n + 1)
    np.cumsum(bounded, dtype=np.float64, out=total[1:])
    low, high = np.maximum(index - _REACHES, 0), np.minimum(index + (_REACHES + 1), n)
    means = (total[high] - total[low] - bounded) / np.maximum(high - low - 1, 1)
    columns.extend(np.stack((means, means * short), axis=1).reshape(-1, n))

    content = 1 / (1 + np.exp(own))
    size = np.minimum(words + 1, _RUN_WORDS)
    first, last = longest_run((size * (content - 0.5)).astype(np.float32))
    before, behind = np.maximum(first - index, 0), np.maximum(index - last, 0)
    inside = np.cumsum(content * size)
    columns += [
        np.log1p(before), np.log1p(behind), before == 1, behind == 1, ((before > 0) | (behind > 0)) & short,
        (inside - content * size) / max(float(inside[-1]), 1.0),
    ]  # fmt: skip

    prose = np.concatenate(([0.0], content * (words >= _PROSE), [0.0]))
    ahead = np.maximum.accumulate(prose)[:n]
    following = np.maximum.accumulate(prose[::-1])[::-1][2:]
    columns += [ahead, following, ahead * following, ahead * following * own]

    share = np.full(n, inside[-1] / size.sum())
    mean = np.full(n, total[-1] / n)
    columns += [share, share * short, share * own, mean, mean * own]
    columns.extend(np.searchsorted(_WORD_EDGES, words, side="right") == np.arange(7)[:, None])
    return columns


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
    columns = _text_columns(logits, words)
    if structure is not None:
        columns += _page_columns(logits, words, structure)
    return np.array(columns, dtype=np.float32).T
