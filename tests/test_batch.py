"""Batches and the pool behind them; children hang and die for real."""

import contextlib
import errno
import gc
import math
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from conftest import FreshProcess
from known_misses import PAGE_NAMES, PAGES, cleaned

import noisefilter
from noisefilter import Item, Limits, Result, Status, clean_many
from noisefilter.batch.pool import Pool

SENTENCE = (
    "The lighthouse on Crane Point was switched on again on Friday, eleven years after its keeper left."
)
PAGE = f"<html><body><h1>Crane Point</h1><p>{SENTENCE}</p></body></html>"
# This pattern tries every way to split the a's, which takes longer than the world is old.
ENDLESS_PATTERN = ("re:(a+)+$",)
ENDLESS = Item(text="a" * 64 + "!", keep=ENDLESS_PATTERN)
LONG_S = 60  # far more than anything here needs

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds children in /proc")


def parent_of(pid: int) -> int | None:
    """The parent of a process, None if it is gone or only waits to be reaped."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else int(parent)


def descendants(ancestor: int | None = None) -> set[int]:
    """Living processes below this one."""
    parents = {int(path.name): parent_of(int(path.name)) for path in Path("/proc").glob("[0-9]*")}
    found = {ancestor or os.getpid()}
    while below := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= below
    return found - {ancestor or os.getpid()}


def until(condition: Callable[[], bool]) -> None:
    """Waits for something that another process is about to do."""
    deadline = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def _no_child_is_left() -> Iterator[None]:
    before = descendants() if Path("/proc/self/stat").exists() else set()
    threads = threading.active_count()
    yield
    assert threading.active_count() == threads
    if Path("/proc/self/stat").exists():
        assert descendants() <= before


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(1) as pool:
        yield pool


def statuses(results: Iterator[Result]) -> list[str]:
    return [str(result.status) for result in results]


# What comes back.


@pytest.mark.parametrize(("n_jobs", "timeout_s"), [(1, None), (2, None), (1, LONG_S)])
def test_a_batch_gives_what_single_calls_give(n_jobs: int, timeout_s: float | None) -> None:
    items = [
        Item(html=(PAGES / name).read_bytes())
        if name.endswith(".html")
        else Item(text=(PAGES / name).read_bytes().decode())
        for name in PAGE_NAMES
    ]
    results = list(clean_many(items, n_jobs=n_jobs, timeout_s=timeout_s))
    assert [result.index for result in results] == list(range(len(PAGE_NAMES)))
    for name, result in zip(PAGE_NAMES, results, strict=True):
        expected = cleaned(name)
        assert (result.status, result.error) == (Status.OK, None)
        assert result.article == expected
        assert result.article.to_dict() == expected.to_dict()
        assert result.article.explain(result.article.blocks[0]) == expected.explain(expected.blocks[0])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_every_item_may_have_options_of_its_own(n_jobs: int) -> None:
    text = f"Crane Point\n\n{SENTENCE}\n\nShare this"
    items: list[Item | bytes] = [
        Item(text=text, title="Light", url="https://point.example/"),
        Item(text=text, keep=["re:Share"]),
        Item(text=text, drop=["re:."]),
        Item(html=PAGE, policy=noisefilter.Policy(threshold=1.0)),
        PAGE.encode(),
    ]
    first, second, third, fourth, fifth = clean_many(items, n_jobs=n_jobs, keep=["re:^Crane"])
    assert first.article == noisefilter.clean_text(
        text, title="Light", url="https://point.example/", keep=["re:^Crane"]
    )
    assert second.article == noisefilter.clean_text(text, keep=["re:Share"])
    assert third.article is not None and third.article.text == "Crane Point"
    assert fourth.article == noisefilter.clean(
        PAGE, policy=noisefilter.Policy(threshold=1.0), keep=["re:^Crane"]
    )
    assert fifth.article == noisefilter.clean(PAGE, keep=["re:^Crane"])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_bad_items_are_told_and_do_not_end_the_batch(n_jobs: int) -> None:
    items: list[Any] = [
        PAGE,
        "",
        b"",
        3,
        b"\x89PNG\r\n\x1a\n",
        Item(text=SENTENCE, policy="no"),
        PAGE * 9,
        PAGE,
    ]
    results = list(clean_many(items, n_jobs=n_jobs, limits=Limits(input_bytes=len(PAGE))))
    assert [str(result.status) for result in results] == ["ok", *["error"] * 6, "ok"]
    assert [type(result.error).__name__ for result in results[1:7]] == [
        "EmptyInput", "EmptyInput", "TypeError", "NotHTML", "ValueError", "TooLarge",
    ]  # fmt: skip
    for given, result in zip(items[1:3], results[1:3], strict=True):
        with pytest.raises(noisefilter.EmptyInput) as caught:
            noisefilter.clean(given)
        assert str(result.error) == str(caught.value)
    too_large = results[6].error
    assert isinstance(too_large, noisefilter.TooLarge)
    assert (too_large.limit, too_large.found) == ("input_bytes", len(PAGE) * 9)
    assert "str, bytes or noisefilter.Item, not int" in str(results[3].error)


def test_many_tiny_items_come_in_order() -> None:
    texts = [f"Ferry number {number} leaves the harbour in the morning." for number in range(1000)]
    results = clean_many((Item(text=text) for text in texts), n_jobs=2, policy="recall", keep=["re:."])
    assert [result.article and result.article.text for result in results] == texts


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_no_items(n_jobs: int) -> None:
    assert list(clean_many([], n_jobs=n_jobs)) == []


# What is wrong with the call is told at once.


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_jobs": 0}, ValueError, "n_jobs must be 1 or more"),
        ({"n_jobs": 1.5}, TypeError, "n_jobs must be a whole number"),
        ({"n_jobs": True}, TypeError, "n_jobs"),
        ({"timeout_s": 0}, ValueError, "timeout_s must be over 0"),
        ({"timeout_s": -1.0}, ValueError, "None sets no deadline"),
        ({"timeout_s": math.nan}, ValueError, "nan"),
        ({"timeout_s": math.inf}, ValueError, "inf"),
        ({"timeout_s": "3"}, TypeError, "number of seconds"),
        ({"policy": "none"}, ValueError, "precision, balanced, recall"),
        ({"policy": 3}, TypeError, "policy"),
        ({"keep": ["re:("]}, ValueError, "the pattern 're:\\(' is wrong"),
        ({"keep": "content"}, TypeError, "keep takes a sequence"),
        ({"keep": 3}, TypeError, "keep takes a sequence"),
        ({"drop": ["content"]}, ValueError, "cannot be dropped"),
        ({"model": "no-such-model"}, noisefilter.ModelError, "no-such-model"),
        ({"limits": 3}, TypeError, "limits must be"),
        ({"items": 3}, TypeError, "items must be an iterable of pages"),
        ({"items": PAGE}, TypeError, "such as a list, not str"),
    ],
)
def test_wrong_arguments_raise_at_the_call(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        clean_many(**{"items": [PAGE], **options})


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({}, ValueError, "either html or text; neither was given"),
        ({"html": PAGE, "text": PAGE}, ValueError, "both was given"),
        ({"html": 3}, TypeError, "Item.html must be str or bytes, not int"),
        ({"text": b"x"}, TypeError, "decode it first"),
        ({"html": PAGE, "title": "x"}, ValueError, "a page brings its own"),
    ],
)
def test_wrong_items(fields: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Item(**fields)


@pytest.mark.parametrize(
    "error",
    [
        noisefilter.CleaningTimeout(2.5),
        noisefilter.WorkerCrashed(-11),
        noisefilter.WorkerCrashed(-9),
        noisefilter.WorkerCrashed(3),
        noisefilter.WorkerCrashed(None, "own"),
    ],
    ids=str,
)
def test_errors_of_children_can_be_pickled(error: noisefilter.NoiseFilterError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


# Reading ahead, and the caller's own errors.


@pytest.mark.parametrize(("n_jobs", "ahead"), [(1, 1), (2, 8)])
def test_items_are_read_as_results_are_asked_for(n_jobs: int, ahead: int) -> None:
    read = 0

    def pages() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield PAGE

    with contextlib.closing(clean_many(pages(), n_jobs=n_jobs)) as results:
        assert read == 0
        for asked in range(1, 12):
            assert next(results).status is Status.OK
            assert asked <= read < asked + ahead


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_error_of_the_items_comes_after_the_results_before_it(n_jobs: int) -> None:
    def pages() -> Iterator[str]:
        yield PAGE
        yield PAGE
        raise LookupError("the crawl stopped")

    found = []
    with pytest.raises(LookupError, match="the crawl stopped"):
        for result in clean_many(pages(), n_jobs=n_jobs):
            found.append(result.index)
    assert found == [0, 1]


def test_a_slow_source_does_not_hold_back_what_is_done() -> None:
    read = 0

    def pages() -> Iterator[str]:
        nonlocal read
        for _ in range(8):
            time.sleep(0.5)
            read += 1
            yield PAGE

    with contextlib.closing(clean_many(pages(), n_jobs=2)) as results:
        assert next(results).status is Status.OK
        assert read < 8


class OwnStr(str):
    """A text as some parsers give it, of a class that a child cannot know."""


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_texts_of_a_class_of_their_own(n_jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OwnStr, "__module__", "__main__")
    monkeypatch.setattr(sys.modules["__main__"], "OwnStr", OwnStr, raising=False)
    item = Item(text=OwnStr(SENTENCE), url=OwnStr("https://point.example/"), keep=(OwnStr("re:x"),))
    items: list[Item | str] = [OwnStr(PAGE), item]
    assert statuses(clean_many(items, n_jobs=n_jobs, policy=OwnStr("recall"))) == ["ok", "ok"]


class OwnAddress:
    """A class that a child cannot know."""


def test_what_a_child_cannot_read_is_told(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OwnAddress, "__module__", "__main__")
    monkeypatch.setattr(sys.modules["__main__"], "OwnAddress", OwnAddress, raising=False)
    outcome = pool.submit(Item(html=PAGE, url=cast(Any, OwnAddress()))).result(LONG_S)
    assert outcome.status is Status.ERROR
    assert "cannot be sent to a child process" in str(outcome.error)
    assert pool.restarts == 0


# Hanging and dying.


def test_an_item_that_hangs_is_ended_at_its_deadline() -> None:
    items: list[Item | str] = [PAGE, ENDLESS, PAGE, PAGE]
    results = list(clean_many(items, n_jobs=2, timeout_s=2))
    assert statuses(iter(results)) == ["ok", "timeout", "ok", "ok"]
    error = results[1].error
    assert isinstance(error, noisefilter.CleaningTimeout)
    assert error.timeout_s == 2
    assert "allow it more time" in str(error)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="nothing can be stopped here")
def test_the_deadline_holds_of_a_child_that_no_longer_reads(pool: Pool) -> None:
    assert pool.submit(PAGE).result(LONG_S).status is Status.OK
    os.kill(pool.pids[0], signal.SIGSTOP)
    large = pool.submit("<p>" + "High water. " * 500_000, timeout_s=1).result(LONG_S)
    assert large.status is Status.TIMEOUT
    assert pool.submit(PAGE).result(LONG_S).status is Status.OK


def test_the_deadline_counts_from_the_start_of_an_item() -> None:
    """The last one waits for longer than its deadline."""
    items = [ENDLESS, ENDLESS, ENDLESS, Item(text=SENTENCE)]
    assert statuses(clean_many(items, timeout_s=0.5)) == ["timeout"] * 3 + ["ok"]


@needs_proc
def test_a_child_that_dies_costs_its_item_only() -> None:
    with contextlib.closing(clean_many([ENDLESS, PAGE, PAGE], n_jobs=1, timeout_s=LONG_S)) as results:
        killer = threading.Thread(target=kill_the_busy_child, args=(descendants(),))
        killer.start()
        assert statuses(results) == ["crashed", "ok", "ok"]
        killer.join()


def busy(pid: int) -> bool:
    """Whether a process has used half a second of processor time."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11]
        return int(ticks) > 0.5 * os.sysconf("SC_CLK_TCK")
    return False


