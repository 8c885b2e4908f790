"""Checks cases in child processes that are killed when they hang, and noticed when they die."""

import faulthandler
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from noisefilter import Cleaner, Item, Status
from noisefilter.batch.items import Outcome, Work
from noisefilter.batch.pool import Pool
from tools.fuzz.check import Case, Failure, check_case
from tools.fuzz.corpus import Mutated

DEADLINE_S = 30.0
_AHEAD = 4


def check_item(cleaner: Cleaner, item: Item) -> Outcome:
    """What a child does: checks the case that an item stands for."""
    # A stack that hangs is told on stderr, before the child is killed; the C stack of a crash likewise.
    faulthandler.enable()
    faulthandler.dump_traceback_later(DEADLINE_S * 0.9)
    try:
        data = item.html
        assert isinstance(data, bytes)
        made = check_case(cleaner, Case(data, item.url == "text"))
    finally:
        faulthandler.cancel_dump_traceback_later()
    return Outcome(Status.OK, made=made)


class Checker:
    """A pool of children that check cases; use it as a context manager.

    Args:
        jobs: number of children.
        deadline_s: seconds for one case.
        work: what they do; the tests plant faults with it.
    """

    def __init__(self, jobs: int = 1, deadline_s: float = DEADLINE_S, work: Work = check_item) -> None:
        self._pool = Pool(jobs, work=work)
        self._deadline_s = deadline_s
        self.jobs = jobs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close(wait=False)

    def submit(self, case: Case) -> Future[Outcome]:
        """Has a case checked; see `result_of`."""
        return self._pool.submit(
            Item(html=case.data, url="text" if case.is_text else "page"), self._deadline_s
        )

    def check(self, case: Case) -> str | Failure:
        """Checks a case, as `check_case` does."""
        return self.result_of(self.submit(case).result())

    def result_of(self, outcome: Outcome) -> str | Failure:
        """What became of a case; a hang or a crash is a failure."""
        if outcome.status is Status.OK:
            assert isinstance(outcome.made, str | Failure)
            return outcome.made
        name = {Status.TIMEOUT: "hang", Status.CRASHED: "crash"}.get(outcome.status, "machinery")
        return Failure(name, type(outcome.error).__name__, str(outcome.error))


@dataclass(slots=True)
class Tally:
    """What became of the cases of a run.

    Attributes:
        cases: number of cases.
        results: cases by `held` or `failed`.
        mutations: cases by mutation.
        failed: failed cases by mutation.
    """

    cases: int = 0
    results: Counter[str] = field(default_factory=Counter)
    mutations: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def add(self, mutated: Mutated, result: str | Failure) -> None:
        """Counts a case."""
        self.cases += 1
        self.mutations.update(set(mutated.mutations))
        if isinstance(result, Failure):
            self.results["failed"] += 1
            self.failed.update(set(mutated.mutations))
        else:
            self.results[result] += 1


def run(
    checker: Checker, cases: Iterable[Mutated], enough: Callable[[], bool] = lambda: False
) -> Iterator[tuple[Mutated, str | Failure]]:
    """Checks cases in order.

    Args:
        checker: does it.
        cases: read a few ahead.
        enough: whether to take no more cases.

    Yields:
        Each case and what became of it.
    """
    waiting: deque[tuple[Mutated, Future[Outcome]]] = deque()
    unread = iter(cases)
    while True:
        while len(waiting) < _AHEAD * checker.jobs and not enough():
            mutated = next(unread, None)
            if mutated is None:
                break
            waiting.append((mutated, checker.submit(mutated.case)))
        if not waiting:
            return
        mutated, future = waiting.popleft()
        yield mutated, checker.result_of(future.result())
