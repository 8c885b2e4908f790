"""What the parts share: the pages kept for evaluation, their lines, and the lines that rivals train on."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.evaluate import dev_pages
from training.pages import UNLABELLED, Page, Sample, is_dev, load_samples, sample_of

QUICK_STEP = 8


@dataclass(frozen=True, slots=True)
class TextPage:
    """A page as lines of plain text, as `training.evaluate.score_text` gives them to the library.

    Attributes:
        lines: texts of the blocks from the first labelled to the last labelled one, white space folded.
        labels: number of each line's label in `training.pages.LABELS`, or `UNLABELLED`.
    """

    lines: list[str]
    labels: NDArray[np.int8]


def folded(text: str) -> str:
    """A text on one line, its white space folded."""
    return " ".join(text.split())


def text_page_of(sample: Sample) -> TextPage | None:
    """The lines of a page, or None if none of its blocks is labelled."""
    numbers = np.flatnonzero(sample.labels != UNLABELLED)
    if not numbers.size:
        return None
    part = slice(int(numbers[0]), int(numbers[-1]) + 1)
    return TextPage([folded(text) for text in sample.blocks.text[part]], sample.labels[part])


def training_lines(samples: list[Sample]) -> tuple[list[str], list[int]]:
    """The labelled lines of pages and their labels.

    Args:
        samples: pages; those of hosts kept for evaluation are left out.
    """
    lines, labels = [], []
    for sample in samples:
        if is_dev(sample.host):
            continue
        for text, label in zip(sample.blocks.text, sample.labels, strict=True):
            if label != UNLABELLED and (line := folded(text)):
                lines.append(line)
                labels.append(int(label))
    return lines, labels


@dataclass(eq=False)
class Bench:
    """The data of one run; read when first asked for.

    Attributes:
        data: folder with `corpora/`; None where no part needs pages.
        quick: only one page in `QUICK_STEP`, and fewer rounds.
    """

    data: Path | None = None
    quick: bool = False

    def rounds(self, usual: int) -> int:
        """How many rounds to run instead of the usual number."""
        return min(usual, 2) if self.quick else usual

    @property
    def folder(self) -> Path:
        """The folder of `corpora/`.

        Raises:
            ValueError: none was given.
        """
        if self.data is None:
            raise ValueError("this part needs pages: give the folder of corpora/ with --data")
        return self.data

    @cached_property
    def pages(self) -> list[tuple[Page, Sample]]:
        """The labelled pages of hosts kept for evaluation."""
        return list(self._pages())

    def _pages(self) -> Iterator[tuple[Page, Sample]]:
        for number, page in enumerate(dev_pages(self.folder)):
            if not self.quick or number % QUICK_STEP == 0:
                yield page, sample_of(page)

    @cached_property
    def text_pages(self) -> list[TextPage]:
        """The same pages as lines of text."""
        return [found for _, sample in self.pages if (found := text_page_of(sample)) is not None]

    @cached_property
    def training(self) -> tuple[list[str], list[int]]:
        """Lines and labels of the pages that the model of noisefilter was trained on, as plain text."""
        samples, _ = load_samples(self.folder / "corpora")
        return training_lines(samples[::QUICK_STEP] if self.quick else samples)
