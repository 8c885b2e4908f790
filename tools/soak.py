"""Many pages through one process and through a pool: `python -m tools.soak --pages 20000 [--data FOLDER]`.

Fails if what the processes hold grows from the second quarter to the last: memory, objects or open files.
"""

import gc
import itertools
import os
import statistics
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from noisefilter import Cleaner, NoiseFilterError
from noisefilter.batch.memory import resident_mb
from noisefilter.batch.pool import Pool
from training.evaluate import dev_pages

SEEDS = Path(__file__).parents[1] / "seeds" / "pages"
GROWTH, SLACK_MB = 0.02, 4.0
"""What the median of the last quarter may have over that of the second: a share, and megabytes at least."""
SAMPLES = 120
_HOSTILE_EVERY = 10
_TELLING = 5_000
_LONG_S = 120.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process holds.

    Attributes:
        mb: resident size in megabytes, with that of its children.
        objects: that the garbage collector knows.
        files: open file descriptors.
    """

    mb: float
    objects: int
    files: int


def hostile(number: int) -> str | bytes:
    """Input that is refused, or goes ways that pages seldom go; none is given twice."""
    kinds: tuple[str | bytes, ...] = (
        f"<div>{number}" * 6000,
        f"<p a{number}>" + "<p>".join(f"x{number}{i}" for i in range(500)),
        b"%PDF-1.7" + str(number).encode(),
        b"\x1f\x8b\x08" + str(number).encode(),
        f"<x-{number} class='c{number}' style='left:-{number}px'><y-{number}>Text {number}",
        "<p " + " ".join(f"a{number}_{i}" for i in range(1100)) + ">",
        f"<table><tr>{'<td>' * 300}{number}",
        f"<p>{'&#0;' * 50}{number}\ud800\U000e0041",
        f'<script type="application/ld+json">{{"@type":"Article","headline":"{number}"' + "[" * 2000,
        f'<meta charset="c{number}"><a href="http://h{number}.example/p{number}">Link {number}</a>' * 40,
    )
    return kinds[number // _HOSTILE_EVERY % len(kinds)]


def inputs(pages: list[str], count: int) -> Iterator[str | bytes]:
    """Pages in turn, each varied so that none comes twice, with hostile input in between."""
    for number, page in zip(range(count), itertools.cycle(pages), strict=False):
        if number % _HOSTILE_EVERY == _HOSTILE_EVERY - 1:
            yield hostile(number)
        else:
            yield page.replace("</p>", f" ({number}).</p>", 3).replace('class="', f'class="n{number} ', 2)


def in_this_process(pages: list[str], count: int) -> Iterator[Sample]:
    """Cleans with one Cleaner."""
    cleaner, step = Cleaner(), max(count // SAMPLES, 1)
    for number, page in enumerate(inputs(pages, count)):
        try:
            article = cleaner.clean(page)
            if number % 50 == 0 and article.blocks:
                article.explain(article.blocks[0])
        except NoiseFilterError:
            pass
        if number % step == 0:
            yield sample([os.getpid()])


def in_a_pool(pages: list[str], count: int, jobs: int) -> Iterator[Sample]:
    """Cleans in children that are replaced after so many items that none is over a quarter."""
    step = max(count // SAMPLES, jobs)
    with Pool(jobs, items_per_child=max(count // (8 * jobs), 1)) as pool:
        for number, several in enumerate(_in_turns(inputs(pages, count), jobs)):
            for future in [pool.submit(page) for page in several]:
                future.result(_LONG_S)
            if number * jobs % step < jobs:
                yield sample([os.getpid(), *pool.pids])


def _in_turns(items: Iterator[str | bytes], size: int) -> Iterator[list[str | bytes]]:
    while some := list(itertools.islice(items, size)):
        yield some


def sample(pids: Iterable[int]) -> Sample:
    """What processes hold now; objects and files are those of this one."""
    gc.collect()
    return Sample(
        sum(map(resident_mb, pids)), len(gc.get_objects()), sum(1 for _ in Path("/dev/fd").iterdir())
    )


def verdict(samples: list[Sample]) -> tuple[list[str], bool]:
    """Lines on what was held, and whether it did not grow."""
    quarters = [samples[len(samples) * i // 4 : len(samples) * (i + 1) // 4] for i in range(4)]
    lines, fine = [], True
    for what, slack in (("mb", SLACK_MB), ("objects", 2000.0), ("files", 0.0)):
        medians = [statistics.median(getattr(one, what) for one in quarter) for quarter in quarters]
        allowed = medians[1] + max(GROWTH * medians[1] if what != "files" else 0.0, slack)
        held = medians[3] <= allowed
        fine = fine and held
        shown = ", ".join(f"{median:,.0f}" for median in medians)
        grown = medians[3] / medians[1] - 1
        lines.append(f"  {what} by quarter: {shown}; {grown:+.1%}{'' if held else ' GROWS'}")
    return lines, fine


def children() -> set[str]:
    """Numbers of the living or dead children of this process."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if path.read_text().rpartition(")")[2].split()[1] == str(os.getpid()):
                found.add(path.parent.name)
        except OSError:
            continue
    return found


@click.command()
@click.option("--pages", "count", default=20_000, show_default=True, help="How many to clean.")
@click.option("--jobs", default=2, show_default=True, help="Children of the pool.")
@click.option(
    "--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder with corpora/."
)
def main(count: int, jobs: int, data: Path | None) -> None:
    """Cleans many pages and looks at what the processes hold."""
    if sys.platform != "linux":
        raise click.ClickException("this reads /proc: run it on Linux")
    if data is None:
        pages = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(SEEDS.glob("*.html"))]
    else:
        pages = [page.html for page in dev_pages(data)]
    fine, before = True, children()
    for name, samples in (
        ("One Cleaner in one process", in_this_process(pages, count)),
        (f"A pool of {jobs} children", in_a_pool(pages, count, jobs)),
    ):
        lines, held = verdict(list(samples))
        fine = fine and held
        click.echo(f"{name}, {count:,} inputs made of {len(pages)} pages")
        click.echo("\n".join(lines))
    if count < _TELLING:
        click.echo(f"fewer than {_TELLING:,} pages: what grows may be what is loaded and remembered once")
    left = children() - before
    click.echo(f"processes left behind: {len(left)}")
    sys.exit(0 if fine and not left else 1)


if __name__ == "__main__":
    main()
