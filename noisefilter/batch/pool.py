"""A pool of warm child processes that can be killed."""

import math
import os
import threading
import weakref
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

from noisefilter.batch.children import StartMethod, starter_of
from noisefilter.batch.items import Item, Outcome, Work, item_of, outcome_of
from noisefilter.batch.keeper import Keeper, Task
from noisefilter.batch.memory import check_measurable
from noisefilter.batch.processes import Starter
from noisefilter.cleaner import Cleaner
from noisefilter.limits import MAX_TIMEOUT_S

ITEMS_PER_CHILD = 1000


class Pool:
    """Cleans items in child processes; safe to share between threads, but not across a fork.

    As a context manager it waits for its items at the end, or kills its children if an exception ends the
    block.

    Args:
        n_jobs: number of child processes.
        cleaner: what cleans; None: the default model and limits.
        items_per_child: after as many items a child is replaced, which gives back what memory it gathered.
        start_method: ``fork`` (from a process of one thread, not from this one), ``fork_here`` (that process
            is itself a fork of this one, with whose memory it starts, so this one must have one thread now),
            ``spawn``, or None for what suits the system.
        work: what a child does with an item, with a deadline like any other; unless given, it cleans.
        max_memory_mb: megabytes of resident size over which a child is killed while it is at an item, whose
            outcome is then ``memory``; None: no bound. An idle child holds some 50, and 100 after ordinary
            pages; it is looked at every 20 ms, so that it may hold more for as long.

    Raises:
        TypeError: an argument of a wrong type.
        ValueError: `n_jobs` or `items_per_child` is less than 1, or `max_memory_mb` not over 0.
        RuntimeError: `max_memory_mb` is set, and psutil is missing where there is no ``/proc``.
    """

    def __init__(
        self,
        n_jobs: int = 1,
        *,
        cleaner: Cleaner | None = None,
        items_per_child: int = ITEMS_PER_CHILD,
        start_method: StartMethod | None = None,
        work: Work = outcome_of,
        max_memory_mb: float | None = None,
    ) -> None:
        check_count(n_jobs, "n_jobs")
        check_count(items_per_child, "items_per_child")
        check_memory(max_memory_mb)
        self._owner = os.getpid()
        self._lock = threading.RLock()  # a collection inside of it may end another pool, even this one
        self._closed = False
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        starter = starter_of(start_method, cleaner or Cleaner(), work)
        self._keepers = [Keeper(starter, self._tasks, items_per_child, max_memory_mb) for _ in range(n_jobs)]
        # Also when the pool is collected, and when the interpreter ends.
        self._end_now = weakref.finalize(self, _end_now, self._owner, self._tasks, starter, self._keepers)
        for keeper in self._keepers:
            keeper.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(wait=kind is None)

    @property
    def pids(self) -> tuple[int, ...]:
        """Process numbers of the living children. One that died while idle counts until the next item."""
        children = [keeper.child for keeper in self._keepers]
        return tuple([child.pid for child in children if child is not None])

    @property
    def restarts(self) -> int:
        """How many children were replaced because they were killed at a bound or died."""
        return sum(keeper.restarts for keeper in self._keepers)

    def submit(self, item: str | bytes | Item, timeout_s: float | None = None) -> Future[Outcome]:
        """Has an item cleaned as soon as a child is free.

        Args:
            item: a page, or an `Item`.
            timeout_s: seconds from when a child starts on it until the child is killed; None: no deadline.

        Returns:
            A future of the outcome. Whatever is wrong with the item is part of the outcome.

        Raises:
            TypeError: an argument of a wrong type.
            ValueError: `timeout_s` is not over 0, or too much.
            RuntimeError: the pool is closed, or this is a fork of the process that made it.
        """
        check_timeout(timeout_s)
        task = Task(item_of(item), timeout_s, Future())
        with self._lock:
            if os.getpid() != self._owner:
                raise RuntimeError("this process was forked after the pool was made: make the pool in here")
            if self._closed:
                raise RuntimeError("the pool is closed: make another one")
            self._tasks.put(task)
        return task.future

    def close(self, wait: bool = True) -> None:
        """Ends the pool and all of its children; does nothing the second time.

        Args:
            wait: clean first what was submitted. If False, children are killed now, what they were at is
                lost (``crashed``), and what no child has started on is cancelled.
        """
        if os.getpid() != self._owner:
            return
        with self._lock:
            closed, self._closed = self._closed, True
        if wait and not closed:
            for _ in self._keepers:
                self._tasks.put(None)
            for keeper in self._keepers:
                keeper.join()
        self._end_now()


def _end_now(owner: int, tasks: SimpleQueue[Task | None], starter: Starter, keepers: list[Keeper]) -> None:
    if os.getpid() != owner:
        return
    try:
        while True:
            if (task := tasks.get_nowait()) is not None and task.future.cancel():
                task.future.set_running_or_notify_cancel()  # wakes who waits for it
    except Empty:
        pass
    for _ in keepers:
        tasks.put(None)
    starter.close()  # no keeper waits for a dead child
    if threading.current_thread() in keepers:  # a collection in one that has what the others wait for
        return
    for keeper in keepers:
        if keeper.ident is not None:  # else it could not be started
            keeper.join()


def check_count(value: object, name: str) -> None:
    """Refuses what is not a number of at least 1."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be 1 or more, not {value}")


def check_memory(value: object) -> None:
    """Refuses what is neither None nor a number of megabytes, and any where sizes cannot be measured."""
    if value is None:
        return
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"max_memory_mb must be a number of megabytes or None, not {value!r}")
    if not 0 < value < math.inf:  # false of NaN too
        raise ValueError(f"max_memory_mb must be over 0 and finite, not {value}; None sets no bound")
    check_measurable()


def check_timeout(value: object) -> None:
    """Refuses what is neither None nor a number of seconds."""
    if value is None:
        return
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"timeout_s must be a number of seconds or None, not {value!r}")
    if not 0 < value <= MAX_TIMEOUT_S:  # false of NaN too
        raise ValueError(
            f"timeout_s must be over 0 and at most {MAX_TIMEOUT_S:,} seconds, not {value}; "
            "None sets no deadline"
        )
