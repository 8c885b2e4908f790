"""`clean_many`: any number of pages, one result each, in order."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from noisefilter.batch.items import Item, Outcome, Result, Status, item_of, outcome_of, read_once
from noisefilter.batch.pool import Pool, check_count, check_memory, check_timeout
from noisefilter.cleaner import Cleaner, request_of
from noisefilter.limits import Limits
from noisefilter.policy import Policy

LOOK_AHEAD = 4
"""Items read ahead for each child, so that none waits while the oldest item takes long."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for items that say nothing else."""

    policy: str | Policy
    keep: Iterable[str]
    drop: Iterable[str]

    def applied_to(self, given: object) -> Item:
        """The item with every option set.

        Raises:
            TypeError: it is no item.
        """
        item = item_of(given)
        return replace(
            item,
            policy=self.policy if item.policy is None else item.policy,
            keep=self.keep if item.keep is None else item.keep,
            drop=self.drop if item.drop is None else item.drop,
        )


def clean_many(
    items: Iterable[str | bytes | Item],
    *,
    n_jobs: int = 1,
    timeout_s: float | None = None,
    max_memory_mb: float | None = None,
    policy: str | Policy = "balanced",
    keep: Iterable[str] = (),
    drop: Iterable[str] = (),
    model: str | Path | None = None,
    limits: Limits | None = None,
) -> Generator[Result, None, None]:
    """Cleans many pages and texts, in parallel and with bounds on the time and memory of each if asked to.

    With `n_jobs`, `timeout_s` or `max_memory_mb` set, items are cleaned in child processes that import
    noisefilter only, never the caller's script. They end with the iterator: when it is used up, closed or
    dropped, and on an exception such as Ctrl-C.

    Args:
        items: pages as str or bytes, and `Item` for texts and for options of their own. Read as results are
            asked for, at most 4 × `n_jobs` items ahead and at least one.
        n_jobs: number of child processes.
        timeout_s: seconds for one item, counted from when a child starts on it; then that child is killed.
            None: no deadline.
        max_memory_mb: megabytes of resident size that a child may have while it is at an item; over it the
            child is killed. One that cleaned ordinary pages has some 100, a page of 14 MB takes it to 400.
            It is looked at every 20 ms. None: no bound.
        policy: as for `clean`.
        keep: as for `clean`.
        drop: as for `clean`.
        model: as for `Cleaner`.
        limits: as for `Cleaner`.

    Returns:
        An iterator of one `Result` for each item, in the order of the items. What is wrong with an item is
        told in its result and does not end the iteration; what `items` raises comes after the results of the
        items before.

    Raises:
        TypeError: an argument of a wrong type.
        ValueError: a wrong policy, label, pattern, number of jobs, of seconds or of megabytes.
        RuntimeError: `max_memory_mb` is set, and psutil is missing where there is no ``/proc``.
        ModelError: the model cannot be loaded.

    Example:
        >>> import noisefilter
        >>> page = "<h1>Tides</h1><p>High water comes twice a day, says the harbour master.</p>"
        >>> for result in noisefilter.clean_many([page, ""]):
        ...     print(result.index, result.status, result.article.title if result.article else result.error)
        0 ok Tides
        1 error the page is empty: the download probably failed
    """
    check_count(n_jobs, "n_jobs")
    check_timeout(timeout_s)
    check_memory(max_memory_mb)
    if isinstance(items, str | bytes | Item) or not isinstance(items, Iterable):
        raise TypeError(f"items must be an iterable of pages, such as a list, not {type(items).__name__}")
    keep, drop = read_once(keep), read_once(drop)
    request_of(policy, keep, drop, None)
    cleaner = Cleaner(model, limits)
    defaults = Defaults(policy, keep, drop)
    if n_jobs == 1 and timeout_s is None and max_memory_mb is None:
        return _in_this_process(items, cleaner, defaults)
    return _in_children(items, cleaner, defaults, n_jobs, timeout_s, max_memory_mb)


def _in_this_process(
    items: Iterable[object], cleaner: Cleaner, defaults: Defaults
) -> Generator[Result, None, None]:
    for index, given in enumerate(items):
        try:
            outcome = outcome_of(cleaner, defaults.applied_to(given))
        except TypeError as error:
            outcome = Outcome(Status.ERROR, error=error)
        yield Result(index, outcome.status, outcome.article, outcome.error)


def _in_children(
    items: Iterable[object],
    cleaner: Cleaner,
    defaults: Defaults,
    n_jobs: int,
    timeout_s: float | None,
    max_memory_mb: float | None,
) -> Generator[Result, None, None]:
    waiting: deque[Future[Outcome]] = deque()
    unread: Iterator[object] | None = iter(items)
    failure: Exception | None = None
    index = 0
    with Pool(n_jobs, cleaner=cleaner, max_memory_mb=max_memory_mb) as pool:
        while True:
            while unread is not None and len(waiting) < LOOK_AHEAD * n_jobs:
                try:
                    given = next(unread)
                except StopIteration:
                    unread = None
                except Exception as error:
                    unread, failure = None, error
                else:
                    waiting.append(_submitted(pool, given, defaults, timeout_s))
                    if waiting[0].done():  # the items may be slow in coming
                        break
            if not waiting:
                break
            outcome = waiting.popleft().result()
            yield Result(index, outcome.status, outcome.article, outcome.error)
            index += 1
    if failure is not None:
        raise failure


def _submitted(pool: Pool, given: object, defaults: Defaults, timeout_s: float | None) -> Future[Outcome]:
    try:
        return pool.submit(defaults.applied_to(given), timeout_s)
    except TypeError as error:
        refused: Future[Outcome] = Future()
        refused.set_result(Outcome(Status.ERROR, error=error))
        return refused
