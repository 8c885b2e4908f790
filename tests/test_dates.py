"""parse_date: forms, languages, what is no date, hostile text."""

import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisefilter.metadata.dates import parse_date

FORMS = [
    # ISO 8601 and its relatives
    ("2025-06-05T14:46:12+02:00", None, "2025-06-05T14:46:12+02:00"),
    ("2025-06-05 14:46:12.233000+00:00", None, "2025-06-05T14:46:12+00:00"),
    ("2025-06-05T14:46Z", None, "2025-06-05T14:46:00+00:00"),
    ("2025-06-05T14:46:12-0400", None, "2025-06-05T14:46:12-04:00"),
    ("2025-06-05T14:46:12", None, "2025-06-05T14:46:12"),
    ("2024-03-14T24:00:00", None, "2024-03-14"),
    ("2024-03-14T10:00:00+99:00", None, "2024-03-14T10:00:00"),
    ("20240314T101500Z", None, "2024-03-14T10:15:00+00:00"),
    ("20240314", None, "2024-03-14"),
    ("no. 20240314 of many", None, None),
    ("2024/3/14 8:05", None, "2024-03-14T08:05:00"),
    ("Thu, 14 Mar 2024 10:00:00 GMT", None, "2024-03-14T10:00:00+00:00"),
    ("Thu Mar 14 10:00:00 UTC 2024", None, "2024-03-14T10:00:00+00:00"),
    ("14-Mar-2024", None, "2024-03-14"),
    # numbers only
    ("14.03.2024", None, "2024-03-14"),
    ("4.3.2024", "en", "2024-03-04"),
    ("14/03/2024", "en", "2024-03-14"),
    ("03/14/2024", "fr", "2024-03-14"),
    ("03/04/2024", "en", None),
    ("03/04/2024", "en-US", None),
    ("03/04/2024", None, None),
    ("03/04/2024", "fr", "2024-04-03"),
    ("04/04/2024", "en", "2024-04-04"),
    ("14.03.24", "de", "2024-03-14"),
    ("14.03.24", "en", None),
    ("10:30 14/03/2024", "vi", "2024-03-14"),
    # East Asia
    ("2024年3月14日", None, "2024-03-14"),
    ("2024年3月14日 12時30分", "ja", "2024-03-14T12:30:00"),
    ("２０２４年３月１４日", "ja", "2024-03-14"),
    ("2024. 3. 14.", "ko", "2024-03-14"),
    ("2024년 3월 14일", "ko", "2024-03-14"),
    # digits of other scripts
    ("١٤ مارس ٢٠٢٤", "ar", "2024-03-14"),
    ("१४ मार्च २०२४", "hi", "2024-03-14"),
    # English in its ways
    ("14 March 2024", None, "2024-03-14"),
    ("March 14, 2024", None, "2024-03-14"),
    ("1st June 2023", None, "2023-06-01"),
    ("June 1st, 2023", None, "2023-06-01"),
    ("March 14, 2024 at 3:05 pm EST", None, "2024-03-14T15:05:00-05:00"),
    ("Sept. 5, 2023 12:10 AM PT", None, "2023-09-05T00:10:00"),
    ("Published on Monday 3 February 2020 by nobody", None, "2020-02-03"),
]

