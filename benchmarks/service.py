"""The service under load: `python -m benchmarks.service --data FOLDER`. Linux only: it reads /proc."""

import contextlib
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.pages import cleaned
from benchmarks.table import Target, figure
from noisefilter import Cleaner
from training.evaluate import dev_pages

ROOT = Path(__file__).parents[1]
CPU, P99 = Target(must=1.2, aim=1.1), Target(must=4.0, aim=2.0)
GROWTH = Target(must=0.05, aim=0.02)
OWN = ["-m", "noisefilter", "serve", "--port", "0"]
PLAIN = [
    "-m", "gunicorn", "--bind", "127.0.0.1:0", "--worker-class", "gthread", "--threads", "8", "--preload",
    "benchmarks.plain_service:create_app()",
]  # fmt: skip
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
FIXTURES = ROOT / "seeds" / "pages"
MAX_PAGE_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Tree:
    """A server: its first process and all below."""

    process: subprocess.Popen[bytes]
    port: int

    def pids(self) -> list[int]:
        """Process numbers, parents first."""
        found = [self.process.pid]
        for pid in found:  # grows meanwhile
            found += children_of(pid)
        return found

    def cpu_s(self) -> float:
        """Seconds of CPU of all processes, also of those that have ended."""
        return sum(sum(map(int, _stat(pid)[11:15])) for pid in self.pids()) / TICKS

    def resident_bytes(self) -> int:
        """Resident size of all processes; what they share counts for each."""
        return sum(int(_stat(pid)[21]) for pid in self.pids()) * PAGE_BYTES


def children_of(pid: int) -> list[int]:
    """Process numbers of a process's children; none if it is gone."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has just ended
        return ["0"] * 50


@contextlib.contextmanager
def running(command: Sequence[str], **settings: object) -> Iterator[Tree]:
    """A server on a free port, stopped at the end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment |= {f"NOISEFILTER_{name.upper()}": str(value) for name, value in settings.items()}
    with tempfile.TemporaryFile("w+b") as log:
        process = subprocess.Popen(
            [sys.executable, *command], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log
        )
        try:
            yield Tree(process, _port_of(process, log.fileno()))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _port_of(process: subprocess.Popen[bytes], log: int) -> int:
    while process.poll() is None:
        said = os.pread(log, 100_000, 0).decode()
        if found := re.search(r"Listening at: http://[\d.]+:(\d+)", said):
            time.sleep(1)  # for workers and children to be there
            return int(found[1])
        time.sleep(0.1)
    raise click.ClickException(f"the server did not start: {os.pread(log, 100_000, 0).decode()}")


def load(tree: Tree, path: str, pages: list[str], clients: int, requests: int) -> dict[str, Any]:
    """Sends requests from a process of its own; returns what `benchmarks.load` found."""
    order = {"port": tree.port, "path": path, "pages": pages, "clients": clients, "requests": requests}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(order), stdout=subprocess.PIPE, encoding="utf-8", check=True, cwd=ROOT,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def wrong_answers(pages: list[str], answers: dict[str, str]) -> int:
    """How many answers are not the library's, of one for each page."""
    cleaner = Cleaner()
    wrong = 0
    for number, body in answers.items():
        expected = json.loads(json.dumps(cleaner.clean(pages[int(number)]).to_dict()))
        wrong += json.loads(body) != {**expected, "format": "text"}
    return wrong


def library(pages: list[str], requests: int) -> tuple[float, list[float]]:
    """CPU a page, and the wall times."""
    cleaner = Cleaner()
    for page in pages[:5]:
        cleaner.clean(page)
    times = []
    before = time.process_time()
    for number in range(requests):
        started = time.perf_counter()
        cleaner.clean(pages[number % len(pages)])
        times.append(time.perf_counter() - started)
    return (time.process_time() - before) / requests, times


def p99(times: Sequence[float]) -> float:
    """99% of them are not longer."""
    return float(np.percentile(times, 99))


