"""What the labels of the blocks around tell of a block's label: lists, menus and comments come in runs."""

import numpy as np
from numpy.typing import NDArray

LABEL_FLOOR = 0.02
"""Probability of noise under which a block's label says nothing of its neighbours' labels."""
_DISTANCES = (-2, -1, 1, 2)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities by row, shape as given."""
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)


def label_columns(noise: NDArray[np.float32], logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """The columns of the labels' second pass.

    Args:
        noise: probability of noise, shape (n_blocks,).
        logits: of the labels of noise from the first pass, shape (n_blocks, n_labels).

    Returns:
        Shape (n_blocks, n_labels + 4 (n_labels + 1)): the block's own logits about their mean, then for the
        second block before, the one before, the one behind and the second behind the probabilities of being
        content and of each label; zero beyond the ends.
    """
    n, k = logits.shape
    around = np.zeros((n + 4, k + 1), dtype=np.float32)
    around[2 : n + 2, 0] = 1 - noise
    around[2 : n + 2, 1:] = (noise * (noise >= LABEL_FLOOR))[:, None] * softmax(logits)
    near = [around[2 + distance : 2 + distance + n] for distance in _DISTANCES]
    return np.concatenate((logits - logits.mean(axis=1, keepdims=True), *near), axis=1, dtype=np.float32)


def label_column_count(n_labels: int) -> int:
    """Number of columns of `label_columns`."""
    return n_labels + len(_DISTANCES) * (n_labels + 1)