MONTH_NAMES = [
    ("14. März 2024, 12.30 Uhr", "de", "2024-03-14T12:30:00"),
    ("1. Jänner 2024", "de", "2024-01-01"),
    ("14 mars 2024 à 14h30", "fr", "2024-03-14T14:30:00"),
    ("1er août 2023", "fr", "2023-08-01"),
    ("14 de marzo de 2024", "es", "2024-03-14"),
    ("5 de marzo del 2024", "es", "2024-03-05"),
    ("14 de dezembro de 2023 às 10:22", "pt", "2023-12-14T10:22:00"),
    ("14 out. 2023", "pt", "2023-10-14"),
    ("14 giugno 2023 alle 09:15", "it", "2023-06-14T09:15:00"),
    ("14 mrt 2024", "nl", "2024-03-14"),
    ("14 października 2023", "pl", "2023-10-14"),
    ("14 марта 2024 г., 12:30", "ru", "2024-03-14T12:30:00"),
    ("14 лютого 2024, 10:15", "uk", "2024-02-14T10:15:00"),
    ("14 Kasım 2023 - 12:30", "tr", "2023-11-14T12:30:00"),
    ("14 HAZİRAN 2023", "tr", "2023-06-14"),
    ("14. července 2023", "cs", "2023-07-14"),
    ("11. pro 2023", "cs", "2023-12-11"),
    ("14 oktober 2023", "sv", "2023-10-14"),
    ("14. marts 2024", "da", "2024-03-14"),
    ("14. desember 2023", "no", "2023-12-14"),
    ("14. maaliskuuta 2024", "fi", "2024-03-14"),
    ("14 أبريل 2023", "ar", "2023-04-14"),
    ("14 كانون الثاني 2024", "ar", "2024-01-14"),
    ("14 फ़रवरी 2024", "hi", "2024-02-14"),
    ("14 Agustus 2023", "id", "2023-08-14"),
    ("ngày 14 tháng 3 năm 2024", "vi", "2024-03-14"),
]

NONE = [
    "",
    "Updated on:",
    "3 hours ago",
    "yesterday",
    "March 2024",
    "14 March",
    "31 February 2024",
    "14.03.1989",
    "14.03.2112",
    "11 Pro 2024",
    "192.168.2024.1",
    "+49 30 1234567",
    "2024",
    "99/99/2024",
    "0/0/2024",
]


@pytest.mark.parametrize(("text", "language", "expected"), [*FORMS, *MONTH_NAMES])
def test_reads(text: str, language: str | None, expected: str | None) -> None:
    assert parse_date(text, language) == expected


@pytest.mark.parametrize("text", NONE)
def test_is_no_date(text: str) -> None:
    assert parse_date(text) is None


def test_takes_the_first_plausible_one() -> None:
    assert parse_date("2024-13-45, that is 2024-01-02 or 2024-01-03") == "2024-01-02"


def test_next_year_is_the_last() -> None:
    year = datetime.now(UTC).year
    assert parse_date(f"{year + 1}-01-02") == date(year + 1, 1, 2).isoformat()
    assert parse_date(f"{year + 2}-01-02") is None


def test_only_the_first_400_characters_count() -> None:
    assert parse_date("x" * 380 + " 2024-01-02") == "2024-01-02"
    assert parse_date("x" * 400 + " 2024-01-02") is None


@pytest.mark.parametrize(
    "text",
    ["1" * 100_000, "1 a" * 40_000, "2024 " * 30_000, "1.1." * 30_000, "- " * 200 + "1", "ﷺ" * 100_000],
)
def test_hostile_text_is_quick(text: str) -> None:
    start = time.perf_counter()
    assert parse_date(text, "de") is None
    assert time.perf_counter() - start < 0.1


@given(st.text(), st.none() | st.text(max_size=5))
def test_any_text_gives_none_or_iso(text: str, language: str | None) -> None:
    result = parse_date(text, language)
    assert result is None or datetime.fromisoformat(result)


@given(
    st.text(alphabet="0123456789-/.,: +TZaprilmyjuno年月日\n", max_size=40),
    st.sampled_from([None, "de", "en", "ja"]),
)
def test_text_like_dates_gives_none_or_iso(text: str, language: str | None) -> None:
    result = parse_date(text, language)
    assert result is None or datetime.fromisoformat(result)


@given(st.dates(date(1990, 1, 1), date(2026, 1, 1)))
def test_own_output_is_read_back(day: date) -> None:
    assert parse_date(day.isoformat()) == day.isoformat()
    assert parse_date(f"{day:%d %B %Y}") == day.isoformat()
