"""The authored pages of `seeds/pages` against their labels."""

import pytest
from known_misses import (
    PAGE_MISSES,
    PAGE_NAMES,
    Miss,
    cleaned,
    fold,
    page_misses,
    read,
    rows_of,
)

from noisefilter import Label

KNOWN = read(PAGE_MISSES)


@pytest.mark.parametrize("page", PAGE_NAMES)
def test_blocks_are_the_labelled_texts_in_order(page: str) -> None:
    assert [fold(block.text) for block in cleaned(page).blocks] == [row.text for row in rows_of(page)]


@pytest.mark.parametrize("page", PAGE_NAMES)
def test_no_content_is_lost_and_no_noise_left_but_known_misses(page: str) -> None:
    known = {(miss.page, miss.index) for miss in KNOWN}
    assert [miss for miss in page_misses(page) if (miss.page, miss.index) not in known] == []


@pytest.mark.parametrize(
    "miss",
    [
        pytest.param(miss, id=f"{miss.page}-{miss.index}", marks=pytest.mark.xfail(reason=f"got {miss.got}"))
        for miss in KNOWN
    ],
)
def test_known_miss(miss: Miss) -> None:
    assert miss.index not in {now.index for now in page_misses(miss.page)}


@pytest.mark.parametrize("miss", KNOWN, ids=lambda miss: f"{miss.page}-{miss.index}")
def test_known_misses_name_blocks_that_exist(miss: Miss) -> None:
    row = rows_of(miss.page)[miss.index]
    assert (row.text, row.label) == (miss.text, miss.label)


@pytest.mark.parametrize("page", PAGE_NAMES)
def test_dropped_blocks_never_carry_content(page: str) -> None:
    assert [
        block.text for block in cleaned(page).blocks if not block.kept and block.label is Label.CONTENT
    ] == []


@pytest.mark.parametrize("page", [page for page in PAGE_NAMES if page.endswith(".html")])
def test_headline_is_the_title(page: str) -> None:
    headlines = {row.text.rstrip("¶") for row in rows_of(page) if row.label is Label.TITLE}
    assert cleaned(page).title in headlines
