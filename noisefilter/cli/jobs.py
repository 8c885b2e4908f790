"""``noisefilter clean`` in children (``--jobs``, ``--timeout``, ``--max-memory``): inputs are read here."""

import contextlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from noisefilter.batch import Item, Result, clean_many
from noisefilter.cli.inputs import read, source_of, text_or_page
from noisefilter.cli.messages import tell
from noisefilter.cli.outputs import Cleaned

if TYPE_CHECKING:
    from noisefilter.cli.clean import Bounds, Options


@dataclass(frozen=True, slots=True)
class Input:
    """An input that was read, or why it was not.

    Attributes:
        name: as given on the command line.
        content: what `text_or_page` gave; "" if it could not be read.
        error: None if it could be read.
    """

    name: str
    content: str | bytes = ""
    error: Exception | None = None


def cleaned_in_children(
    names: Iterable[str], options: "Options", bounds: "Bounds"
) -> Generator[tuple[str, Callable[[], Cleaned]], None, None]:
    """Cleans inputs in child processes.

    Args:
        names: of the inputs, as given on the command line.
        options: how they are cleaned.
        bounds: number of child processes, and what each input may take.

    Yields:
        Each name in order, with a function that returns what became of the input, or raises why nothing did.

    Raises:
        ModelError: the model cannot be loaded.
    """
    waiting: deque[Input] = deque()

    def items() -> Iterator[Item]:
        for name in names:
            one = _read(name, options)
            waiting.append(one)
            if one.error is None:
                yield _item(one, options)

    results = clean_many(
        items(), n_jobs=bounds.jobs, timeout_s=bounds.timeout_s, max_memory_mb=bounds.max_memory_mb,
        policy=options.policy, keep=options.keep, drop=options.drop, limits=options.limits,
    )  # fmt: skip
    with contextlib.closing(results):
        for result in results:
            yield from _unread(waiting)
            one = waiting.popleft()
            yield one.name, partial(_cleaned, one, result, options)
    yield from _unread(waiting)


def _read(name: str, options: "Options") -> Input:
    try:
        data = read(name, options.limits)
        return Input(name, text_or_page(name, data, options.input_type, options.limits))
    except Exception as error:  # told when it is this input's turn
        return Input(name, error=error)


def _item(one: Input, options: "Options") -> Item:
    if isinstance(one.content, str):
        return Item(text=one.content, title=options.title, url=options.url)
    return Item(html=one.content, url=options.url)


def _unread(waiting: deque[Input]) -> Iterator[tuple[str, Callable[[], Cleaned]]]:
    """Takes away the inputs at the front that could not be read."""
    while waiting and (error := waiting[0].error) is not None:
        yield waiting.popleft().name, partial(_raise, error)


def _raise(error: Exception) -> Cleaned:
    raise error


def _cleaned(one: Input, result: Result, options: "Options") -> Cleaned:
    if options.title is not None and isinstance(one.content, bytes):
        tell("--title is for plain text; this page brings its own", one.name)
    if result.article is None:
        raise result.error or AssertionError("a result holds an article or an error")
    if not options.with_source:
        return Cleaned(result.article)
    return Cleaned(result.article, source_of(one.content, options.title, options.limits))
