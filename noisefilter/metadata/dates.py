"""Calendar dates in short texts, in the languages of `noisefilter.metadata.months`, as ISO 8601."""

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone

from noisefilter.metadata.months import LOCAL, MONTHS

MAX_CHARS = 400
FIRST_YEAR = 1990

# Accents, Arabic hamza above or below, Hindi nukta, direction marks: left out or typed differently.
_LOOSE = re.compile("[\u0300-\u036f\u0653-\u0655\u093c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_DIGIT = re.compile(r"[^\x00-\x7f]")


def _fold(text: str) -> str:
    """Lower case, ASCII digits, no accents: one spelling for what is written in several."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).replace("ı", "i").replace("İ", "i")
        text = unicodedata.normalize("NFC", _LOOSE.sub("", text))
        text = _DIGIT.sub(lambda match: str(unicodedata.decimal(match[0], match[0])), text)
    return text.lower()


_MONTH = {_fold(name): number for number, names in enumerate(MONTHS, 1) for name in names.split()}
_LOCAL = {
    language: {_fold(name): number for name, number in names.items()} for language, names in LOCAL.items()
}
# Two words each; joined so that a month is always one.
_TWO_WORDS = [(name.replace("_", " "), name) for name in _MONTH if "_" in name]

_WORD = r"[^\s\d.,،;:/()|\-–—+]{2,16}"
_DATE = re.compile(
    rf"""
    (?<!\d)(?P<y1>\d{{4}})\s?(?:[-/.]|年|년)\s?(?P<m1>\d{{1,2}})\s?(?:[-/.]|月|월)\s?(?P<d1>\d{{1,2}})(?:\s?[日일号])?(?!\d)
    | (?<!\d)(?P<d2>\d{{1,2}})(?P<sep>[./-])[ ]?(?P<m2>\d{{1,2}})(?P=sep)[ ]?(?P<y2>\d{{4}}|\d{{2}})(?!\d)
    | (?<!\d)(?P<d3>\d{{1,2}})(?:st|nd|rd|th|er|re|[oa]|º|ª|°|\.|-?го)?[\s./-]{{0,3}}(?:(?:de|of|d')[ ])?
        (?P<n3>{_WORD})[.,،]{{0,2}}[\s/-]{{0,3}}(?:(?:de|del|of)[ ])?(?P<y3>\d{{4}})(?!\d)
    | (?<!\d)(?P<d4>\d{{1,2}})\s?(?:thang|thg)\s?(?P<m4>\d{{1,2}}),?(?:[ ]nam)?\s?(?P<y4>\d{{4}})(?!\d)
    | (?<!\w)(?P<n5>{_WORD})\.?[\s-]{{1,2}}(?P<d5>\d{{1,2}})(?:st|nd|rd|th)?
        (?P<clock>\s\d\d:\d\d:\d\d(?:\s[a-z]{{2,4}})?)?
        (?:\s?[,،]|[ ]del?)?[\s-]{{1,2}}(?P<y5>\d{{4}})(?!\d)
    | (?<!\d)(?P<y6>\d{{4}})[\s.,-]{{1,2}}(?P<n6>{_WORD})[\s.,-]{{1,2}}(?P<d6>\d{{1,2}})(?!\d)
    | (?<![\w.-])(?P<y7>\d{{4}})(?P<m7>\d\d)(?P<d7>\d\d)(?=t\d|\s*$)
    """,
    re.VERBOSE,
)
_CLOCK = re.compile(
    r"""
    (?:[t\s,،|·•@()–—-]|\b(?:г|року|р)\b\.?){1,4}
    (?:(?:um|at|a|as|alle|ore|om|kl|klo|saat|в|о|o|la|las|godz)\b\.?\s?){0,2}
    (?P<hour>\d{1,2})
    (?:(?::|\s?h\s?|時|时|点|시\s?)(?P<minute>\d\d)(?!\d)|\.(?P<german>\d\d)(?=\s?uhr))
    (?::(?P<second>\d\d)(?!\d))?(?:[.,]\d{1,9})?
    (?P<half>\s?[ap]\.?m\b\.?)?
    (?:\s?(?P<zone>[a-z]{1,4})(?![a-z]))?
    (?:\s?(?P<sign>[+-])(?P<offset>\d\d(?::?\d\d)?)(?!\d))?
    """,
    re.VERBOSE,
)
_BASIC_CLOCK = re.compile(r"t(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?!\d)(?P<zone>z)?")
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "pst": -8, "pdt": -7, "cet": 1, "cest": 2, "mez": 1,
    "mesz": 2, "jst": 9, "kst": 9,
}  # fmt: skip
_EAST_ASIAN = frozenset({"ja", "ko", "zh"})


def _numeric(one: int, other: int, separator: str, language: str) -> tuple[int, int] | None:
    """Month and day of a date that gives both as numbers before the year, or None if either may be either."""
    if other > 12:
        return one, other
    if one > 12 or one == other or separator == "." or language not in ("", "en"):
        return other, one
    return None


def _calendar(match: re.Match[str], language: str) -> date | None:
    """The date that a match stands for, if it is one."""
    group: dict[str, str] = match.groupdict()
    form = next(number for number in "1234567" if group["y" + number])
    year, day = int(group["y" + form]), int(group["d" + form])
    if form == "2":
        if len(group["y2"]) == 2:
            # Two digits are a year only where dates are known to end with it.
            if group["sep"] == "-" or language in _EAST_ASIAN or language in ("", "en"):
                return None
            if len(group["m2"]) < 2 or len(group["d2"]) < 2:
                return None
            year += 2000 if year < 70 else 1900
        parts = _numeric(day, int(group["m2"]), group["sep"], language)
        if parts is None:
            return None
        month, day = parts
    elif form in "356":
        name = group["n" + form]
        found = _MONTH.get(name) or _LOCAL.get(language, {}).get(name)
        if found is None:
            return None
        month = found
    else:
        month = int(group["m" + form])
    today = date.today()
    if not FIRST_YEAR <= year <= today.year + 1:
        return None
    try:
        return date(year, month, day)
    except ValueError:  # 31 February
        return None


def _offset(clock: dict[str, str | None]) -> timezone | None:
    zone, digits = clock.get("zone"), clock.get("offset")
    if digits:
        minutes = int(digits[:2]) * 60 + int(digits[-2:] if len(digits) > 2 else 0)
        # West of -12 and east of +14 there is no place.
        if minutes <= 14 * 60 and int(digits[-2:] if len(digits) > 2 else 0) < 60:
            return timezone(timedelta(minutes=-minutes if clock["sign"] == "-" else minutes))
        return None
    if zone in _ZONES:
        return timezone(timedelta(hours=_ZONES[zone]))
    return None


def _with_time(day: date, text: str, end: int) -> str:
    """The date in ISO form, with the time that follows it in the text, if one does."""
    match = _BASIC_CLOCK.match(text, end) or _CLOCK.match(text, end)
    if match is None:
        return day.isoformat()
    clock: dict[str, str | None] = match.groupdict()
    hour = int(match["hour"])
    minute = int(match["minute"] or clock.get("german") or 0)
    half = clock.get("half")
    if half:
        if not 1 <= hour <= 12:
            return day.isoformat()
        hour = hour % 12 + (12 if "p" in half else 0)
    try:
        moment = datetime(
            day.year, day.month, day.day, hour, minute, int(match["second"] or 0), tzinfo=_offset(clock)
        )
    except ValueError:  # 25:00
        return day.isoformat()
    return moment.isoformat()


def parse_date(text: str, language: str | None = None) -> str | None:
    """The first calendar date in a short text.

    Args:
        text: e.g. a date line of a page; only its first 400 characters are looked at.
        language: code of the text's language. Without it, or in English, 03/04/2024 is not taken, as either
            number may be the month; in others the day comes first.

    Returns:
        An ISO 8601 date, or date-time if a time follows the date, with its offset if given; None if there
        is no complete date from 1990 to next year. Relative times such as "3 hours ago" are none.
    """
    folded = _fold(text[:MAX_CHARS])
    if not any(char.isdigit() for char in folded):
        return None
    for apart, joined in _TWO_WORDS:
        if apart in folded:
            folded = folded.replace(apart, joined)
    code = re.split("[-_]", language.lower(), maxsplit=1)[0] if language else ""
    position = 0
    while match := _DATE.search(folded, position):
        if day := _calendar(match, code):
            if match["clock"]:
                return _with_time(day, match["clock"], 0)
            return _with_time(day, folded, match.end())
        position = match.start() + 1
    return None
