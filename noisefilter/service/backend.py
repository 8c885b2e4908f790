"""The children that clean, the queue in front of them, and whether they answer."""

import math
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager

from noisefilter.batch.child import warm_up
from noisefilter.batch.children import StartMethod
from noisefilter.batch.items import Outcome, Status
from noisefilter.batch.pool import Pool
from noisefilter.cleaner import Cleaner
from noisefilter.errors import CleaningTimeout, MemoryExceeded, WorkerCrashed
from noisefilter.service import problems
from noisefilter.service.metrics import Metrics
from noisefilter.service.settings import Settings
from noisefilter.service.work import Job, answer_of

_PROBE = "High water comes twice a day, says the harbour master."
_PROBE_TIMEOUT_S = 3.0  # less than a health check waits, see docs/docker.md
_FRESH_S = 2.0  # so long after an answer nobody doubts that children answer


class Backend:
    """Cleans for the requests of one worker process.

    Args:
        settings: of the service.
        metrics: told what becomes of every page.

    Raises:
        ModelError: the model cannot be loaded.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._cleaner = Cleaner(limits=settings.limits)
        self._lock = threading.Lock()
        self._pool: Pool | None = None
        self._owner = 0
        self._present = 0
        self._last_answer = -math.inf

    def load(self) -> None:
        """Has everything loaded that a fork of this process can share."""
        warm_up(self._cleaner)

    def start(self, method: StartMethod | None = None) -> Pool:
        """Starts the children of this process, unless they are there.

        Args:
            method: as `start_method` of `Pool`.
        """
        with self._lock:
            if self._pool is None or self._owner != os.getpid():
                self._pool = Pool(
                    self._settings.children,
                    cleaner=self._cleaner,
                    items_per_child=self._settings.recycle_after,
                    start_method=method,
                    work=answer_of,
                    max_memory_mb=self._settings.max_memory_mb,
                )
                self._owner = os.getpid()
            return self._pool

    def close(self) -> None:
        """Ends the children of this process at once."""
        with self._lock:
            if self._pool is not None and self._owner == os.getpid():
                self._pool.close(wait=False)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A place for one request.

        Raises:
            Problem: as many wait as may.
        """
        with self._lock:
            waiting = self._present - self._settings.children
            if waiting >= self._settings.max_waiting:
                raise problems.busy(waiting)
            self._present += 1
        self._metrics.present.inc()
        try:
            yield
        finally:
            with self._lock:
                self._present -= 1
            self._metrics.present.dec()

    def submit(self, job: Job) -> Future[Outcome]:
        """Has a page cleaned as soon as a child is free."""
        try:
            return self.start().submit(job, self._settings.deadline_s)
        except RuntimeError:  # it is being closed
            raise problems.not_ready() from None

    def answer(self, future: Future[Outcome], field: str) -> bytes:
        """Waits for the answer of a page.

        Args:
            future: as `submit` gave it.
            field: where the page was in the request.

        Raises:
            Problem: there is none.
        """
        try:
            outcome = self._outcome(future)
        except CancelledError:  # this worker ends at once
            raise problems.not_ready() from None
        self._metrics.pages.labels(str(outcome.status)).inc()
        if not isinstance(outcome.error, WorkerCrashed):
            self._last_answer = time.monotonic()  # also at the deadline of a page: its child is replaced
        if outcome.status is Status.OK and isinstance(outcome.made, bytes):
            return outcome.made
        if isinstance(outcome.error, CleaningTimeout):
            raise problems.deadline(outcome.error.timeout_s)
        if isinstance(outcome.error, MemoryExceeded):
            raise problems.too_much_memory()
        raise problems.of_library_error(outcome.error or TypeError(), field) from outcome.error

    def _outcome(self, future: Future[Outcome]) -> Outcome:
        try:
            return future.result(self._settings.deadline_s)
        except TimeoutError:
            if future.cancel():  # callers should not wait for ever in front of long pages
                self._metrics.pages.labels(str(Status.TIMEOUT)).inc()
                raise problems.no_child_free(self._settings.deadline_s) from None
        return future.result()  # a child has begun, and has a deadline of its own

    def check(self) -> None:
        """Makes sure that children answer.

        Raises:
            Problem: they do not.
        """
        if time.monotonic() - self._last_answer < _FRESH_S:
            return
        future = self.submit(Job(text=_PROBE))
        try:
            outcome = future.result(_PROBE_TIMEOUT_S)
        except (TimeoutError, CancelledError):
            future.cancel()
            # All of them may be at long pages, but none for longer than the deadline.
            if time.monotonic() - self._last_answer > self._settings.deadline_s + _PROBE_TIMEOUT_S:
                raise problems.not_ready() from None
            return
        if outcome.status is not Status.OK:
            raise problems.not_ready()
        self._last_answer = time.monotonic()
