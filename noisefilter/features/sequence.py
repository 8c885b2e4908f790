"""What the first scores of a block's neighbours tell of it: the evidence of the second pass."""

import numpy as np
from numpy.typing import NDArray

from noisefilter.features.columns import Columns, shifted
from noisefilter.features.context import longest_run

_OWN_BOUND = 8.0
_NEIGHBOUR_BOUND = 4.0  # one very sure neighbour must not outweigh a block's own evidence
_SHORT = 8  # words
_RUN_WORDS = 40  # words of a block that count towards the main run


def _mean_around(values: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Mean over the blocks at most `reach` away, the block itself left out."""
    n = len(values)
    index = np.arange(n)
    low, high = np.maximum(index - reach, 0), np.minimum(index + reach + 1, n)
    total = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    around = total[high] - total[low] - values
    return np.asarray(around / np.maximum(high - low - 1, 1), dtype=np.float32)


SEQUENCE_COLUMNS = 19
"""Number of the columns of the second pass."""


def sequence_columns(logits: NDArray[np.float32], words: NDArray[np.float32]) -> Columns:
    """The columns of the second pass.

    Args:
        logits: log-odds of being noise from the first pass, shape (n_blocks,).
        words: number of words of each block, shape (n_blocks,).
    """
    n = len(logits)
    own = np.clip(logits, -_OWN_BOUND, _OWN_BOUND)
    bounded = np.clip(logits, -_NEIGHBOUR_BOUND, _NEIGHBOUR_BOUND)
    short = words < _SHORT
    columns = Columns(n)
    columns.add("the block itself", own)
    columns.add("the block itself, short", own * short)
    columns.add("the block is short", short)
    for distance, name in (
        (-1, "block before"),
        (1, "block after"),
        (-2, "second block before"),
        (2, "second block after"),
    ):
        columns.add(f"score of the {name}", shifted(bounded[:, None], distance)[:, 0])
    columns.add("first block", np.arange(n) == 0)
    columns.add("last block", np.arange(n) == n - 1)
    for reach in (3, 8):
        mean = _mean_around(bounded, reach)
        columns.add(f"scores of the {reach} blocks on each side", mean)
        columns.add(f"scores of the {reach} blocks on each side, short", mean * short)

    content = 1 / (1 + np.exp(own))
    size = np.minimum(words + 1, _RUN_WORDS)
    first, last = longest_run((size * (content - 0.5)).astype(np.float32))
    index = np.arange(n)
    before, behind = np.maximum(first - index, 0), np.maximum(index - last, 0)
    columns.add("before the main run of content", np.log1p(before))
    columns.add("behind the main run of content", np.log1p(behind))
    columns.add("directly before the main run of content", before == 1)
    columns.add("directly behind the main run of content", behind == 1)
    columns.add("outside the main run of content, short", ((before > 0) | (behind > 0)) & short)
    inside = np.cumsum(content * size)
    columns.add("share of the content before it", (inside - content * size) / max(float(inside[-1]), 1.0))
    return columns