def kill_the_busy_child(others: set[int]) -> None:
    """Kills, of two generations of processes, the younger one once it works hard."""

    def children() -> list[int]:
        return [pid for pid in descendants() - others if parent_of(pid) != os.getpid() and busy(pid)]

    until(lambda: bool(children()))
    os.kill(children()[0], signal.SIGSEGV)


@pytest.mark.parametrize(
    ("number", "message"),
    [(signal.SIGSEGV, "signal 11: leave this out"), (signal.SIGKILL, "memory ran out: use fewer jobs")],
)
@needs_proc
def test_a_child_that_dies_is_replaced(pool: Pool, number: signal.Signals, message: str) -> None:
    assert pool.submit(PAGE).result(LONG_S).status is Status.OK
    (first,) = pool.pids
    future = pool.submit(ENDLESS)
    until(lambda: busy(first))
    os.kill(first, number)
    outcome = future.result(LONG_S)
    assert (outcome.status, outcome.article) == (Status.CRASHED, None)
    assert isinstance(outcome.error, noisefilter.WorkerCrashed)
    assert outcome.error.exit_code == -number
    assert message in str(outcome.error)
    assert pool.submit(PAGE).result(LONG_S).article == noisefilter.clean(PAGE)
    assert pool.restarts == 1
    assert len(pool.pids) == 1 and pool.pids != (first,)


