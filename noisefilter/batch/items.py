"""What goes into a batch, and what comes back for each item."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias, TypeVar

from noisefilter.article import Article
from noisefilter.cleaner import Cleaner
from noisefilter.errors import MemoryExceeded
from noisefilter.policy import Policy


class Status(StrEnum):
    """What became of an item: cleaned, refused, too slow, lost with its child, or too much for its memory."""

    OK = "ok"
    ERROR = "error"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A page or a text to clean, with options of its own.

    Attributes:
        html: a page as str or bytes, also compressed; give this or `text`.
        text: text that was extracted before.
        title: of a text, where known; pages bring their own.
        url: address that it comes from.
        policy: as for `clean`; None: that of the call.
        keep: as for `clean`; None: that of the call.
        drop: as for `clean`; None: that of the call.

    Raises:
        TypeError: `html` is neither str nor bytes, or `text` no str.
        ValueError: not exactly one of `html` and `text`, or a title for a page.

    Example:
        >>> Item(text="High water comes twice a day.", title="Tides").title
        'Tides'
    """

    html: str | bytes | None = None
    text: str | None = None
    title: str | None = None
    url: str | None = None
    policy: str | Policy | None = None
    keep: Iterable[str] | None = None
    drop: Iterable[str] | None = None

    def __post_init__(self) -> None:
        if (self.html is None) == (self.text is None):
            given = "neither" if self.html is None else "both"
            raise ValueError(f"an Item takes either html or text; {given} was given")
        if not isinstance(self.html, str | bytes | None):
            raise TypeError(
                f"Item.html must be str or bytes, not {type(self.html).__name__}: a tree can be given as "
                "lxml.etree.tostring(tree)"
            )
        if not isinstance(self.text, str | None):
            raise TypeError(f"Item.text must be str, not {type(self.text).__name__}: decode it first")
        if self.html is not None and self.title is not None:
            raise ValueError("Item.title is for text; a page brings its own")
        for name in ("html", "text", "title", "url", "policy"):
            object.__setattr__(self, name, _plain(getattr(self, name)))
        for name in ("keep", "drop"):
            object.__setattr__(self, name, read_once(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one item of `clean_many`.

    Attributes:
        index: the item's place among the items, from 0.
        status: ok, error, timeout, crashed or memory.
        article: the article; None unless `status` is ok.
        error: why there is none: for ``error`` what `clean` would have raised, for ``timeout`` a
            `CleaningTimeout`, for ``crashed`` a `WorkerCrashed`, for ``memory`` a `MemoryExceeded`; None if
            `status` is ok.
    """

    index: int
    status: Status
    article: Article | None
    error: Exception | None


class Outcome(NamedTuple):
    """A `Result` that does not know its place.

    Attributes:
        status: as of `Result`.
        article: as of `Result`.
        error: as of `Result`.
        made: what a pool's own `Work` made; it may then leave out the article, which is dear to send.
    """

    status: Status
    article: Article | None = None
    error: Exception | None = None
    made: object = None


# What a child does with an item; a function of a module, since it is sent by its name.
Work: TypeAlias = Callable[[Cleaner, Item], Outcome]


Rules = TypeVar("Rules", bound=Iterable[str] | None)
T = TypeVar("T")


def read_once(rules: Rules) -> Rules | tuple[str, ...]:
    """Rules as a tuple: an iterator could be read only once, and not be sent to a child.

    What is no sequence of rules comes back as it is, for the check of rules to refuse.
    """
    if isinstance(rules, Iterable) and not isinstance(rules, str | bytes):
        return tuple([_plain(rule) for rule in rules])
    return rules


def _plain(value: T) -> T:
    """A str or bytes of a class of the caller's or a parser's own as a plain one, which a child can read."""
    if isinstance(value, str) and type(value) is not str:
        return str.__str__(value)  # type: ignore[return-value]
    if isinstance(value, bytes) and type(value) is not bytes:
        return bytes(memoryview(value))  # type: ignore[return-value]
    return value


def item_of(given: object) -> Item:
    """What the caller gave as an item.

    Raises:
        TypeError: it is neither str, bytes nor `Item`.
    """
    if isinstance(given, Item):
        return given
    if isinstance(given, str | bytes):
        return Item(html=given)
    raise TypeError(f"items must be str, bytes or noisefilter.Item, not {type(given).__name__}")


def outcome_of(cleaner: Cleaner, item: Item) -> Outcome:
    """Cleans an item in this process; whatever is wrong with it becomes part of the outcome."""
    policy = "balanced" if item.policy is None else item.policy
    keep = () if item.keep is None else item.keep
    drop = () if item.drop is None else item.drop
    try:
        if item.html is not None:
            article = cleaner.clean(item.html, url=item.url, policy=policy, keep=keep, drop=drop)
        else:
            article = cleaner.clean_text(
                item.text or "", title=item.title, url=item.url, policy=policy, keep=keep, drop=drop
            )
    except MemoryError:
        return Outcome(Status.MEMORY, error=MemoryExceeded())
    except Exception as error:
        return Outcome(Status.ERROR, error=error)
    return Outcome(Status.OK, article)
