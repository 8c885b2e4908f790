"""Content that looks like noise, in articles where it is none: `data/lookalikes`, as text and as a page."""

import pytest
from known_misses import (
    LOOKALIKE_MISSES,
    LookalikeArticle,
    Miss,
    cleaned_lookalikes,
    lookalike_articles,
    lookalike_misses,
    read,
)

ARTICLES = lookalike_articles()
FORMS = ("html", "text")
KNOWN = {(miss.page, miss.index): miss for miss in read(LOOKALIKE_MISSES)}


def cases() -> list[object]:
    found = []
    for article in ARTICLES:
        for form in FORMS:
            for index, line in enumerate(article.lines):
                miss = KNOWN.get((f"{article.name}.{form}", index))
                if line.lookalike or miss is not None:
                    marks = [pytest.mark.xfail(reason=f"got {miss.got}")] if miss is not None else []
                    found.append(
                        pytest.param(article, form, index, id=f"{article.name}-{form}-{index}", marks=marks)
                    )
    return list(found)


@pytest.mark.parametrize(("article", "form", "index"), cases())
def test_lookalike_is_kept(article: LookalikeArticle, form: str, index: int) -> None:
    line = article.lines[index]
    block = next(b for b in cleaned_lookalikes(article.name, form).blocks if b.text == line.text)
    assert (block.kept, block.label) == (True, "content")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.name)
def test_all_other_lines_are_kept_in_order(article: LookalikeArticle, form: str) -> None:
    plain = {line.text for line in article.lines if not line.lookalike}
    kept = [block.text for block in cleaned_lookalikes(article.name, form).blocks if block.kept]
    lost = {miss.text for (page, _), miss in KNOWN.items() if page == f"{article.name}.{form}"}
    assert [text for text in kept if text in plain] == [
        line.text for line in article.lines if not line.lookalike and line.text not in lost
    ]


@pytest.mark.parametrize("miss", KNOWN.values(), ids=lambda miss: f"{miss.page}-{miss.index}")
def test_known_misses_name_lines_that_exist(miss: Miss) -> None:
    name, _, form = miss.page.rpartition(".")
    assert form in FORMS
    assert next(a for a in ARTICLES if a.name == name).lines[miss.index].text == miss.text


def test_there_are_enough_of_them() -> None:
    lookalikes = [line for article in ARTICLES for line in article.lines if line.lookalike]
    assert len(lookalikes) >= 40
    assert len({article.language for article in ARTICLES}) >= 8


def test_known_misses_are_few() -> None:
    assert len(lookalike_misses()) <= 0.05 * 2 * sum(line.lookalike for a in ARTICLES for line in a.lines)
