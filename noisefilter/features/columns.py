"""Named columns of a dense feature matrix."""

import itertools
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Column = NDArray[np.float32]


class Columns:
    """Collects columns with their names; the order of calls fixes the order of columns."""

    def __init__(self, n_rows: int) -> None:
        self.n_rows = n_rows
        self.names: list[str] = []
        self._values: list[NDArray[np.float32]] = []

    def add(self, name: str, values: ArrayLike) -> None:
        """Adds one column of shape (n_rows,)."""
        self.names.append(name)
        self._values.append(np.asarray(values, dtype=np.float32)[None, :])

    def add_bins(self, name: str, values: ArrayLike, edges: Sequence[float]) -> None:
        """Adds a 0/1 column for each interval between edges, the first and last one open.

        A linear model can give every interval its own weight, where one column would force a straight line.
        """
        edge_values, numbers, names = _bins(name, tuple(edges))
        index = np.searchsorted(edge_values, np.asarray(values, dtype=np.float32), side="right")
        self._values.append((index[None, :] == numbers).astype(np.float32))
        self.names.extend(names)

    def add_hot(self, names: Sequence[str], numbers: ArrayLike) -> None:
        """Adds a 0/1 column for each name; row i has a 1 in column `numbers[i]`, or none where that is -1."""
        hot = np.asarray(numbers)[None, :] == np.arange(len(names))[:, None]
        self._values.append(hot.astype(np.float32))
        self.names.extend(names)

    def add_bits(self, names: Sequence[str], masks: ArrayLike) -> None:
        """Adds a 0/1 column for each name, from bit 0 of the masks on."""
        bits = (np.asarray(masks)[None, :] >> np.arange(len(names))[:, None]) & 1
        self._values.append(bits.astype(np.float32))
        self.names.extend(names)

    def matrix(self) -> NDArray[np.float32]:
        """The columns side by side, shape (n_rows, n_columns)."""
        if not self._values:
            return np.zeros((self.n_rows, 0), dtype=np.float32)
        return np.concatenate(self._values).T


@lru_cache(maxsize=512)
def _bins(
    name: str, edges: tuple[float, ...]
) -> tuple[NDArray[np.float32], NDArray[np.int64], tuple[str, ...]]:
    bounds = [f"{edge:g}" for edge in edges]
    between = [f"{name} {low} to {high}" for low, high in itertools.pairwise(bounds)]
    names = (f"{name} under {bounds[0]}", *between, f"{name} {bounds[-1]} or more")
    return np.asarray(edges, dtype=np.float32), np.arange(len(edges) + 1)[:, None], names


def shifted(matrix: NDArray[np.float32], by: int) -> NDArray[np.float32]:
    """Row i holds what row i + by held; rows from beyond the page are zero."""
    # Columns are contiguous, here and in `Columns.matrix`.
    out = np.zeros(matrix.shape[::-1], dtype=np.float32)
    n, ahead, back = len(matrix), max(by, 0), max(-by, 0)
    if ahead + back < n:
        out[:, back : n - ahead] = matrix.T[:, ahead : n - back]
    return out.T
