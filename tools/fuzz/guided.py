"""Coverage-guided fuzzing with atheris, by the same properties: `python -m tools.fuzz.guided --seconds 300`.

Needs `pip install atheris`, which has wheels for Linux; elsewhere it says that it cannot run. The first byte
of an input says whether a page or a text follows. Nothing of the package is imported before atheris can
instrument it.
"""

import importlib
import importlib.util
import subprocess
import sys
import time
from pathlib import Path

import click

OUT = Path("build/fuzz/guided")
MISSING = (
    "atheris is not installed, so nothing was run: pip install atheris, where it has a wheel (Linux). "
    "The mutation fuzzer, python -m tools.fuzz, does without."
)
_DEADLINE_S = 30
_MEGABYTES = 2048
_MOST_BYTES = 20_000
_RUNS = 4_000
"""Inputs of one process: atheris holds 200 KB more for each, whatever is run."""
_TEXT, _PAGE = b"0", b"a"


class PropertyBroken(Exception):
    """Tells libFuzzer that an input is to be kept."""


def _run(folder: Path, seconds: int, seed: int, runs: int) -> None:
    atheris = importlib.import_module("atheris")

    with atheris.instrument_imports(include=["noisefilter"], enable_loader_override=False):
        from noisefilter import Cleaner
        from tools.fuzz.check import Case, Failure, check_case
        from tools.fuzz.corpus import authored

    cleaner = Cleaner()
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(authored()):
        if len(case.data) < _MOST_BYTES:
            (corpus / f"authored-{number}").write_bytes((_TEXT if case.is_text else _PAGE) + case.data)
            check_case(
                cleaner, case
            )  # what is imported and cached at the first call is there before it counts

    def test_one_input(data: bytes) -> None:
        found = check_case(cleaner, Case(data[1:], data[:1] == _TEXT))
        if isinstance(found, Failure):
            raise PropertyBroken(f"{found.name}: {found.message}")

    options = [
        f"-max_total_time={seconds}", f"-runs={runs}", f"-seed={seed}", f"-timeout={_DEADLINE_S}",
        f"-rss_limit_mb={_MEGABYTES}",
        f"-max_len={_MOST_BYTES}", f"-artifact_prefix={folder}/", "-print_final_stats=1",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], test_one_input)
    atheris.Fuzz()


@click.command()
@click.option("--seconds", default=60, show_default=True, type=click.IntRange(1), help="How long.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(1))
@click.option("--out", default=OUT, show_default=True, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--runs", default=0, hidden=True, type=click.IntRange(0), help="In this process, so many inputs."
)
def main(seconds: int, seed: int, out: Path, runs: int) -> None:
    """Lets atheris look for inputs of which a property does not hold, starting from the authored ones.

    It stops at the first, which it writes to --out, and then ends with another code than 0. What it learnt
    stays in --out/corpus for the next run.
    """
    if importlib.util.find_spec("atheris") is None:
        click.echo(MISSING, err=True)
        raise SystemExit(2)
    if runs:
        _run(out, seconds, seed, runs)
    end = time.monotonic() + seconds
    while (left := round(end - time.monotonic())) > 0:
        runs = _RUNS + len(list((out / "corpus").glob("*")))  # which it starts with
        again = ("--seconds", str(left), "--seed", str(seed), "--out", str(out), "--runs", str(runs))
        done = subprocess.run([sys.executable, "-m", "tools.fuzz.guided", *again], check=False)
        if done.returncode:
            raise SystemExit(done.returncode)
        seed += 1  # others than before


if __name__ == "__main__":
    main()
