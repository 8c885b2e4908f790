"""Products of features and weights, without threads and without copies of the neighbours' columns."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from noisefilter.features import Features

Parts: TypeAlias = tuple[tuple[int, int, tuple[int, ...], NDArray[np.float32]], ...]
"""First and end in `Features.base`, how far off the blocks are, and for each of these the labels' weights."""


def weighed(found: Features, weights: NDArray[np.float32], distances: tuple[int, ...]) -> NDArray[np.float32]:
    """Sums of weighed dense columns, shape (n_blocks,), without copies of the neighbours' columns.

    Args:
        found: features of the blocks.
        weights: of the columns of `found.base`, by distance, shape (n_base, n_distances).
        distances: how far off the block stands whose columns these are.
    """
    parts = product(found.base, weights)
    out = np.zeros(len(parts), dtype=np.float32)
    _add_shifted(out, parts.T, distances)
    return out


def _add_shifted(out: NDArray[np.float32], parts: NDArray[np.float32], distances: tuple[int, ...]) -> None:
    """Adds what parts, of shape (…, n_blocks) each, have for the blocks so far off."""
    n = out.shape[-1]
    for part, distance in zip(parts, distances, strict=True):
        if not distance:
            out += part
        elif distance < 0:
            out[..., -distance:] += part[..., :distance]
        elif distance < n:
            out[..., : n - distance] += part[..., distance:]


def weighed_by_label(found: Features, parts: Parts, n_labels: int) -> NDArray[np.float32]:
    """Sums of weighed dense columns for each label, shape (n_blocks, n_labels).

    Args:
        found: features of the blocks.
        parts: of the dense columns, with their weights.
        n_labels: number of labels.
    """
    n = len(found.base)
    out = np.zeros((n_labels, n), dtype=np.float32)
    for first, end, distances, weights in parts:
        part = product(found.base[:, first:end], weights)
        _add_shifted(out, part.T.reshape(-1, n_labels, n), distances)
    return out.T


def product(matrix: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Matrix product in slices that are too small for BLAS to start threads.

    Threads cost more than they save on a page, take another core, and make the last bits of a sum depend on
    the machine. OpenBLAS multiplies with one thread up to 9,216 entries by a vector and 262,144 products of a
    matrix (interface/gemv.c and gemm.c).
    """
    columns = matrix.shape[1]
    size = 9_000 // columns if weights.ndim == 1 else 260_000 // (columns * weights.shape[1])
    size = max(size, 1)
    # Columns are contiguous.
    if len(matrix) <= size:
        return np.asarray((weights.T @ matrix.T).T)
    out = np.empty((*weights.shape[1:], len(matrix)), dtype=np.float32).T
    for start in range(0, len(matrix), size):
        np.matmul(matrix[start : start + size], weights, out=out[start : start + size])
    return out
