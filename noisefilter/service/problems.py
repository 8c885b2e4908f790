"""What is answered when something is wrong: problem details of RFC 9457, of a closed set of types."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from noisefilter.errors import (
    InputError,
    LimitExceeded,
    ModelError,
    NoiseFilterError,
    NotHTML,
    TooDeep,
    WorkerCrashed,
)
from noisefilter.service.work import WrongRules

MAX_FIELD_ERRORS = 20
"""Wrong fields that an answer names: a body may have millions of them."""

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "/problems/"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of problem.

    Attributes:
        status: of the answer.
        title: what is wrong, the same for every problem of the type.
        advice: what the caller can do, for the API page.
    """

    status: int
    title: str
    advice: str


KINDS: dict[str, Kind] = {
    "unreadable-body": Kind(
        400, "The body cannot be parsed",
        "Send well-formed JSON in UTF-8, or whole gzip data; `detail` says where it breaks.",
    ),
    "bad-request": Kind(400, "The request cannot be parsed", "Send well-formed HTTP."),
    "unauthorized": Kind(
        401, "A token is needed", "Send `Authorization: Bearer …` with the token of this service."
    ),
    "not-found": Kind(404, "There is nothing at this address", "See `/docs` for what there is."),
    "method-not-allowed": Kind(405, "This address takes other methods", "Use one that `Allow` names."),
    "not-acceptable": Kind(
        406, "No form of the answer is accepted", "Accept one of the media types that `detail` names."
    ),
    "slow-body": Kind(
        408, "The request did not arrive in time", "Send it faster, in parts or compressed with gzip."
    ),
    "address-too-long": Kind(
        414, "The address is too long", "Send options as JSON in the body, not in the query."
    ),
    "headers-too-large": Kind(431, "The headers are too large", "Send fewer or shorter headers."),
    "too-large": Kind(
        413, "Too large",
        "Send less, or in parts. The bounds hold of the body as sent, of what it unpacks to, of the blocks "
        "of a page and of the items of a batch; each is a setting of the service.",
    ),
    "unsupported-media-type": Kind(
        415, "The body is of a form that is not read here",
        "Send one of the media types that `Accept-Post` names, with no Content-Encoding or gzip.",
    ),
    "wrong-fields": Kind(
        422, "Fields are missing or wrong", "Correct each of `errors`, which name the field."
    ),
    "unreadable-page": Kind(
        422, "This is not a page or text that can be cleaned", "`detail` says what was sent instead."
    ),
    "crashed": Kind(
        422, "The process that cleaned this died", "Leave this page out; it was the only one affected."
    ),
    "memory": Kind(
        422, "Cleaning this took too much memory", "Leave this page out, or send it in parts."
    ),
    "busy": Kind(
        429, "Too many requests wait", "Send it again after the seconds of `Retry-After`."
    ),
    "internal": Kind(
        500, "Something went wrong here",
        "Tell the operator the `request_id`; the log has the rest.",
    ),
    "not-ready": Kind(
        503, "The service cannot clean pages now", "Send it again after the seconds of `Retry-After`."
    ),
    "deadline": Kind(
        504, "Not done at the deadline",
        "Leave this page out, or send it in parts. Mind patterns in keep and drop: one with nested repeats "
        "may take for ever.",
    ),
}  # fmt: skip


class FieldError(NamedTuple):
    """What is wrong with one field of a request."""

    field: str
    message: str


class Problem(Exception):
    """Something that is answered as problem details.

    Args:
        kind: a key of `KINDS`.
        detail: what is wrong this time and what to do; nothing internal.
        errors: the fields that are wrong.
        headers: of the answer.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}

    @property
    def status(self) -> int:
        """Status code of the answer."""
        return KINDS[self.kind].status

    def to_dict(self, request_id: str | None = None) -> dict[str, Any]:
        """The members of the answer."""
        kind = KINDS[self.kind]
        members: dict[str, Any] = {
            "type": TYPE_PREFIX + self.kind,
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail,
        }
        if self.errors:
            members["errors"] = [error._asdict() for error in self.errors]
        if request_id is not None:
            members["request_id"] = request_id
        return members


def wrong_fields(errors: list[FieldError]) -> Problem:
    """Fields are missing or wrong."""
    named = errors[:MAX_FIELD_ERRORS]
    names = ", ".join(dict.fromkeys(error.field or "the body" for error in named))
    more = "" if len(errors) == len(named) else ", and more"
    return Problem("wrong-fields", f"missing or wrong: {names}{more}", named)


def busy(waiting: int) -> Problem:
    """The queue is full."""
    return Problem(
        "busy", f"{waiting} requests wait already: send this one again in a second",
        headers={"Retry-After": "1"},
    )  # fmt: skip


def not_ready() -> Problem:
    """No child can clean."""
    return Problem(
        "not-ready", "no process that cleans could be reached: send this again in a few seconds",
        headers={"Retry-After": "3"},
    )  # fmt: skip


def deadline(seconds: float) -> Problem:
    """A page took too long."""
    return Problem(
        "deadline", f"not done after {seconds:g} s: leave this page out, send it in parts, or simplify the "
        "patterns in keep and drop",
    )  # fmt: skip


def too_much_memory() -> Problem:
    """A page took more memory than a child may."""
    return Problem(
        "memory", "cleaning this took more memory than this service allows: leave it out or send it in parts"
    )


def no_child_free(seconds: float) -> Problem:
    """A page waited too long for its turn."""
    return Problem(
        "deadline", f"no process was free to clean this within {seconds:g} s: send it again later",
        headers={"Retry-After": "3"},
    )  # fmt: skip


def internal() -> Problem:
    """A mistake of this service; the log has more."""
    return Problem("internal", "this is a mistake of the service, not of your request: tell its operator")


_BOUNDS = {
    "input_bytes": "bytes",
    "decompressed_bytes": "bytes after decompression",
    "decompression_ratio": "times its compressed size",
    "blocks": "blocks",
    "block_chars": "characters of a block",
    "nodes": "tags",
    "attributes": "attributes of an element",
    "attribute_chars": "characters of an attribute",
}


def of_library_error(error: Exception, field: str) -> Problem:
    """What the library refused, in terms of this service.

    Args:
        error: as the library raised it.
        field: where the input was, ``html`` or ``text``.
    """
    if isinstance(error, WrongRules):
        return wrong_fields([FieldError(error.field, str(error))])
    if isinstance(error, TooDeep):
        return _unreadable(f"elements are nested more than {error.allowed:,} deep", field)
    if isinstance(error, LimitExceeded):
        what = _BOUNDS.get(error.limit, error.limit)
        return Problem("too-large", f"more than the {error.allowed:,} {what} allowed: send it in parts")
    if isinstance(error, NotHTML):
        # The library's words name its functions.
        said = str(error).replace("use clean_text (command line: --input text)", "send it as text")
        said = said.replace(" (clean or clean_text)", "").replace("use clean_text", "send it as text")
        return _unreadable(said, field)
    if isinstance(error, InputError):
        return _unreadable(str(error), field)
    if isinstance(error, WorkerCrashed) and error.exit_code is not None:
        return Problem("crashed", "the process that cleaned this page died: leave this page out")
    if isinstance(error, WorkerCrashed | ModelError):
        return not_ready()
    if isinstance(error, NoiseFilterError):
        return _unreadable(str(error), field)
    return internal()


def _unreadable(message: str, field: str) -> Problem:
    return Problem("unreadable-page", message, [FieldError(field, message)])
