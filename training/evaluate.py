"""Measures a model on the pages of hosts it never saw: `python -m training.evaluate --data FOLDER`."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import numpy as np
import trafilatura
from numpy.typing import NDArray

from noisefilter import Cleaner, NoiseFilterError
from noisefilter.model import DEFAULT_MODEL
from training.injections import injected_samples, read_templates
from training.metrics import (
    calibration_error,
    caught_at_loss,
    interval,
    overlap,
    phrase,
    runs_of,
    share_kept,
    words,
)
from training.pages import (
    LABELS,
    UNLABELLED,
    Page,
    Sample,
    host_of,
    is_dev,
    labelled_pages,
    read_labels,
    sample_of,
)

Log = Callable[[str], object]
LOSSES = (0.001, 0.003, 0.005, 0.01)


@dataclass(slots=True)
class Scored:
    """Labelled blocks with what the library said of them.

    Attributes:
        noise: probability of noise.
        label: number of the label in `LABELS`.
        said: number of the label that the library gave.
        kept: whether the library kept the block.
        words: number of words.
        page: number of the page, for bootstrap.
        language: of the page.
    """

    noise: list[float] = field(default_factory=list)
    label: list[int] = field(default_factory=list)
    said: list[int] = field(default_factory=list)
    kept: list[bool] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    page: list[int] = field(default_factory=list)
    language: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Totals:
    """Sums over pages; pairs are numerator and denominator by page."""

    noise_left: list[tuple[float, float]] = field(default_factory=list)
    base_noise_left: list[tuple[float, float]] = field(default_factory=list)
    content_kept: list[tuple[float, float]] = field(default_factory=list)
    base_content_kept: list[tuple[float, float]] = field(default_factory=list)
    left_by_label: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))
    gold: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    cpu: float = 0.0
    base_cpu: float = 0.0


def dev_pages(data: Path) -> Iterator[Page]:
    """The labelled pages of hosts kept for evaluation."""
    for page in labelled_pages(data / "corpora", read_labels()):
        if is_dev(host_of(page.url, page.key)):
            yield page


def _timed(function: Callable[[], str | None]) -> tuple[str, float]:
    start = time.process_time()
    try:
        text = function()
    except NoiseFilterError:
        text = None
    return text or "", time.process_time() - start


def _baseline(page: Page) -> str | None:
    return trafilatura.extract(page.html, include_comments=False)


def measure_page(cleaner: Cleaner, page: Page, sample: Sample, totals: Totals, order: int) -> None:
    """Compares the cleaned page with the baseline's output, block by block and with the gold text."""

    def clean() -> str:
        return cleaner.clean(page.html, url=page.url).text

    # Turn and turn about, so that neither always finds warm caches.
    if order % 2:
        text, cpu = _timed(clean)
        base, base_cpu = _timed(lambda: _baseline(page))
    else:
        base, base_cpu = _timed(lambda: _baseline(page))
        text, cpu = _timed(clean)
    totals.cpu += cpu
    totals.base_cpu += base_cpu
    content = [t for t, y in zip(sample.blocks.text, sample.labels, strict=True) if y == 0]
    # Words that also stand in a content block, or in one whose label nobody knows, prove nothing.
    every_content = " ".join(
        phrase(t) for t, y in zip(sample.blocks.text, sample.labels, strict=True) if y in (0, UNLABELLED)
    )
    for output, left, kept, column in (
        (text, totals.noise_left, totals.content_kept, 1),
        (base, totals.base_noise_left, totals.base_content_kept, 2),
    ):
        joined, runs = phrase(output), runs_of(output)
        found = every = 0
        for block, y in zip(sample.blocks.text, sample.labels, strict=True):
            own = phrase(block)
            if y in (0, UNLABELLED) or not own.strip() or own in every_content:
                continue
            inside = own in joined
            found += inside
            every += 1
            entry = totals.left_by_label[LABELS[y]]
            entry[column] += inside
            entry[0] += column == 1
        left.append((found, every))
        counts = [len(words(t)) for t in content]
        got = sum(n * share_kept(t, joined, runs) for n, t in zip(counts, content, strict=True))
        kept.append((got, sum(counts)))
    if page.gold and len(words(page.gold)) >= 20:
        kind = "article" if page.page_type == "article" else "other"
        totals.gold[kind].append((overlap(text, page.gold)[2], overlap(base, page.gold)[2]))


