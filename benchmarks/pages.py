"""Whole pages: the CPU time of `clean` against that of the baseline."""

from collections.abc import Iterator

import trafilatura

from benchmarks.data import Bench
from benchmarks.table import Target, figure
from benchmarks.timing import race, ratio
from noisefilter import Cleaner, NoiseFilterError

CPU = Target(must=1.0, aim=0.7)
ROUNDS = 7


def baseline(html: str) -> str | None:
    """What noisefilter is measured against everywhere."""
    text: str | None = trafilatura.extract(html, include_comments=False)
    return text


def cleaned(cleaner: Cleaner, html: str, policy: str = "balanced", url: str | None = None) -> str | None:
    """The text of a page, or None if it cannot be read."""
    try:
        return cleaner.clean(html, url=url, policy=policy).text
    except NoiseFilterError:
        return None


def run(bench: Bench) -> Iterator[str]:
    """CPU time on the pages kept for evaluation."""
    cleaner = Cleaner()
    html = [page.html for page, _ in bench.pages]
    times = race({"own": lambda page: cleaned(cleaner, page), "base": baseline}, html, bench.rounds(ROUNDS))
    yield f"{len(html)} pages, {sum(map(len, html)) / 1e6:.1f} million characters"
    yield figure(
        "clean(html), CPU against trafilatura.extract(html, …)", ratio(times["own"], times["base"]), CPU
    )
