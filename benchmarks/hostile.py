"""Cost against size of hostile input: each shape small and four times as large, and how the cost grows.

`python -m benchmarks.hostile` prints a table; `--case NAME` (repeatable) takes some of the shapes. Every
input is cleaned in a process of its own, which is killed when it takes too long.
"""

import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

import click

from benchmarks.hostile_shapes import CASES, Case
from benchmarks.table import markdown
from noisefilter import Article, Cleaner, Limits, NoiseFilterError

FACTOR = 4
MAX_TIMES_PARSE, MAX_S = 20, 5
"""What cleaning may take: so many times the parse of lxml or so many seconds, whichever is more."""
MAX_EXPONENT = 1.4
_TICK_S = 0.2  # a shorter time says nothing of growth
_EXPLAINED = 100  # blocks
_HEAD = (
    "what is many or long", "MB", "lxml, s", "clean, s", "times lxml", "exponent", "written, s",
    "explained, s", "peak, MB", "outcome",
)  # fmt: skip
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one input cost, CPU seconds.

    Attributes:
        size: bytes of the input.
        parse: lxml's parse; 0 for plain text.
        clean: `Cleaner.clean` or `clean_text`.
        written: `markdown`, `html` and `to_dict` of the outcome.
        explained: `explain` of 100 of its blocks.
        outcome: how many paragraphs were lost, or the name of an error.
        peak_mb: largest resident size of the process.
    """

    size: int
    parse: float = 0.0
    clean: float = 0.0
    written: float = 0.0
    explained: float = 0.0
    outcome: str = "killed"
    peak_mb: int = 0

    @property
    def within(self) -> bool:
        """Whether cleaning keeps to the bounds."""
        return self.outcome != "killed" and self.clean <= max(MAX_S, MAX_TIMES_PARSE * self.parse)


def measure(case: Case, number: int) -> Cost:
    """Cleans one input of a shape in this process.

    Args:
        case: the shape.
        number: of its parts.
    """
    made = case.make(number)
    page = made.encode("utf-8", "surrogatepass")
    cleaner = Cleaner(limits=_limits())
    cleaner.clean("<p>first</p>")  # what is loaded once
    parse = _timed(lambda: _parse(page))[0] if case.is_page else 0.0
    written = explained = 0.0
    clean, article = _timed(lambda: _cleaned(cleaner, page if case.is_page else made))
    if isinstance(article, Article):
        outcome = f"{lost} lost" if (lost := case.lost(article.text, number)) else "ok"
        written = _timed(lambda: (article.markdown(), article.html(), article.to_dict()))[0]
        some = article.blocks[:: max(1, len(article.blocks) // _EXPLAINED)]
        explained = _timed(lambda: [article.explain(block) for block in some])[0]
    else:
        outcome = type(article).__name__
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Cost(len(page), parse, clean, written, explained, outcome, peak_mb)


def _limits() -> Limits:
    """The default ones, but for the number of blocks: what it would refuse is to be measured."""
    return Limits(blocks=1_000_000)


def _cleaned(cleaner: Cleaner, made: bytes | str) -> Article | NoiseFilterError:
    try:
        return cleaner.clean(made) if isinstance(made, bytes) else cleaner.clean_text(made)
    except NoiseFilterError as error:
        return error


def _parse(page: bytes) -> None:
    from lxml import etree

    etree.fromstring(page, etree.HTMLParser(huge_tree=True, encoding="utf-8"))


def _timed(run: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    made = run()
    return time.process_time() - start, made


def exponent(small: float, large: float) -> float | None:
    """The power of its size by which a time grows, or None if it is too short to tell.

    Args:
        small: seconds.
        large: seconds for input `FACTOR` times as large.
    """
    return math.log(large / max(small, _TICK_S / FACTOR**2)) / math.log(FACTOR) if large > _TICK_S else None


def row_of(case: Case, small: Cost, large: Cost) -> list[str]:
    """A row of the table, of the larger input.

    Args:
        case: the shape.
        small: its cost.
        large: its cost with `FACTOR` times the parts.
    """
    power = exponent(small.clean, large.clean)
    verdict = large.outcome
    if not large.within:
        verdict += ", TOO SLOW"
    elif power is not None and power > MAX_EXPONENT:
        verdict += ", GROWS"
    return [
        case.name,
        f"{large.size / 1e6:.2f}",
        f"{large.parse:.2f}" if case.is_page else "",
        f"{large.clean:.2f}",
        f"{large.clean / large.parse:.0f}" if large.parse > 0.01 else "",
        "" if power is None else f"{power:.1f}",
        f"{large.written:.2f}",
        f"{large.explained:.2f}",
        str(large.peak_mb),
        verdict,
    ]


def _in_a_process(case: Case, number: int, timeout_s: float) -> Cost:
    command = [sys.executable, "-m", "benchmarks.hostile", "--case", case.name, "--number", str(number)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        return Cost(len(case.make(number)))
    if done.returncode:
        raise RuntimeError(f"{case.name}: {done.stderr}")
    return Cost(**json.loads(done.stdout))


def table(cases: Sequence[Case], timeout_s: float) -> list[str]:
    """The table in Markdown.

    Args:
        cases: shapes.
        timeout_s: wall time of one process.
    """
    rows = []
    for case in cases:
        costs = [_in_a_process(case, number, timeout_s) for number in (case.number, FACTOR * case.number)]
        rows.append(row_of(case, *costs))
    return markdown(_HEAD, rows)


@click.command()
@click.option("--case", "names", type=click.Choice([case.name for case in CASES]), multiple=True)
@click.option("--number", type=click.IntRange(min=1), help="Clean one input of so many parts; prints JSON.")
@click.option(
    "--timeout", "timeout_s", type=float, default=120.0, show_default=True, help="Seconds, of each."
)
def main(names: tuple[str, ...], number: int | None, timeout_s: float) -> None:
    """Measures what hostile input costs, and whether that grows faster than the input."""
    cases = [case for case in CASES if not names or case.name in names]
    if number is not None:
        for case in cases:
            click.echo(json.dumps(asdict(measure(case, number))))
        return
    for line in table(cases, timeout_s):
        click.echo(line)


if __name__ == "__main__":
    main()
