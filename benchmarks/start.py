"""What the first page costs, and what the model weighs."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.data import Bench
from benchmarks.table import Target, figure
from benchmarks.timing import race, ratio
from noisefilter.model import DEFAULT_MODEL, MODELS

START = Target(must=1.6, aim=1.4)
SIZE = Target(must=5, aim=3)
ROUNDS = 15
ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "seeds" / "pages" / "news_en.html"
_READ = "import sys; html = open(sys.argv[1], encoding='utf-8').read(); "
OWN = _READ + "import noisefilter; assert noisefilter.clean(html).text"
BASE = _READ + "import trafilatura; assert trafilatura.extract(html, include_comments=False)"


def fresh(code: str) -> None:
    """Runs code on a small page in a process of its own.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    keep = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    paths = [str(ROOT), *filter(None, [keep.get("PYTHONPATH")])]
    env = {**keep, "PYTHONPATH": os.pathsep.join(paths)}
    subprocess.run([sys.executable, "-c", code, str(PAGE)], check=True, env=env, stdout=subprocess.DEVNULL)


def run(bench: Bench) -> Iterator[str]:
    """Wall time of a process that imports the tool and cleans one small page."""
    fresh(OWN)  # writes the byte code of both
    fresh(BASE)
    times = race(
        {"own": lambda _: fresh(OWN), "base": lambda _: fresh(BASE)},
        [None],
        bench.rounds(ROUNDS),
        clock=time.perf_counter,
    )
    yield figure(
        "import and one small page, wall time against Trafilatura",
        ratio(times["own"], times["base"], paired=False),
        START,
    )


def model_bytes(folder: Path = MODELS / DEFAULT_MODEL) -> int:
    """Bytes of a model's files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def run_size(bench: Bench) -> Iterator[str]:
    """Size of the files of the shipped model, in millions of bytes."""
    yield figure("files of the model, MB", model_bytes() / 1e6, SIZE)