def test_a_child_that_dies_while_idle_costs_no_item(pool: Pool) -> None:
    assert pool.submit(PAGE).result(LONG_S).status is Status.OK
    os.kill(pool.pids[0], signal.SIGKILL)
    time.sleep(0.2)  # so that it is dead before the next item
    assert pool.submit(PAGE).result(LONG_S).status is Status.OK
    assert pool.restarts == 1


@needs_proc
def test_the_nursery_is_replaced_too(pool: Pool) -> None:
    assert pool.submit(PAGE).result(LONG_S).status is Status.OK
    nursery = parent_of(pool.pids[0])
    assert nursery is not None and nursery != os.getpid()
    os.kill(nursery, signal.SIGKILL)
    os.kill(pool.pids[0], signal.SIGKILL)
    until(lambda: parent_of(nursery) is None)
    time.sleep(0.2)
    assert pool.submit(PAGE).result(LONG_S).status is Status.OK


@needs_proc
def test_a_child_that_hangs_does_not_outlive_a_dead_nursery(pool: Pool) -> None:
    assert pool.submit(PAGE).result(LONG_S).status is Status.OK
    (child,) = pool.pids
    future = pool.submit(ENDLESS, 10)
    until(lambda: busy(child))
    nursery = parent_of(child)
    assert nursery is not None and nursery != os.getpid()
    os.kill(nursery, signal.SIGKILL)
    assert future.result(LONG_S).status is Status.TIMEOUT
    until(lambda: parent_of(child) is None)


