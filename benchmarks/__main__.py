"""The command: `python -m benchmarks --data FOLDER`."""

import logging
import platform
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from benchmarks import compare, cost, pages, start
from benchmarks.data import Bench
from benchmarks.text import Contest

PACKAGES = (
    "noisefilter", "trafilatura", "lxml", "numpy", "scikit-learn", "fasttext-numpy2", "readability-lxml",
    "justext", "resiliparse",
)  # fmt: skip


@cache
def _contest(bench: Bench) -> Contest:
    return Contest(bench)


def _text(bench: Bench) -> Iterator[str]:
    return _contest(bench).speed()


def _quality(bench: Bench) -> Iterator[str]:
    return _contest(bench).table()


PARTS: dict[str, tuple[str, Callable[[Bench], Iterator[str]]]] = {
    "cpu": ("CPU on whole pages", pages.run),
    "text": ("CPU on plain text", _text),
    "quality": ("Classifiers of lines, same training lines", _quality),
    "length": ("Cost against length", cost.run),
    "start": ("A fresh process", start.run),
    "size": ("Size of the model", start.run_size),
    "tools": ("Extractors side by side", compare.run),
}
WITHOUT_PAGES = frozenset({"length", "start", "size"})


def versions() -> str:
    """What was measured."""
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Has corpora/.")
@click.option("--part", "chosen", type=click.Choice(list(PARTS)), multiple=True, help="Repeatable.")
@click.option("--quick", is_flag=True, help="Fewer pages and rounds: to try it out, not to report.")
def main(data: Path | None, chosen: tuple[str, ...], quick: bool) -> None:
    """Measures noisefilter against other tools, in one run on the labelled pages in DATA/corpora."""
    names = chosen or tuple(PARTS)
    if data is None and not WITHOUT_PAGES.issuperset(names):
        raise click.UsageError("give the folder of corpora/ with --data, or a --part that needs no pages")
    for name in ("trafilatura", "readability", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    bench = Bench(data, quick)
    click.echo(versions())
    if quick:
        click.echo("quick: too few pages and rounds for figures to report")
    for name in names:
        title, run = PARTS[name]
        click.echo(f"\n{title} (--part {name})")
        for line in run(bench):
            click.echo(line)


if __name__ == "__main__":
    main()
