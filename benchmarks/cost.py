"""Cost against length: whether ten times the paragraphs take much more than ten times the CPU."""

from collections.abc import Callable, Iterator
from functools import partial

from benchmarks.data import Bench
from benchmarks.paragraphs import as_page, as_text, paragraphs
from benchmarks.table import Target, figure
from benchmarks.timing import race, ratio
from noisefilter import Cleaner, Limits

LENGTH = Target(must=14, aim=10.5)
ROUNDS = 5
LONG, SHORT = 40_000, 4_000
QUICK_LONG, QUICK_SHORT = 4_000, 400


def run(bench: Bench) -> Iterator[str]:
    """CPU of long against short input, as a page and as text."""
    long, short = (QUICK_LONG, QUICK_SHORT) if bench.quick else (LONG, SHORT)
    limits = Limits(input_bytes=100_000_000, decompressed_bytes=100_000_000, blocks=2 * LONG)
    cleaner = Cleaner(limits=limits)
    texts = paragraphs(long)
    rounds = bench.rounds(ROUNDS)
    yield f"{long} distinct paragraphs against {short}, {len(as_text(texts)) / 1e6:.1f} million characters"
    for name, form, call in (
        ("as a page", as_page, cleaner.clean),
        ("as text", as_text, cleaner.clean_text),
    ):
        runs = {str(number): partial(_call, call, form(texts[:number])) for number in (long, short)}
        times = race(runs, [None], rounds)
        yield figure(f"{name}, times the CPU", ratio(times[str(long)], times[str(short)]), LENGTH)


def _call(call: Callable[[str], object], text: str, _: None) -> None:
    call(text)
