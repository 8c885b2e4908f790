"""Strings on which a pattern takes long if any do, made from its own structure; and how its time grows."""

import re
import signal
import string
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from re import _constants as codes  # type: ignore[attr-defined]  # the parser of `re` has no public name
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

AnyPattern = re.Pattern[Any]
SHORT, LONG = 10_000, 100_000
MAX_GROWTH = 30
"""Of the time from `SHORT` to `LONG`: 10 is linear, 100 quadratic."""
_FLOOR_S = 0.0005  # a shorter time says nothing of growth
_NOISE_S = 0.1  # what other processes may take away
_HOPELESS_S = 1.0  # so much too long is no noise
_ROUNDS = 7

_SAMPLES = " \t\n\xa0\u3000\0\x85éßıж中日年월٣👍\ue000\ufffd"
_SAMPLES += string.ascii_letters + string.digits + string.punctuation
_UNITS = (
    " ", "\n", " \n", "\xa0", "a", "Z", "7", "0", "_", "-", ".", ", ", ": ", "/", "|", "#", "@", "&#",
    "&amp;", "<", "<a ", "<!--", "=", "a='", '"', "`", "*", "(", "[", "{", "\\", "a@", "a.", "a b ",
    "http://", "é", "中", "年", "👍", "\u0301", "12 ", "2024-01-", "1 jan ", "by ", '"@type":[',
)  # fmt: skip
_MOST = 24  # of strings from the structure of one pattern


def _accepted(items: Iterable[tuple[Any, Any]]) -> list[str]:
    """Some characters that a set of a pattern accepts."""
    items = list(items)
    negated = bool(items) and items[0][0] is codes.NEGATE
    found = [char for char in _SAMPLES if _in_set(char, items[1:] if negated else items) != negated]
    # One of each kind is enough: the matcher treats them alike.
    kinds = {
        (char.isspace(), char.isalpha(), char.isdigit(), char > "\x7f"): char for char in reversed(found)
    }
    named = [chr(value) for op, value in items if op is codes.LITERAL]
    return list(dict.fromkeys([*named[:3], *kinds.values()]))[:4]


_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    codes.CATEGORY_DIGIT: str.isdigit,
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
}
_NEGATED = {
    codes.CATEGORY_NOT_DIGIT: codes.CATEGORY_DIGIT,
    codes.CATEGORY_NOT_SPACE: codes.CATEGORY_SPACE,
    codes.CATEGORY_NOT_WORD: codes.CATEGORY_WORD,
}


def _in_set(char: str, items: Iterable[tuple[Any, Any]]) -> bool:
    for op, value in items:
        if op is codes.LITERAL and ord(char) == value:
            return True
        if op is codes.RANGE and value[0] <= ord(char) <= value[1]:
            return True
        if op is codes.CATEGORY:
            if value in _NEGATED and not _CATEGORIES[_NEGATED[value]](char):
                return True
            if value in _CATEGORIES and _CATEGORIES[value](char):
                return True
    return False


