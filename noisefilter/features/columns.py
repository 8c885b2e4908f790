"""Named columns of a dense feature matrix."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

T = TypeVar("T")
S = TypeVar("S", bound=np.generic)
Column = NDArray[np.float32]
_MAX_CACHED = 512  # blocks of a page whose constants are kept
_ROWS = 1024  # are put into bins together, so that they stay in the processor's cache
# A column's name, the names of several columns, a name with the edges of its bins, or None: a new group.
_Spec: TypeAlias = str | tuple[str, ...] | tuple[str, tuple[float, ...]] | None


def cached_by_size(make: Callable[[int], T]) -> Callable[[int], T]:
    """Keeps arrays that depend on the number of blocks alone, for pages of usual size, read-only."""

    @lru_cache(maxsize=128)
    def kept(n: int) -> T:
        made = make(n)
        for array in made if isinstance(made, tuple) else (made,):
            if isinstance(array, np.ndarray):
                array.setflags(write=False)
        return made

    @wraps(make)
    def get(n: int) -> T:
        return kept(n) if n <= _MAX_CACHED else make(n)

    return get


def first_of_run(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where an array has another value than at the place before, and its start."""
    first = np.empty(len(values), dtype=np.bool_)
    first[:1] = True
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first


def windows(padded: NDArray[S], n: int) -> NDArray[S]:
    """All runs of n neighbours along the last axis as a view, shape (n_runs, …, n).

    Like numpy's `sliding_window_view`, which takes longer than what is done with its result here.
    """
    shape = (padded.shape[-1] - n + 1, *padded.shape[:-1], n)
    return np.ndarray(shape, padded.dtype, padded, 0, (padded.strides[-1], *padded.strides))


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where columns stand, one and the same object for all pages.

    Attributes:
        names: of all columns.
        single: numbers of the columns that were added one by one.
        several: first and end of the columns that were added together.
        binned: numbers of the columns of bins.
        source: for each edge of bins, infinite ones too, the number of the values that it parts.
        edge: the edges, shape (n_edges, 1).
        lower: number of the lower edge of each of the columns of bins; its upper one is the next.
        groups: first and end of each group of columns.
    """

    names: tuple[str, ...]
    single: tuple[int, ...]
    several: tuple[tuple[int, int], ...]
    binned: NDArray[np.int64]
    source: NDArray[np.int64]
    edge: NDArray[np.float32]
    lower: NDArray[np.int64]
    groups: tuple[tuple[int, int], ...]


@lru_cache(maxsize=64)
def _layout(specs: tuple[_Spec, ...]) -> Layout:
    names: list[str] = []
    single, several, starts = [], [], [0]
    binned: list[int] = []
    source: list[int] = []
    edges: list[float] = []
    lower: list[int] = []
    n_sources = 0
    for spec in specs:
        first = len(names)
        if spec is None:
            starts.append(first)
        elif isinstance(spec, str):
            single.append(first)
            names.append(spec)
        elif len(spec) == 2 and isinstance(spec[1], tuple):
            names.extend(_bin_names(str(spec[0]), spec[1]))
            binned.extend(range(first, len(names)))
            lower.extend(range(len(edges), len(edges) + len(names) - first))
            edges.extend((-np.inf, *spec[1], np.inf))
            source.extend([n_sources] * (len(spec[1]) + 2))
            n_sources += 1
        else:
            names.extend(map(str, spec))
            several.append((first, len(names)))
    return Layout(
        tuple(names),
        tuple(single),
        tuple(several),
        np.array(binned, dtype=np.int64),
        np.array(source, dtype=np.int64),
        np.array(edges, dtype=np.float32)[:, None],
        np.array(lower, dtype=np.int64),
        tuple(itertools.pairwise((*starts, len(names)))),
    )


def _bin_names(name: str, edges: tuple[float, ...]) -> tuple[str, ...]:
    bounds = [f"{edge:g}" for edge in edges]
    between = [f"{name} {low} to {high}" for low, high in itertools.pairwise(bounds)]
    return f"{name} under {bounds[0]}", *between, f"{name} {bounds[-1]} or more"


class Columns:
    """Collects columns with their names; the order of calls fixes the order of columns."""

    def __init__(self, n_rows: int) -> None:
        self.n_rows = n_rows
        self._specs: list[_Spec] = []
        self._single: list[ArrayLike] = []
        self._several: list[ArrayLike] = []
        self._binned: list[ArrayLike] = []

    def add(self, name: str, values: ArrayLike) -> None:
        """Adds one column of shape (n_rows,)."""
        self._specs.append(name)
        self._single.append(values)

    def add_bins(self, name: str, values: ArrayLike, edges: tuple[float, ...]) -> None:
        """Adds a 0/1 column for each interval between edges, the first and last one open.

        A linear model can give every interval its own weight, where one column would force a straight line.
        """
        self._specs.append((name, edges))
        self._binned.append(values)

    def add_all(self, names: tuple[str, ...], values: ArrayLike) -> None:
        """Adds the rows of an array of shape (n_names, n_rows) as columns."""
        self._specs.append(names)
        self._several.append(values)

    def add_hot(self, names: Sequence[str], numbers: ArrayLike) -> None:
        """Adds a 0/1 column for each name; row i has a 1 in column `numbers[i]`, or none where that is -1."""
        self.add_all(tuple(names), np.asarray(numbers)[None, :] == np.arange(len(names))[:, None])

    def add_bits(self, names: Sequence[str], masks: ArrayLike) -> None:
        """Adds a 0/1 column for each name, from bit 0 of the masks on."""
        self.add_all(tuple(names), (np.asarray(masks)[None, :] >> np.arange(len(names))[:, None]) & 1)

    def begin_group(self) -> None:
        """Ends a group of columns and begins the next."""
        self._specs.append(None)

    @property
    def layout(self) -> Layout:
        """Where the columns stand."""
        return _layout(tuple(self._specs))

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self.layout.names)

    def matrix(self, layout: Layout | None = None) -> NDArray[np.float32]:
        """The columns side by side, shape (n_rows, n_columns); `layout` where it is known already."""
        layout = layout or self.layout
        # Columns are contiguous.
        out = np.empty((len(layout.names), self.n_rows), dtype=np.float32)
        for number, values in zip(layout.single, self._single, strict=True):
            out[number] = values
        for (first, end), values in zip(layout.several, self._several, strict=True):
            out[first:end] = values
        if self._binned:
            binned = np.empty((len(self._binned), self.n_rows), dtype=np.float32)
            for number, values in enumerate(self._binned):
                binned[number] = values
            for first in range(0, self.n_rows, _ROWS):
                rows = slice(first, first + _ROWS)
                reached = binned[:, rows].take(layout.source, axis=0) >= layout.edge
                inside = reached[:-1] > reached[1:]
                out[layout.binned, rows] = inside.take(layout.lower, axis=0)
        return out.T
