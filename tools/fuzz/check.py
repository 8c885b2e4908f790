"""Runs properties on one case and says which one fails."""

import re
from dataclasses import dataclass
from zlib import crc32

from noisefilter import Cleaner
from tools.fuzz.properties import check_page, check_text

_OF_THE_INPUT = re.compile(r"""(['"]).*\1|\d+""", re.DOTALL)
"""What a failure quotes and counts, which differs from input to input."""


@dataclass(frozen=True, slots=True)
class Case:
    """An input of the fuzzer.

    Attributes:
        data: a page as bytes; a text in UTF-8, in which bytes that do not fit stand for lone surrogates.
        is_text: which of them.
    """

    data: bytes
    is_text: bool

    @property
    def suffix(self) -> str:
        """Of files that hold such a case."""
        return ".txt" if self.is_text else ".html"


@dataclass(frozen=True, slots=True)
class Failure:
    """A property that does not hold.

    Attributes:
        name: of the property, or ``hang`` or ``crash`` of the process.
        error: what went wrong, without what is of the input: it tells failures of one property apart.
        message: what it said.
    """

    name: str
    error: str
    message: str

    @property
    def kind(self) -> tuple[str, str]:
        """Two failures of the same kind have likely the same cause."""
        return self.name, self.error


def check_case(cleaner: Cleaner, case: Case) -> str | Failure:
    """Checks one case.

    Args:
        cleaner: that gets it.
        case: the input. Of the properties that clean it again, one in turn is run.

    Returns:
        ``held``, or what failed first.
    """
    turn = crc32(case.data)  # by the bytes, so that a kept case fails again
    failed = (
        check_text(case.data.decode("utf-8", "surrogateescape"), cleaner, turn)
        if case.is_text
        else check_page(case.data, cleaner, turn)
    )
    if not failed:
        return "held"
    name, _, message = failed[0].partition(": ")
    return Failure(name.replace(" ", "_"), _OF_THE_INPUT.sub("…", message)[:200], message[:2000])