class _Shapes:
    """Goes through a parsed pattern and collects what it can repeat, with what leads there."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], None] = {}  # (what comes before, what is repeated)

    def walk(self, tokens: Iterable[tuple[Any, Any]], before: str) -> str:
        """A string that tokens match, roughly, for what comes behind them."""
        for op, value in tokens:
            before += self._one(op, value, before)
        return before

    def _one(self, op: Any, value: Any, before: str) -> str:
        if op is codes.LITERAL:
            return chr(value)
        if op is codes.NOT_LITERAL:
            return "a" if value != ord("a") else "b"
        if op is codes.ANY:
            return "a"
        if op is codes.IN:
            return (_accepted(value) or ["a"])[0]
        if op is codes.SUBPATTERN:
            return self.walk(value[3], before)[len(before) :]
        if op is codes.ATOMIC_GROUP:
            return self.walk(value, before)[len(before) :]
        if op is codes.BRANCH:
            ways = [self.walk(branch, before) for branch in value[1]]  # all of them may repeat something
            return ways[0][len(before) :]
        if op in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            return self._repeated(value, before)
        if op in (codes.ASSERT, codes.ASSERT_NOT):
            ahead = self.walk(value[1], before)[len(before) :]
            return "" if value[0] < 0 or op is codes.ASSERT_NOT else ahead[:0]
        return ""

    def _repeated(self, value: tuple[int, int, Any], before: str) -> str:
        low, high, inner = value
        once = self.walk(inner, before)[len(before) :]
        if high > 4:
            units = [once]
            if len(inner) == 1 and inner[0][0] is codes.IN:
                units += _accepted(inner[0][1])
            for unit in filter(None, units):
                self.found[before, unit] = None
        return once * min(low, 3)


@cache
def shapes_of(pattern: AnyPattern) -> list[tuple[str, str, str]]:
    """Beginnings, units to repeat and ends that make strings for a pattern."""
    text = pattern.pattern
    source = text.decode("latin-1") if isinstance(text, bytes) else text
    shapes = _Shapes()
    whole = shapes.walk(parser.parse(source, pattern.flags & ~re.DEBUG), "")
    own: dict[tuple[str, str, str], None] = {}
    for before, unit in shapes.found:
        for end in ("\x01", unit[:1] and "\n"):
            own["", before + unit, end] = None  # what leads to the repeat, again and again
            own[before, unit, end] = None
    for size in {1, 2, len(whole) // 2, len(whole) - 1, len(whole)}:
        if 0 < size <= len(whole):
            own["", whole[:size], ""] = None  # near misses
    return [*list(own)[:_MOST], *(("", unit, end) for unit in _UNITS for end in _ends_of(unit))]


def _ends_of(unit: str) -> tuple[str, ...]:
    """A character that does not go on with what is repeated."""
    return ("", "a") if unit.isspace() else ("\x01",)


def string_of(shape: tuple[str, str, str], size: int) -> str:
    """A string of that many characters."""
    before, unit, end = shape
    repeats = max(1, (size - len(before) - len(end)) // len(unit))
    return before + unit * repeats + end


class TooSlow(AssertionError):
    """A pattern takes far more time than its input is longer."""


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Stops a search that takes longer; `re` looks for signals while it works."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TooSlow

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _runner(pattern: AnyPattern, use: str) -> Callable[[Any], object]:
    if use == "search":
        return lambda text: sum(1 for _ in pattern.finditer(text))
    return pattern.match if use == "match" else pattern.fullmatch


def _seconds(run: Callable[[Any], object], text: Any, at_most: float) -> float:
    with _at_most(at_most):
        start = time.perf_counter()
        run(text)
        return max(time.perf_counter() - start, _FLOOR_S)


def check_growth(pattern: AnyPattern, uses: Iterable[str], short: int = SHORT, long: int = LONG) -> None:
    """Runs a pattern on all its strings, short and long.

    Args:
        pattern: any.
        uses: ``match``, ``fullmatch``, ``search``.
        short: characters of a short string.
        long: ten times as many.

    Raises:
        TooSlow: its time grows by more than `MAX_GROWTH` from the short to the long ones.
    """
    for use in uses:
        run = _runner(pattern, use)
        for shape in shapes_of(pattern):
            made = [string_of(shape, size) for size in (short // 10, short, long)]
            is_bytes = isinstance(pattern.pattern, bytes)
            texts = [text.encode("utf-8", "surrogatepass") if is_bytes else text for text in made]
            if not _grows_evenly(run, texts):
                raise TooSlow(f"{use} of {pattern.pattern!r} grows too fast on {shape!r}, repeated")


def _grows_evenly(run: Callable[[Any], object], texts: Sequence[str | bytes]) -> bool:
    shorts, longs = [], []
    for _ in range(_ROUNDS):  # the best times count: other processes take their turns as well
        limit = _HOPELESS_S
        try:
            # Tried first, so that what is worse than quadratic is found before it hangs.
            first = _seconds(run, texts[0], limit)
            limit = max(2 * MAX_GROWTH * first, _NOISE_S)
            shorts.append(_seconds(run, texts[1], limit))
            limit = 2 * MAX_GROWTH * min(shorts)
            longs.append(_seconds(run, texts[2], limit))
        except TooSlow:
            if limit >= _HOPELESS_S:
                return False
        else:
            if min(longs) <= MAX_GROWTH * min(shorts):
                return True
    return False