@pytest.mark.parametrize(("end", "timeout_s"), [("closed", LONG_S), ("timeout", 1)])
def test_a_caller_that_ignores_the_end_of_its_children(
    fresh_process: FreshProcess, end: str, timeout_s: int
) -> None:
    """Say a daemon, or what it started: that they are ignored is passed on."""
    code = f"""
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
from noisefilter import Item, clean_many
endless = Item(text="a" * 64 + "!", keep={ENDLESS_PATTERN!r})
results = clean_many([{PAGE!r}, endless, endless, endless], n_jobs=3, timeout_s={timeout_s})
print(next(results).status)
if {end!r} == "closed":
    results.close()
else:
    print(*[result.status for result in results])
"""
    done = fresh_process(code)  # at the end of stderr, so when all children are gone
    assert done.stderr == ""
    assert done.stdout.split() == ["ok"] if end == "closed" else ["ok", *["timeout"] * 3]


def test_children_leave_sigterm_to_the_parent(pool: Pool) -> None:
    """Service managers send it to all processes, and the parent may first finish what runs."""
    assert pool.submit(PAGE).result(LONG_S).status is Status.OK
    (child,) = pool.pids
    for pid in descendants() if Path("/proc/self/stat").exists() else {child}:
        os.kill(pid, signal.SIGTERM)
    time.sleep(0.2)
    assert pool.submit(PAGE).result(LONG_S).status is Status.OK
    assert pool.pids == (child,)


