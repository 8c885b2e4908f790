"""A thread that keeps one child: gives it items, ends it at its bounds on time and memory and replaces it."""

import contextlib
import pickle
import threading
import time
from concurrent.futures import Future
from queue import SimpleQueue
from typing import NamedTuple

from noisefilter.batch.items import Item, Outcome, Status
from noisefilter.batch.memory import resident_mb
from noisefilter.batch.processes import Child, Starter
from noisefilter.errors import CleaningTimeout, MemoryExceeded, WorkerCrashed

_LOOK_S = 0.02  # between two looks at the memory of a child


class Task(NamedTuple):
    """An item on its way to a child; `timeout_s` as for `Pool.submit`."""

    item: Item
    timeout_s: float | None
    future: Future[Outcome]


class Keeper(threading.Thread):
    """Keeps one child of a pool.

    Args:
        starter: of children.
        tasks: what there is to do; None ends the keeper and its child.
        items_per_child: after as many items a child is replaced.
        max_memory_mb: megabytes over which a child is killed; None: no bound.

    Attributes:
        child: the child, None while there is none.
        restarts: children that were replaced because they were killed at a bound or died.
    """

    def __init__(
        self,
        starter: Starter,
        tasks: SimpleQueue[Task | None],
        items_per_child: int,
        max_memory_mb: float | None = None,
    ) -> None:
        # A daemon: a pool that nobody closed must not keep the interpreter from ending.
        super().__init__(name="noisefilter-pool", daemon=True)
        self.child: Child | None = None
        self.restarts = 0
        self._starter = starter
        self._tasks = tasks
        self._items_per_child = items_per_child
        self._max_memory_mb = max_memory_mb
        self._idle_mb = 0.0
        self._cleaned = 0
        self._failed = False

    def run(self) -> None:
        """Does what there is to do until it is told to end."""
        self._start_ahead()
        while (task := self._tasks.get()) is not None:
            if task.future.set_running_or_notify_cancel():
                try:
                    task.future.set_result(self._outcome(task))
                except BaseException as error:  # else the caller would wait for ever
                    self._end()  # it may still answer this item, when it is asked for the next
                    task.future.set_exception(error)
            del task  # a page can be large, and the next may be long in coming
            self._start_ahead()
        self._end()

    def _start_ahead(self) -> None:
        """Has a child ready before there is an item for it, unless the last one could not be started."""
        if self._failed:
            return
        with contextlib.suppress(Exception):  # the next item tries again, and tells it
            if self._cleaned >= self._items_per_child or self._is_bloated():
                self._end()
            self._ready_child()

    def _outcome(self, task: Task) -> Outcome:
        try:
            message = pickle.dumps(task.item, pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # say, of a Policy of the caller's own class
            return Outcome(Status.ERROR, error=error)
        try:
            child = self._ready_child()
        except WorkerCrashed as error:
            return Outcome(Status.CRASHED, error=error)
        self._cleaned += 1
        try:
            child.bound(task.timeout_s)
            child.connection.send_bytes(message)
            self._wait(child, task.timeout_s)
            answer = child.connection.recv_bytes()
        except BlockingIOError:
            self._end()
            self.restarts += 1
            return Outcome(Status.TIMEOUT, error=CleaningTimeout(task.timeout_s or 0.0))
        except MemoryExceeded as error:
            self._end()
            self.restarts += 1
            return Outcome(Status.MEMORY, error=error)
        except (EOFError, OSError):
            code = self._end()
            self.restarts += 1
            return Outcome(Status.CRASHED, error=WorkerCrashed(code))
        try:
            outcome: Outcome = pickle.loads(answer)
        except Exception as error:  # say, the model's files are gone
            return Outcome(Status.ERROR, error=error)
        return outcome

    def _wait(self, child: Child, timeout_s: float | None) -> None:
        """Waits until the child has sent something, or is dead.

        Raises:
            BlockingIOError: it has not at its deadline.
            MemoryExceeded: it holds more than it may.
        """
        if self._max_memory_mb is None:
            if not child.speaks_within(timeout_s):
                raise BlockingIOError
            return
        until = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            left = _LOOK_S if until is None else until - time.monotonic()
            if child.speaks_within(max(min(left, _LOOK_S), 0)):
                return
            if left <= 0:
                raise BlockingIOError
            if (found := resident_mb(child.pid)) > self._max_memory_mb:
                raise MemoryExceeded(self._max_memory_mb, found)

    def _is_bloated(self) -> bool:
        """Whether the child holds so much of earlier items that the next may be killed for it."""
        if self._max_memory_mb is None or self.child is None or not self._cleaned:
            return False
        return resident_mb(self.child.pid) - self._idle_mb > (self._max_memory_mb - self._idle_mb) / 2

    def _ready_child(self) -> Child:
        """The child, or a new one if it is not there or died while it had nothing to do.

        Raises:
            WorkerCrashed: none can be started.
        """
        if self.child is not None and self.child.speaks_within(0):
            self._end()
            self.restarts += 1
        if self.child is None:
            self._failed = True
            self.child = self._starter.start()
            self._failed = False
            self._cleaned = 0
            if self._max_memory_mb is not None:
                self._idle_mb = resident_mb(self.child.pid)
        return self.child

    def _end(self) -> int | None:
        child, self.child = self.child, None
        return None if child is None else self._starter.end(child)