def compare(pages: list[str], workers: int, requests: int) -> Iterator[str]:
    """CPU and p99 against the library, throughput and p99 against the plain route."""
    cpu_before, times_before = library(pages, requests)
    with running(OWN, workers=workers, children=workers) as tree:
        load(tree, "/v1/clean", pages, workers, len(pages))  # warm
        start = tree.cpu_s()
        own = load(tree, "/v1/clean", pages, workers, requests)
        own_cpu = (tree.cpu_s() - start) / requests
    cpu_after, times_after = library(pages, requests)
    with running([*PLAIN, "--workers", str(workers)]) as tree:
        load(tree, "/extract", pages, workers, len(pages))
        plain = load(tree, "/extract", pages, workers, requests)
    cpu, times = (cpu_before + cpu_after) / 2, times_before + times_after
    yield (
        f"  {requests} requests, {workers} workers, {workers} children each, {workers} clients; "
        f"CPU {own_cpu * 1e3:.1f} ms a request, {cpu * 1e3:.1f} ms a page; "
        f"p99 {p99(own['latencies']) * 1e3:.0f} ms"
    )
    yield figure("CPU a request against the library's a page", own_cpu / cpu, CPU)
    yield figure("p99 against the library's", p99(own["latencies"]) / p99(times), P99)
    yield figure("p50 against the library's", statistics.median(own["latencies"]) / statistics.median(times))
    wrong = wrong_answers(pages, own["answers"]) + own["changed"]
    yield f"  lost: {len(own['failed'])}, wrong: {wrong}, of {requests}"
    yield figure("throughput against trafilatura.extract in a plain route", plain["seconds"] / own["seconds"])
    yield figure("p99 against the same", p99(own["latencies"]) / p99(plain["latencies"]))


def kills(pages: list[str], requests: int) -> Iterator[str]:
    """What is lost when a child, then a worker is killed in mid-load."""
    clients = 2
    with running(OWN, workers=2, children=1) as tree:
        done: dict[str, Any] = {}
        thread = threading.Thread(
            target=lambda: done.update(load(tree, "/v1/clean", pages, clients, requests))
        )
        thread.start()
        time.sleep(2)
        (worker, other) = children_of(tree.process.pid)
        (nursery,) = children_of(worker)
        os.kill(children_of(nursery)[0], signal.SIGKILL)
        time.sleep(2)
        in_mid_load = thread.is_alive()
        os.kill(other, signal.SIGKILL)
        thread.join()
    failed = done["failed"]
    crashed = failed.count("422")
    yield (
        f"  lost with the child: {crashed} (at most 1), with the worker: {len(failed) - crashed} "
        f"(at most {clients}: one of each client), of {requests}"
        + ("" if in_mid_load else "; load TOO SHORT")
    )
    yield f"  wrong: {wrong_answers(pages, done['answers']) + done['changed']}"


def memory(pages: list[str], workers: int, requests: int) -> Iterator[str]:
    """Resident size over many requests."""
    with running(OWN, workers=workers, children=workers) as tree:
        sizes: list[int] = []
        thread = threading.Thread(target=load, args=(tree, "/v1/clean", pages, workers, requests))
        thread.start()
        while thread.is_alive():
            sizes.append(tree.resident_bytes())
            time.sleep(0.25)
        thread.join()
    quarter = len(sizes) // 4
    second, last = (statistics.median(part) for part in (sizes[quarter : 2 * quarter], sizes[3 * quarter :]))
    yield f"  {requests} requests: {second / 1e6:.0f} MB in the second quarter, {last / 1e6:.0f} in the last"
    yield figure("growth from the second quarter to the last", last / second - 1, GROWTH, "{:.3f}")


def pages_of(data: Path | None, count: int) -> list[str]:
    """Pages that can be cleaned: labelled ones of hosts kept for evaluation, or the authored ones."""
    if data is not None:
        found = [page.html for page in dev_pages(data)]
    else:
        found = [
            path.read_text(encoding="utf-8", errors="replace") for path in sorted(FIXTURES.glob("*.html"))
        ]
    cleaner = Cleaner()
    usable = [
        html for html in found if len(html) <= MAX_PAGE_CHARACTERS and cleaned(cleaner, html) is not None
    ]
    step = max(1, len(usable) // count)
    return usable[::step][:count]


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Has corpora/.")
@click.option("--workers", default=max(1, (os.cpu_count() or 2) - 1), show_default=True, help="And clients.")
@click.option("--pages", "count", default=120, show_default=True, help="Different pages.")
@click.option("--requests", default=1200, show_default=True, help="For the comparison.")
@click.option("--memory-requests", default=20_000, show_default=True, help="For the memory; 0: leave it out.")
def main(data: Path | None, workers: int, count: int, requests: int, memory_requests: int) -> None:
    """Measures the service with load from a second process on loopback."""
    if not Path("/proc/self/stat").exists():
        raise click.ClickException("this reads /proc: run it on Linux")
    pages = pages_of(data, count)
    characters = sum(map(len, pages)) / len(pages)
    click.echo(f"{len(pages)} pages of {characters:,.0f} characters; {os.cpu_count()} cores")
    parts = {
        "Against the library and a plain route": compare(pages, workers, requests),
        "A child and a worker killed in mid-load": kills(pages, requests),
    }
    if memory_requests:
        parts["Memory"] = memory(pages, workers, memory_requests)
    for title, lines in parts.items():
        click.echo(f"\n{title}")
        for line in lines:
            click.echo(line)


if __name__ == "__main__":
    main()
