"""Whole pages: the library's text against Trafilatura's on the same pages."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import trafilatura

from noisefilter import Cleaner, NoiseFilterError
from training.metrics import interval, mean_interval, overlap, phrase, runs_of, share_kept, words
from training.pages import LABELS, UNLABELLED, Page, Sample
from training.scored import Log

MIN_GOLD_WORDS = 20


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
    _add_gold(page, text, base, totals)


def measure_gold(cleaner: Cleaner, page: Page, totals: Totals) -> None:
    """Compares a page without labels with the baseline by the corpus's own main text."""
    if page.gold and len(words(page.gold)) >= MIN_GOLD_WORDS:
        text, _ = _timed(lambda: cleaner.clean(page.html, url=page.url).text)
        base, _ = _timed(lambda: _baseline(page))
        _add_gold(page, text, base, totals)


def _add_gold(page: Page, text: str, base: str, totals: Totals) -> None:
    if page.gold and len(words(page.gold)) >= MIN_GOLD_WORDS:
        totals.gold[page.page_type].append((overlap(text, page.gold)[2], overlap(base, page.gold)[2]))


def _ratio(pairs: list[tuple[float, float]]) -> float:
    return sum(a for a, _ in pairs) / max(sum(b for _, b in pairs), 1e-9)


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
    groups = dict(sorted(totals.gold.items()))
    others = [pair for kind, pairs in groups.items() if kind != "article" for pair in pairs]
    for kind, pairs in {**groups, "all but articles": others}.items():
        if not pairs:
            continue
        own, baseline = np.mean([a for a, _ in pairs]), np.mean([b for _, b in pairs])
        figures[f"F1 {kind}"], figures[f"F1 {kind}, baseline"] = float(own), float(baseline)
        low, high = mean_interval([a - b for a, b in pairs])
        log(
            f"  F1 on gold, {kind:<16} {len(pairs):4} pages   {own:.4f}   baseline {baseline:.4f}"
            f"   {own - baseline:+.4f} ({low:+.4f} to {high:+.4f})"
        )
    log("  noise blocks left by label: of, left, left by the baseline")
    for label, (every, own_left, base_left) in sorted(totals.left_by_label.items()):
        log(f"    {label:<10} {every:5} {own_left:5} {base_left:5}")
    return figures
