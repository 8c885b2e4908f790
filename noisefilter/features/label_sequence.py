"""What the labels of the blocks around tell of a block's label: lists, menus and comments come in runs."""

import numpy as np
from numpy.typing import NDArray

from noisefilter.features.columns import windows

LABEL_FLOOR = 0.02
"""Probability of noise under which a block's label says nothing of its neighbours' labels."""
_DISTANCES = (-2, -1, 1, 2)
_REACH = len(_DISTANCES) // 2


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities by row, shape as given."""
    shares = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
    np.exp(shares, out=shares)
    shares /= np.add.reduce(shares, axis=1, keepdims=True)
    return np.asarray(shares, dtype=np.float32)


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
    around = np.zeros((k + 1, n + 2 * _REACH), dtype=np.float32)
    runs = windows(around, n)
    inner = runs[_REACH]
    np.subtract(1, noise, out=inner[0])
    np.multiply(softmax(logits).T, noise * (noise >= LABEL_FLOOR), out=inner[1:])
    out = np.empty((label_column_count(k), n), dtype=np.float32)
    np.subtract(logits.T, np.add.reduce(logits, axis=1) / k, out=out[:k])
    near = out[k:].reshape(len(_DISTANCES), k + 1, n)
    near[:_REACH], near[_REACH:] = runs[:_REACH], runs[_REACH + 1 :]
    return out.T


def told_by_label(noise: NDArray[np.float32], asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which blocks' logits count for the labels of the blocks asked for: these, and some around them."""
    n = len(asked)
    padded = np.zeros(n + 2 * _REACH, dtype=np.bool_)
    padded[_REACH : _REACH + n] = asked
    near = np.logical_or.reduce(windows(padded, n), axis=0)
    return np.asarray(asked | (near & (noise >= LABEL_FLOOR)))


def label_column_count(n_labels: int) -> int:
    """Number of columns of `label_columns`."""
    return n_labels + len(_DISTANCES) * (n_labels + 1)
