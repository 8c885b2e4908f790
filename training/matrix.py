"""Samples in, design matrices out: the package's own features, seen with and without markup and title."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from noisefilter import features
from training.pages import UNLABELLED, Sample

CONTENT = 0
VIEWS = ((True, True), (True, False), (False, True), (False, False))
"""How a page is seen: with or without markup, with or without its title."""


@dataclass(slots=True)
class Design:
    """A design matrix with what belongs to its rows.

    Columns: the dense columns that all blocks have; those again, filled only for plain text, so that text
    may weigh them otherwise than pages; the columns of the markup; the table of tokens; text or page; the
    table of n-grams.

    Attributes:
        x: float32 matrix in CSR form, shape (n_rows, n_columns).
        y: number of each row's label.
        sample: number of each row's sample.
        view: number of the sample's view among those given, with sample a block sequence.
        block: number of the row's block in its sample.
        markup: whether the row is a page's block with markup.
        words: words of the row's block.
    """

    x: sparse.csr_matrix
    y: NDArray[np.int8]
    sample: NDArray[np.int32]
    view: NDArray[np.int32]
    block: NDArray[np.int32]
    markup: NDArray[np.bool_]
    words: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layout:
    """Numbers of columns by group, in the order of the design matrix."""

    n_text: int
    n_markup: int

    @property
    def tokens(self) -> int:
        """First column of the table of tokens."""
        return 2 * self.n_text + self.n_markup

    @property
    def kinds(self) -> int:
        """First of the two columns for text and page."""
        return self.tokens + features.BUCKETS

    @property
    def grams(self) -> int:
        """First column of the table of n-grams, behind all that the labels use."""
        return self.kinds + 2

    @property
    def width(self) -> int:
        """Number of columns in all."""
        return self.grams + features.BUCKETS


def without_markup(sample: Sample) -> Sample:
    """The sample as plain text."""
    return dataclasses.replace(sample, blocks=dataclasses.replace(sample.blocks, markup=None))


def current_layout() -> Layout:
    """The numbers of columns that `noisefilter.features` makes."""
    return Layout(features.TEXT_COLUMNS, features.PAGE_COLUMNS - features.TEXT_COLUMNS)


def rows_of(sample: Sample, title: str | None, layout: Layout) -> sparse.csr_matrix:
    """The design matrix of all blocks of one sample, in the layout of `Design`."""
    found = features.extract(
        sample.blocks, title, sample.url, authors=sample.authors, tags=sample.tags, site=sample.site
    )
    n = len(sample.blocks)
    marked = sample.blocks.markup is not None
    text = sparse.csr_matrix(found.dense[:, : layout.n_text])
    own = sparse.csr_matrix((n, layout.n_text), dtype=np.float32) if marked else text
    markup = (
        sparse.csr_matrix(found.dense[:, layout.n_text :])
        if marked
        else sparse.csr_matrix((n, layout.n_markup), dtype=np.float32)
    )
    kind = np.zeros((n, 2), dtype=np.float32)
    kind[:, int(marked)] = 1
    parts = [text, own, markup, _table(found.tokens, n), sparse.csr_matrix(kind)]
    return sparse.hstack([*parts, _table(found.grams, n)], format="csr", dtype=np.float32)


def _table(entries: features.Hashed, n_rows: int) -> sparse.csr_matrix:
    shape = (n_rows, features.BUCKETS)
    return sparse.csr_matrix((entries.value, (entries.row, entries.bucket)), shape=shape, dtype=np.float32)


def build(
    samples: Sequence[Sample],
    layout: Layout,
    views: Sequence[tuple[bool, bool]] = VIEWS,
    labelled_only: bool = True,
) -> Design:
    """Builds the design matrix of samples in all given views.

    Args:
        samples: pages with markup or texts without.
        layout: numbers of columns.
        views: pairs of "with markup" and "with title"; a sample without markup is seen as text only.
        labelled_only: leave out rows without a label.
    """
    parts, ys, owners, numbers, indices, marks, counts = [], [], [], [], [], [], []
    for owner, sample in enumerate(samples):
        plain = without_markup(sample)
        for number, (marked, titled) in enumerate(views):
            if marked and sample.blocks.markup is None:
                continue
            seen = sample if marked else plain
            x = rows_of(seen, sample.title if titled else None, layout)
            take = (
                np.flatnonzero(sample.labels != UNLABELLED)
                if labelled_only
                else np.arange(len(sample.labels))
            )
            parts.append(x[take])
            ys.append(sample.labels[take])
            owners.append(np.full(len(take), owner, dtype=np.int32))
            numbers.append(np.full(len(take), number, dtype=np.int32))
            indices.append(take.astype(np.int32))
            marks.append(np.full(len(take), marked))
            counts.append(features.word_counts(sample.blocks.text)[take])
    return Design(
        sparse.vstack(parts, format="csr"),
        np.concatenate(ys),
        np.concatenate(owners),
        np.concatenate(numbers),
        np.concatenate(indices),
        np.concatenate(marks),
        np.concatenate(counts),
    )
