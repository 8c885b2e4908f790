"""Bounds on the memory of children, which grow and are killed for real."""

import pickle
import sys
from pathlib import Path

import pytest
from test_batch import ENDLESS, LONG_S, PAGE, until

import noisefilter
from noisefilter import Item, MemoryExceeded, Status, clean_many
from noisefilter.batch.children import StartMethod
from noisefilter.batch.items import Outcome, outcome_of
from noisefilter.batch.memory import resident_mb
from noisefilter.batch.pool import Pool
from noisefilter.cleaner import Cleaner

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

GREEDY = "greedy"


def hold(cleaner: Cleaner, item: Item) -> Outcome:
    """Does what `GREEDY` stands for, and cleans all else."""
    if item.text == GREEDY:
        held = []
        while True:
            held.append(b"x" * 10_000_000)
    return outcome_of(cleaner, item)


def keep_some(cleaner: Cleaner, item: Item) -> Outcome:
    """Leaves memory behind in the child, as many small blocks do."""
    KEPT.append(b"x" * 80_000_000)
    return outcome_of(cleaner, item)


KEPT: list[bytes] = []


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_a_page_that_takes_too_much_is_told_so_and_the_others_go_on(n_jobs: int) -> None:
    large = "<article>" + "".join(f"<p>Entry {i} of the log says fair." for i in range(60_000))
    results = list(clean_many([PAGE, large, PAGE, PAGE], n_jobs=n_jobs, max_memory_mb=160))
    assert [result.status for result in results] == ["ok", "memory", "ok", "ok"]
    error = results[1].error
    assert isinstance(error, MemoryExceeded)
    assert error.max_memory_mb == 160
    assert error.found_mb is not None and error.found_mb > 160
    assert "160 MB allowed" in str(error)
    assert results[1].article is None


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_child_that_grows_without_end_is_replaced(method: StartMethod) -> None:
    with Pool(1, start_method=method, work=hold, max_memory_mb=400) as pool:
        outcomes = [pool.submit(Item(text=text)).result(LONG_S) for text in ("One.", GREEDY, "Two.")]
        assert [outcome.status for outcome in outcomes] == ["ok", "memory", "ok"]
        assert pool.restarts == 1


def test_a_deadline_holds_beside_it() -> None:
    results = clean_many([ENDLESS, PAGE], timeout_s=0.3, max_memory_mb=1000)
    assert [result.status for result in results] == ["timeout", "ok"]


def test_what_earlier_pages_left_behind_is_not_held_against_a_page() -> None:
    with Pool(1, work=keep_some, max_memory_mb=300) as pool:
        for _ in range(6):
            assert pool.submit(PAGE).result(LONG_S).status is Status.OK
            until(lambda: len(pool.pids) == 1)
        assert pool.restarts == 0  # none was killed: they were replaced between pages


def test_a_bound_below_an_idle_child_is_told_with_its_size() -> None:
    (result,) = clean_many([Item(text="a" * 64 + "!", keep=("re:(a+)+$",))], max_memory_mb=1)
    assert isinstance(result.error, MemoryExceeded)
    assert result.error.found_mb is not None and result.error.found_mb > 20


def test_memory_that_the_system_refuses_is_told_the_same_way() -> None:
    class Refusing(Cleaner):
        def clean(self, *args: object, **options: object) -> noisefilter.Article:
            raise MemoryError

    outcome = outcome_of(Refusing(), Item(html=PAGE))
    assert outcome.status is Status.MEMORY
    assert str(outcome.error).startswith("memory ran out")


@pytest.mark.parametrize("wrong", ["100", True, 0, -1, float("nan"), float("inf")])
def test_wrong_bounds(wrong: object) -> None:
    with pytest.raises((TypeError, ValueError), match="max_memory_mb"):
        clean_many([], max_memory_mb=wrong)  # type: ignore[arg-type]


def test_without_a_way_to_measure_the_call_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(RuntimeError, match="pip install psutil"):
        clean_many([PAGE], max_memory_mb=500)


def test_resident_size() -> None:
    assert 10 < resident_mb(int(Path("/proc/self").resolve().name)) < 100_000
    assert resident_mb(2**30) == 0


@pytest.mark.parametrize("error", [MemoryExceeded(), MemoryExceeded(100, 150.5)])
def test_errors_can_be_sent(error: MemoryExceeded) -> None:
    copied = pickle.loads(pickle.dumps(error))
    assert (str(copied), copied.max_memory_mb, copied.found_mb) == (
        str(error), error.max_memory_mb, error.found_mb,
    )  # fmt: skip