def _collect(
    scored: Scored, sample: Sample, article_blocks: list[tuple[float, str, bool]], number: int
) -> None:
    for i, (noise, label, kept) in enumerate(article_blocks):
        if i < len(sample.labels) and sample.labels[i] != UNLABELLED:
            scored.noise.append(noise)
            scored.label.append(int(sample.labels[i]))
            scored.said.append(LABELS.index(label))
            scored.kept.append(kept)
            scored.words.append(len(words(sample.blocks.text[i])))
            scored.page.append(number)
            scored.language.append(sample.language)


def score_page(cleaner: Cleaner, page: Page, sample: Sample, scored: Scored, number: int) -> None:
    """Collects what the library says of a page's labelled blocks."""
    article = cleaner.clean(page.html, url=page.url)
    _collect(scored, sample, [(b.noise, b.label, b.kept) for b in article.blocks], number)


def score_text(cleaner: Cleaner, sample: Sample, scored: Scored, number: int, titled: bool = False) -> None:
    """Collects what the library says of a page's blocks when it is given them as lines of text."""
    lines = [" ".join(text.split()) for text in sample.blocks.text]
    numbers = [i for i, y in enumerate(sample.labels) if y != UNLABELLED]
    if not numbers:
        return
    # As labelled: what lies far from the article is not labelled and seldom reaches plain text.
    part = range(numbers[0], numbers[-1] + 1)
    article = cleaner.clean_text("\n\n".join(lines[i] for i in part), title=sample.title if titled else None)
    said = [(b.noise, str(b.label), b.kept) for b in article.blocks]
    padded = [(0.0, "content", True)] * part.start + said
    _collect(scored, sample, padded, number)


