"""The mutation fuzzer: `python -m tools.fuzz --cases 1000 --seed 1`."""

import itertools
import time
from pathlib import Path

import click

from tools.fuzz.check import Case, Failure
from tools.fuzz.corpus import Cases
from tools.fuzz.keeping import Keeper
from tools.fuzz.running import DEADLINE_S, Checker, Tally, check_item, run

OUT = Path("build/fuzz")
CASES = 1_000
_EACH_S = 30.0


def replay(files: tuple[Path, ...], checker: Checker) -> int:
    """Checks files and prints what fails; returns how many fail."""
    failed = 0
    for path in files:
        found = checker.check(Case(path.read_bytes(), path.suffix == ".txt"))
        if isinstance(found, Failure):
            failed += 1
            click.echo(f"{path}: {found.name}: {found.message}")
        else:
            click.echo(f"{path}: {found}")
    return failed


def report(tally: Tally, seconds: float, keeper: Keeper) -> None:
    """Prints the summary of a run."""
    click.echo(f"{tally.cases:,} cases in {seconds:,.0f} s, {tally.cases / max(seconds, 1e-9):.1f} a second")
    click.echo("  " + ", ".join(f"{name} {count:,}" for name, count in sorted(tally.results.items())))
    for name, count in tally.mutations.most_common():
        click.echo(f"  {name:<20} {count:7,} cases {tally.failed[name]:5,} failed")
    for (name, error), count in keeper.kinds.most_common():
        click.echo(f"  failed {count:,} times: {name}, {error}")


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--cases", type=click.IntRange(1), help=f"How many.  [default: {CASES:,}, without --seconds]")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="How long.")
@click.option("--seed", default=1, show_default=True, help="The same seed and data make the same cases.")
@click.option("--first", default=0, show_default=True, help="Number of the first case.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of real pages: corpora/*.jsonl.gz, or HTML files. Without it: authored pages only.",
)
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1), help="Child processes.")
@click.option("--out", default=OUT, show_default=True, type=click.Path(file_okay=False, path_type=Path))
def main(
    files: tuple[Path, ...],
    cases: int | None,
    seconds: float | None,
    seed: int,
    first: int,
    data: Path | None,
    jobs: int,
    out: Path,
) -> None:
    """Mutates pages and texts and checks on each what must hold of every input.

    FILES are kept cases, which are checked again instead. Ends with 1 if anything
    failed; what did is made small and kept in the folder --out.
    """
    with Checker(jobs, DEADLINE_S, check_item) as checker:
        if files:
            raise SystemExit(int(replay(files, checker) > 0))
        raise SystemExit(int(fuzz(checker, cases, seconds, seed, first, data, out) > 0))


def fuzz(
    checker: Checker,
    cases: int | None,
    seconds: float | None,
    seed: int,
    first: int,
    data: Path | None,
    out: Path,
) -> int:
    """Runs cases, keeps what fails and prints a summary; returns how many failed."""
    if cases is None and seconds is None:
        cases = CASES
    made = Cases(seed, data)
    click.echo(
        f"seed {seed}: {len(made.authored)} authored inputs, {len(made.real)} pages of {data or 'none'}"
    )
    tally, keeper = Tally(), Keeper(out, checker, seed, data)
    numbers = range(first, first + cases) if cases is not None else itertools.count(first)
    start = told = time.monotonic()
    for mutated, result in run(
        checker,
        map(made.__getitem__, numbers),
        lambda: seconds is not None and time.monotonic() > start + seconds,
    ):
        tally.add(mutated, result)
        if isinstance(result, Failure):
            kept = keeper.keep(mutated, result)
            if kept is not None:
                how = ", ".join(mutated.mutations)
                click.echo(f"case {mutated.number} ({how}): {result.name}, {result.error}: {kept}")
        if time.monotonic() > told + _EACH_S:
            told = time.monotonic()
            click.echo(f"{tally.cases:,} cases, {tally.results['failed']:,} failed, {told - start:,.0f} s")
    report(tally, time.monotonic() - start, keeper)
    return tally.results["failed"]


if __name__ == "__main__":
    main()
