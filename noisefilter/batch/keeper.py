"""A thread that keeps one child: gives it items, ends it at the deadline and replaces it."""

import contextlib
import pickle
import threading
from concurrent.futures import Future
from queue import SimpleQueue
from typing import NamedTuple

from noisefilter.batch.items import Item, Outcome, Status
from noisefilter.batch.processes import Child, Starter
from noisefilter.errors import CleaningTimeout, WorkerCrashed


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

    Attributes:
        child: the child, None while there is none.
        restarts: children that were replaced because they were killed at a deadline or died.
    """

    def __init__(self, starter: Starter, tasks: SimpleQueue[Task | None], items_per_child: int) -> None:
        # A daemon: a pool that nobody closed must not keep the interpreter from ending.
        super().__init__(name="noisefilter-pool", daemon=True)
        self.child: Child | None = None
        self.restarts = 0
        self._starter = starter
        self._tasks = tasks
        self._items_per_child = items_per_child
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
            if self._cleaned >= self._items_per_child:
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
            if not child.speaks_within(task.timeout_s):
                raise BlockingIOError
            answer = child.connection.recv_bytes()
        except BlockingIOError:
            self._end()
            self.restarts += 1
            return Outcome(Status.TIMEOUT, error=CleaningTimeout(task.timeout_s or 0.0))
        except (EOFError, OSError):
            code = self._end()
            self.restarts += 1
            return Outcome(Status.CRASHED, error=WorkerCrashed(code))
        try:
            outcome: Outcome = pickle.loads(answer)
        except Exception as error:  # say, the model's files are gone
            return Outcome(Status.ERROR, error=error)
        return outcome

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
        return self.child

    def _end(self) -> int | None:
        child, self.child = self.child, None
        return None if child is None else self._starter.end(child)