def arrays_of(scored: Scored) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Noise, whether it is noise, and words."""
    return (
        np.array(scored.noise),
        np.array(scored.label) != 0,
        np.array(scored.words, dtype=np.float64),
    )


def describe(name: str, scored: Scored, log: Log) -> dict[str, float]:
    """Logs and returns the figures of one kind of input."""
    noise, junk, counts = arrays_of(scored)
    dropped = ~np.array(scored.kept)
    right = np.array(scored.label) == np.array(scored.said)
    figures = {f"caught at {loss:.1%} lost": caught_at_loss(noise, junk, counts, loss) for loss in LOSSES}
    figures["default: caught"] = float(dropped[junk].mean())
    figures["default: content words lost"] = float((counts * dropped)[~junk].sum() / counts[~junk].sum())
    figures["right label of caught"] = float(right[junk & dropped].mean())
    figures["calibration error"] = calibration_error(noise, junk)
    log(f"{name}: {len(noise)} blocks, {int(junk.sum())} noise")
    for what, value in figures.items():
        log(f"  {what:<28} {value:7.2%}")
    return figures


def by_group(scored: Scored, groups: list[str], log: Log, least: int = 30) -> None:
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


def _ratio(pairs: list[tuple[float, float]]) -> float:
    return sum(a for a, _ in pairs) / max(sum(b for _, b in pairs), 1e-9)


def report(data: Path, model: str, log: Log) -> dict[str, dict[str, float]]:
    """Measures a model and logs all figures.

    Args:
        data: folder with `corpora/`.
        model: name or folder.
        log: takes lines.

    Returns:
        The figures by part.
    """
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    cleaner = Cleaner(model)
    totals, paged, lined, titled = Totals(), Scored(), Scored(), Scored()
    samples = []
    for number, page in enumerate(dev_pages(data)):
        sample = sample_of(page)
        samples.append(sample)
        measure_page(cleaner, page, sample, totals, number)
        score_page(cleaner, page, sample, paged, number)
        score_text(cleaner, sample, lined, number)
        score_text(cleaner, sample, titled, number, titled=True)
    log(f"{len(samples)} pages of hosts never trained on\n")
    figures = {"html": html_figures(totals, log)}
    figures["page blocks"] = describe("\npages, labelled blocks", paged, log)
    figures["text blocks"] = describe("\ntext, the same blocks as lines without title", lined, log)
    figures["text blocks, titled"] = describe("\ntext, with title", titled, log)
    for name, scored in (("pages", paged), ("text", lined)):
        log(f"\n{name}, default policy, by label")
        by_group(scored, [str(LABELS[y]) for y in scored.label], log, 20)
        log(f"\n{name}, default policy, by language")
        by_group(scored, scored.language, log)
    figures["injected"] = injected_figures(cleaner, samples, log)
    return figures


def html_figures(totals: Totals, log: Log) -> dict[str, float]:
    """Logs and returns the comparison with the baseline on whole pages."""
    left, base = _ratio(totals.noise_left), _ratio(totals.base_noise_left)
    kept, base_kept = _ratio(totals.content_kept), _ratio(totals.base_content_kept)
    share = [(a, b) for (a, _), (b, _) in zip(totals.noise_left, totals.base_noise_left, strict=True)]
    low, high = interval(share)
    figures = {
        "noise blocks left": left,
        "noise blocks left, baseline": base,
        "noise left, share of the baseline's": left / base,
        "content words kept": kept,
        "content words kept, baseline": base_kept,
        "CPU against the baseline": totals.cpu / totals.base_cpu,
    }
    log("whole pages, text of clean(html) against trafilatura.extract(html, include_comments=False)")
    for name, value in figures.items():
        log(f"  {name:<36} {value:7.2%}")
    log(f"  {'95% interval of that share of noise':<36} {low:.1%} to {high:.1%}")
    for kind, pairs in sorted(totals.gold.items()):
        own, baseline = np.mean([a for a, _ in pairs]), np.mean([b for _, b in pairs])
        figures[f"F1 {kind}"], figures[f"F1 {kind}, baseline"] = float(own), float(baseline)
        log(
            f"  F1 on gold, {kind:<8} {len(pairs):4} pages   {own:.4f}"
            f"   baseline {baseline:.4f}   {own - baseline:+.4f}"
        )
    log("  noise blocks left by label: of, left, left by the baseline")
    for label, (every, own_left, base_left) in sorted(totals.left_by_label.items()):
        log(f"    {label:<10} {every:5} {own_left:5} {base_left:5}")
    return figures


def injected_figures(cleaner: Cleaner, samples: list[Sample], log: Log) -> dict[str, float]:
    """Logs and returns how generated lines of unseen templates fare in articles never trained on."""
    templates = read_templates("held_out")
    made = injected_samples(samples, "held_out", 3, 0, 12)
    scored, lookalikes = Scored(), [0, 0]
    for number, sample in enumerate(made):
        before = len(scored.kept)
        score_text(cleaner, sample, scored, number)
        known = set(templates[sample.language].lookalikes)
        for text, kept in zip(sample.blocks.text, scored.kept[before:], strict=True):
            if text in known:
                lookalikes[0] += not kept
                lookalikes[1] += 1
    figures = describe("\ntext, generated lines in articles of their language", scored, log)
    figures["look-alikes dropped"] = lookalikes[0] / max(lookalikes[1], 1)
    log(f"  {'look-alikes dropped':<28} {figures['look-alikes dropped']:7.2%} of {lookalikes[1]}")
    by_group(scored, scored.language, log)
    return figures


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="Name or folder of the model.")
def main(data: Path, model: str) -> None:
    """Measures a model on the labelled pages in DATA/corpora whose hosts it never saw."""
    report(data, model, click.echo)


if __name__ == "__main__":
    main()
