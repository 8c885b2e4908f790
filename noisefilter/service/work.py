"""What a child process does for the service: it cleans, and writes the answer.

The answer is written there because sending an article costs more than sending the text of its answer, and so
that the deadline holds of the evidence too.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from noisefilter.article import Article
from noisefilter.batch.items import Item, Outcome, Status
from noisefilter.cleaner import Cleaner
from noisefilter.errors import MemoryExceeded, NoiseFilterError
from noisefilter.intake import decode_text
from noisefilter.intake.decoding import codec_of, is_binary, is_utf_8, unicode_encoding
from noisefilter.limits import Limits
from noisefilter.policy import rules_of

MAX_EVIDENCE = 10
"""Pieces of evidence that a block tells; what is lighter says next to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Item):
    """A page or a text, and the form of its answer. The caller has checked the fields.

    Attributes:
        is_text: whether `html` holds text in bytes that are still to be decoded.
        charset: that the caller named for bytes, or None.
        format: of the text: ``text``, ``markdown`` or ``html``.
        bare: whether the text is the whole answer.
        explain: whether blocks tell their evidence.
        limits: bounds on text to be decoded.
    """

    is_text: bool = False
    charset: str | None = None
    format: str = "text"
    bare: bool = False
    explain: bool = False
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Nothing: unlike that of an `Item`, the title may be one of a page."""


class WrongRules(NoiseFilterError, ValueError):
    """A pattern in `keep` or `drop` cannot be used.

    Attributes:
        field: ``keep`` or ``drop``.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.field, str(self))


def answer_of(cleaner: Cleaner, item: Item) -> Outcome:
    """Cleans an item and writes its answer, as UTF-8."""
    try:
        if not isinstance(item, Job):
            raise TypeError(f"this takes a Job, not {type(item).__name__}")
        return Outcome(Status.OK, made=_written(_cleaned(cleaner, item), item))
    except MemoryError:
        return Outcome(Status.MEMORY, error=MemoryExceeded())
    except Exception as error:
        return Outcome(Status.ERROR, error=error)


def _cleaned(cleaner: Cleaner, job: Job) -> Article:
    policy, keep, drop = job.policy or "balanced", job.keep or (), job.drop or ()
    _compile("keep", keep)
    _compile("drop", drop)
    content = job.html if job.text is None else job.text
    if isinstance(content, bytes):
        content = _decoded(content, job.charset)
    if job.text is None and not job.is_text:
        return cleaner.clean(content or "", url=job.url, policy=policy, keep=keep, drop=drop)
    if isinstance(content, bytes):
        content = decode_text(content, job.limits)
    return cleaner.clean_text(
        content or "", title=job.title, url=job.url, policy=policy, keep=keep, drop=drop
    )


def _compile(field: str, rules: Iterable[str]) -> None:
    """Makes sure that patterns compile; here, because some take minutes and a deadline holds."""
    try:
        rules_of(rules, field)
    except ValueError as error:
        raise WrongRules(field, str(error).removeprefix(f"{field}: ")) from None
    except (OverflowError, RecursionError):
        raise WrongRules(field, "a pattern repeats or nests too much") from None


def _decoded(data: bytes, charset: str | None) -> str | bytes:
    """The text, if the caller's charset is needed and fits; else the bytes, for the library to find out."""
    codec = None if charset is None else codec_of(charset)
    if codec is None or unicode_encoding(data) or is_utf_8(data) or is_binary(data):
        return data
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return data


def _written(article: Article, job: Job) -> bytes:
    text = article.text
    if job.format != "text":
        text = article.markdown() if job.format == "markdown" else article.html()
    if job.bare:
        return text.encode("utf-8", "replace")
    members = _members(article, text, job)
    try:
        return to_json(members)  # takes a quarter of the time of json
    except PydanticSerializationError:  # a lone surrogate
        return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _members(article: Article, text: str, job: Job) -> dict[str, Any]:
    members = article.to_dict()
    members["text"] = text
    members["format"] = job.format
    members["title"] = members["title"] or job.title or None
    if job.explain:
        for block, told in zip(article.blocks, members["blocks"], strict=True):
            told["evidence"] = [
                {"name": one.name, "weight": round(one.weight, 4)}
                for one in article.explain(block)[:MAX_EVIDENCE]
            ]
    return members
