"""Labelled blocks with what the library says of them, and the figures that follow."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from noisefilter import Block, Cleaner
from noisefilter.blocks.text import cut_text
from training.metrics import calibration_error, caught_at_loss, page_interval, reliability, words
from training.pages import LABELS, UNLABELLED, Page, Sample

Log = Callable[[str], object]
LOSSES = (0.001, 0.003, 0.005, 0.01)
LEAST = 30
"""Blocks under which a share says too little to be printed."""


@dataclass(slots=True)
class Scored:
    """Labelled blocks with what the library said of them.

    Attributes:
        noise: probability of noise.
        label: number of the label in `LABELS`.
        said: number of the label that the library gave.
        score: probability of that label.
        kept: whether the library kept the block.
        words: number of words.
        page: number of the page, for bootstrap.
        language: of the page.
    """

    noise: list[float] = field(default_factory=list)
    label: list[int] = field(default_factory=list)
    said: list[int] = field(default_factory=list)
    score: list[float] = field(default_factory=list)
    kept: list[bool] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    page: list[int] = field(default_factory=list)
    language: list[str] = field(default_factory=list)


def _collect(scored: Scored, sample: Sample, found: Sequence[Block | None], number: int) -> None:
    for i, block in enumerate(found):
        if block is None or i >= len(sample.labels) or sample.labels[i] == UNLABELLED:
            continue
        scored.noise.append(block.noise)
        scored.label.append(int(sample.labels[i]))
        scored.said.append(LABELS.index(block.label))
        scored.score.append(block.score)
        scored.kept.append(block.kept)
        scored.words.append(len(words(sample.blocks.text[i])))
        scored.page.append(number)
        scored.language.append(sample.language)


def score_page(cleaner: Cleaner, page: Page, sample: Sample, scored: Scored, number: int) -> None:
    """Collects what the library says of a page's labelled blocks."""
    _collect(scored, sample, cleaner.clean(page.html, url=page.url).blocks, number)


def score_text(cleaner: Cleaner, sample: Sample, scored: Scored, number: int, titled: bool = False) -> None:
    """Collects what the library says of a page's blocks when it is given them as lines of text."""
    lines = [" ".join(text.split()) for text in sample.blocks.text]
    numbers = [i for i, y in enumerate(sample.labels) if y != UNLABELLED]
    if not numbers:
        return
    # As labelled: what lies far from the article is not labelled and seldom reaches plain text.
    part = [i for i in range(numbers[0], numbers[-1] + 1) if len(cut_text(lines[i]))]
    article = cleaner.clean_text("\n\n".join(lines[i] for i in part), title=sample.title if titled else None)
    found: list[Block | None] = [None] * len(lines)
    for i, block in zip(part, article.blocks, strict=True):
        found[i] = block
    _collect(scored, sample, found, number)


def arrays_of(scored: Scored) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Noise, whether it is noise, and words."""
    return (
        np.array(scored.noise),
        np.array(scored.label) != 0,
        np.array(scored.words, dtype=np.float64),
    )


def describe(name: str, scored: Scored, log: Log) -> dict[str, float]:
    """Logs and returns the figures of one kind of input, with 95% intervals over pages."""
    noise, junk, counts = arrays_of(scored)
    dropped = ~np.array(scored.kept)
    right = np.array(scored.label) == np.array(scored.said)
    page, score = np.array(scored.page), np.array(scored.score)

    def curve(rows: NDArray[np.intp], loss: float) -> float:
        return caught_at_loss(noise[rows], junk[rows], counts[rows], loss)

    def lost(rows: NDArray[np.intp]) -> float:
        content = rows[~junk[rows]]
        return float((counts * dropped)[content].sum() / max(counts[content].sum(), 1))

    figures: dict[str, tuple[float, float, float]] = {}

    def note(what: str, measure: Callable[[NDArray[np.intp]], float]) -> None:
        figures[what] = (measure(np.arange(len(noise))), *page_interval(measure, page))

    for loss in LOSSES:
        note(f"caught at {loss:.1%} lost", functools.partial(curve, loss=loss))
    note("default: caught", lambda rows: float(dropped[rows][junk[rows]].mean()))
    note("default: content words lost", lost)
    note("right label of caught", lambda rows: float(right[rows][junk[rows] & dropped[rows]].mean()))
    note("calibration error of noise", lambda rows: calibration_error(noise[rows], junk[rows]))
    note("calibration error of the label", lambda rows: calibration_error(score[rows], right[rows]))
    log(f"{name}: {len(noise)} blocks, {int(junk.sum())} noise")
    for what, (value, low, high) in figures.items():
        log(f"  {what:<32} {value:7.2%}   ({low:.2%} to {high:.2%})")
    return {what: value for what, (value, _, _) in figures.items()}


def curves(scored: Scored) -> dict[str, list[tuple[float, float, int]]]:
    """Reliability of the probability of noise and of the label's, see `training.metrics.reliability`."""
    noise, junk, _ = arrays_of(scored)
    right = np.array(scored.label) == np.array(scored.said)
    return {"noise": reliability(noise, junk), "label": reliability(np.array(scored.score), right)}


def by_group(scored: Scored, groups: list[str], log: Log, least: int = LEAST) -> None:
    """Logs caught and lost of the default by group (label or language)."""
    dropped, junk = ~np.array(scored.kept), np.array(scored.label) != 0
    counts, names = np.array(scored.words, dtype=np.float64), np.array(groups)
    for name in sorted(set(groups)):
        own = names == name
        n, m = int((own & junk).sum()), int((own & ~junk).sum())
        caught = f"{dropped[own & junk].mean():6.1%} of {n}" if n >= least else f"too few ({n})"
        lost = (
            f"{(counts * dropped)[own & ~junk].sum() / max(counts[own & ~junk].sum(), 1):6.2%} of {m}"
            if m >= least
            else f"too few ({m})"
        )
        log(f"  {name or 'unknown':<10} noise caught {caught:<18} content words lost {lost}")