def test_a_parent_that_ends_at_the_start_leaves_no_words() -> None:
    code = (
        "from noisefilter.batch.pool import Pool; import os, time\n"
        "pool = Pool(1); time.sleep(0.05); os._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=LONG_S, check=True)
    assert done.stderr == b""


def test_a_pool_that_a_keeper_collects(fresh_process: FreshProcess) -> None:
    """The collection ends the pool from a thread that holds what the others wait for."""
    code = """
import gc, threading, time
from noisefilter.batch.pool import Pool
gc.collect()
gc.disable()
def make():
    pool = Pool(3)
    cycle = [pool]
    cycle.append(cycle)
make()
keepers = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
gc.set_threshold(50, 1, 1)
gc.enable()
time.sleep(1)  # makes nothing, so that the collection is not here
for keeper in keepers:
    keeper.join(20)
print(threading.active_count())
"""
    assert fresh_process(code).stdout.split() == ["1"]


# The pool.


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_both_ways_to_start_children(method: Any) -> None:
    with Pool(1, start_method=method) as pool:
        assert pool.submit(PAGE).result(LONG_S).article == noisefilter.clean(PAGE)
        assert pool.submit(ENDLESS, 0.5).result(LONG_S).status is Status.TIMEOUT
        assert pool.submit(PAGE).result(LONG_S).status is Status.OK


def test_children_are_replaced_after_some_items() -> None:
    pids = []
    with Pool(1, items_per_child=2) as pool:
        for _ in range(6):
            future = pool.submit(PAGE)
            pids.append(pool.pids)
            assert future.result(LONG_S).status is Status.OK
            until(lambda: len(pool.pids) == 1)
            pids.append(pool.pids)
        assert pool.restarts == 0
    assert len({pid for (pid,) in (known for known in pids if known)}) >= 3


def test_threads_share_a_pool() -> None:
    expected = noisefilter.clean(PAGE)
    with Pool(2) as pool, ThreadPoolExecutor(8) as threads:
        outcomes = threads.map(lambda _: pool.submit(PAGE, LONG_S).result(LONG_S), range(40))
        assert all(outcome.article == expected for outcome in outcomes)


def test_closing_with_wait_cleans_what_was_submitted() -> None:
    pool = Pool(1)
    futures = [pool.submit(PAGE) for _ in range(5)]
    pool.close()
    pool.close()
    assert [future.result(0).status for future in futures] == [Status.OK] * 5
    with pytest.raises(RuntimeError, match="the pool is closed"):
        pool.submit(PAGE)


def test_closing_without_wait_ends_what_hangs() -> None:
    pool = Pool(1)
    running, waiting = pool.submit(ENDLESS), pool.submit(PAGE)
    until(running.running)
    pool.close(wait=False)
    assert running.result(0).status is Status.CRASHED
    assert waiting.cancelled()


def test_a_pool_that_is_dropped_ends_its_children() -> None:
    pool = Pool(1)
    assert pool.submit(PAGE).result(LONG_S).status is Status.OK
    del pool
    gc.collect()


@pytest.mark.parametrize("wrong", [{"n_jobs": 0}, {"items_per_child": 0}])
def test_wrong_arguments_of_a_pool(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be 1 or more"):
        Pool(**wrong)  # type: ignore[arg-type]


def test_a_pool_is_of_no_use_in_a_fork(fresh_process: FreshProcess) -> None:
    code = f"""
import os
from noisefilter.batch.pool import Pool
with Pool(1) as pool:
    assert pool.submit({PAGE!r}).result().article
    child = os.fork()
    if child == 0:
        try:
            pool.submit({PAGE!r})
        except RuntimeError as error:
            print(error, flush=True)
        pool.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert pool.submit({PAGE!r}).result().article
"""
    assert "make the pool in here" in fresh_process(code).stdout


# Nothing is left behind. The fixture above looks for children and threads after every test.


def test_closing_or_dropping_the_iterator_ends_the_children() -> None:
    results = clean_many([PAGE, ENDLESS, ENDLESS], n_jobs=2)
    assert next(results).status is Status.OK
    results.close()
    results = clean_many([PAGE, ENDLESS, ENDLESS], n_jobs=2)
    assert next(results).status is Status.OK
    del results
    gc.collect()


def test_ctrl_c_ends_the_children(tmp_path: Path) -> None:
    code = (
        "import signal\n"
        "import noisefilter as n\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # shells ignore it in the background
        "it = n.clean_many([n.Item(text='Ferries leave at noon.'), n.Item(text='a' * 64 + '!')] * 9,"
        f" n_jobs=2, keep={ENDLESS_PATTERN!r})\n"
        "try:\n"
        "    print(next(it).status, flush=True)\n"
        "    next(it)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ok\n"
    below = descendants(process.pid) if Path("/proc/self/stat").exists() else set()
    process.send_signal(signal.SIGINT)
    # Waits for the end of stderr, which every child holds.
    assert process.communicate(timeout=LONG_S) == (b"interrupted\n", b"")
    assert process.returncode == 0
    assert all(parent_of(pid) is None for pid in below)


SCRIPT = f"""
import sys, noisefilter
print("main runs")
pages = [{PAGE!r}] * 3
endless = noisefilter.Item(text="a" * 64 + "!", keep={ENDLESS_PATTERN!r})
results = noisefilter.clean_many([*pages, endless], n_jobs=2)
print(next(results).status)
"""


@pytest.mark.parametrize("end", ["", "raise SystemExit", "import os; sys.stdout.flush(); os._exit(0)"])
def test_a_script_without_a_main_guard_that_drops_its_iterator(tmp_path: Path, end: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT + end)
    (tmp_path / "random.py").write_text("raise ImportError('not this one')")  # beside the pages, say
    command = [sys.executable, "-W", "error", "-P", str(script)]
    done = subprocess.run(command, capture_output=True, timeout=LONG_S, cwd=tmp_path, check=True)
    assert (done.stdout, done.stderr) == (b"main runs\nok\n", b"")


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_children_end_with_a_parent_that_is_killed(method: str) -> None:
    code = (
        "from noisefilter import Item; from noisefilter.batch.pool import Pool\n"
        f"pool = Pool(1, start_method={method!r})\n"
        "pool.submit(Item(text='Ferries leave at noon.')).result()\n"
        f"pool.submit({ENDLESS!r})\n"
        "import time; time.sleep(1); print('busy', flush=True); input()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"busy\n"
    process.kill()
    assert process.communicate(timeout=LONG_S) == (b"", b"")  # at the end of stderr all are gone


def test_importing_the_package_starts_nothing(fresh_process: FreshProcess) -> None:
    code = "import sys, noisefilter; print('multiprocessing' in sys.modules, noisefilter.Status.OK)"
    assert fresh_process(code).stdout.split() == ["False", "ok"]


@pytest.mark.skipif(not hasattr(socket, "send_fds"), reason="POSIX sockets")
def test_a_child_that_cannot_be_asked_for_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a wait without end for an answer to what was not asked."""
    send, calls = socket.send_fds, []

    def fails_later(*args: Any, **kwargs: Any) -> int:
        calls.append(args)
        if len(calls) == 2:
            raise OSError(errno.ETOOMANYREFS, "Too many references")
        return send(*args, **kwargs)

    monkeypatch.setattr(socket, "send_fds", fails_later)
    try:
        results = list(clean_many([PAGE] * 4, n_jobs=2, timeout_s=LONG_S))
    except OSError as error:
        assert "child process" in str(error)
    else:
        assert [result.status for result in results] == [Status.OK] * 4
    assert len(calls) >= 2
