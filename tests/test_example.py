"""The auto-blog post that noisefilter was first asked to clean, and its invented twin.

The lines of the file, by position: headline, author, an empty date stamp, the headline again, a paragraph, an
injected advertisement, eight paragraphs, a link to the source, keywords.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import pytest

import noisefilter
from noisefilter import Article, Block, Label

ROOT = Path(__file__).parents[1]
TWIN = ROOT / "seeds" / "pages" / "autoblog_twin_en.txt"
TWIN_PAGE = TWIN.with_suffix(".html")
GIVEN_FOLDER = ROOT.parent / "shared" / "seed"
GIVEN = sorted(GIVEN_FOLDER.glob("*.txt"))

LABELS = (
    Label.TITLE, Label.BYLINE, Label.DATE, Label.TITLE, Label.CONTENT, Label.AD, *[Label.CONTENT] * 8,
    Label.SOURCE, Label.TAGS,
)  # fmt: skip


@cache
def lines_of(path: Path) -> tuple[str, ...]:
    return tuple(line for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def body_of(path: Path) -> list[str]:
    return [line for line, label in zip(lines_of(path), LABELS, strict=True) if label is Label.CONTENT]


def _paragraphs(lines: tuple[str, ...]) -> str:
    return "\n".join(f"<p>{escape(line)}</p>" for line in lines)


def barest_page(lines: tuple[str, ...]) -> str:
    return f"<html><body>{_paragraphs(lines)}</body></html>"


def article_page(lines: tuple[str, ...]) -> str:
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>\n"
        f"<title>{escape(lines[0])}</title></head><body><article>\n{_paragraphs(lines)}\n</article></body></html>"
    )


def blog_page(lines: tuple[str, ...]) -> str:
    title, author, date = map(escape, lines[:3])
    return f"""<!DOCTYPE html>
<html lang="en-US"><head><meta charset="utf-8"><title>{title} - Quick World Wire</title></head>
<body class="single single-post">
<header class="site-header"><p class="site-title"><a href="/">Quick World Wire</a></p>
<nav class="main-navigation"><ul class="menu"><li><a href="/">Home</a></li>
<li><a href="/world/">World</a></li><li><a href="/contact/">Contact</a></li></ul></nav></header>
<main><article class="post type-post hentry">
<header class="entry-header"><h1 class="entry-title">{title}</h1>
<div class="entry-meta"><div class="author vcard"><a href="/author/1/">{author}</a></div>
<div class="posted-on">{date}</div></div></header>
<div class="entry-content">
<h2>{escape(lines[3])}</h2>
<p>{escape(lines[4])}</p>
<p><a href="https://ads.example/go?id=7" rel="nofollow">{escape(lines[5])}</a></p>
{_paragraphs(lines[6:14])}
<p><a href="https://first.example/original" rel="noopener">{escape(lines[14])}</a></p>
<p>{escape(lines[15])}</p>
</div></article></main>
<aside class="widget-area"><section class="widget"><h2 class="widget-title">Recent Posts</h2>
<ul><li><a href="/a/">Night Trains Fill Up Again as Fares Drop</a></li></ul></section></aside>
<footer class="site-footer">
<div class="site-info">© 2025 Quick World Wire. All rights reserved.</div></footer>
</body></html>"""


FORMS: dict[str, Callable[[Path], Article]] = {
    "text": lambda path: noisefilter.clean_text(path.read_bytes().decode()),
    "text_single_spaced": lambda path: noisefilter.clean_text("\n".join(lines_of(path))),
    "text_crlf": lambda path: noisefilter.clean_text("\r\n\r\n".join(lines_of(path)) + "\r\n"),
    "barest_page": lambda path: noisefilter.clean(barest_page(lines_of(path))),
    "article_page": lambda path: noisefilter.clean(article_page(lines_of(path))),
    "blog_page": lambda path: noisefilter.clean(blog_page(lines_of(path))),
    "theme_page": lambda path: noisefilter.clean(TWIN_PAGE.read_bytes()),
}


@dataclass(frozen=True)
class Case:
    """A file in one of the forms in which users meet it."""

    path: Path
    form: str

    @property
    def article(self) -> Article:
        return _cleaned(self.path, self.form)

    @property
    def blocks(self) -> list[Block]:
        """The blocks of the file's lines, without those of the page around them, in reading order."""
        lines = iter(lines_of(self.path))
        wanted = next(lines)
        found = []
        for block in self.article.blocks:
            if block.text == wanted:
                found.append(block)
                wanted = next(lines, "")
        return found


@cache
def _cleaned(path: Path, form: str) -> Article:
    return FORMS[form](path)


_NOT_HERE = pytest.mark.skip(reason=f"no example in {GIVEN_FOLDER}: it is not part of this repository")
CASES = [
    *(pytest.param(Case(TWIN, form), id=f"twin-{form}") for form in FORMS),
    *(
        pytest.param(Case(path, form), id=f"given{number}-{form}")
        for number, path in enumerate(GIVEN)
        for form in FORMS
        if form != "theme_page"
    ),
    *([] if GIVEN else [pytest.param(Case(TWIN, "text"), id="given", marks=_NOT_HERE)]),
]
every_case = pytest.mark.parametrize("case", CASES)


@every_case
def test_lines_are_blocks_in_order(case: Case) -> None:
    assert [block.text for block in case.blocks] == list(lines_of(case.path))


@every_case
def test_body_paragraphs_are_kept_word_for_word(case: Case) -> None:
    kept = [line for line in case.article.text.splitlines() if line]
    assert [line for line in kept if line in body_of(case.path)] == body_of(case.path)


@every_case
def test_nothing_but_the_body_is_left(case: Case) -> None:
    left = [line for line in case.article.text.splitlines() if line]
    assert [line for line in left if line not in body_of(case.path)] == []


@every_case
def test_paragraphs_are_parted_as_they_were(case: Case) -> None:
    separator = {"text_single_spaced": "\n", "text_crlf": "\r\n\r\n"}.get(case.form, "\n\n")
    body = body_of(case.path)
    text = case.article.text
    assert body[2] + separator + body[3] in text
    assert body[3] + separator + body[4] in text


@every_case
@pytest.mark.parametrize("position", [i for i, label in enumerate(LABELS) if label is not Label.CONTENT])
def test_noise_carries_its_label(case: Case, position: int) -> None:
    block = case.blocks[position]
    assert (block.label, block.kept) == (LABELS[position], False)


@every_case
def test_body_carries_content(case: Case) -> None:
    labels = [block.label for block, label in zip(case.blocks, LABELS, strict=True) if label is Label.CONTENT]
    assert labels == [Label.CONTENT] * 9


@every_case
def test_title_is_the_headline(case: Case) -> None:
    assert case.article.title == lines_of(case.path)[0]


@every_case
def test_author_is_the_name_in_the_byline(case: Case) -> None:
    assert case.article.authors == (lines_of(case.path)[1],)


@every_case
def test_date_is_not_made_up(case: Case) -> None:
    declared = "2024-11-18T06:12:44+00:00" if case.form == "theme_page" else None
    assert case.article.date == declared


@every_case
def test_tags_hold_the_keywords(case: Case) -> None:
    tags = case.article.tags
    if case.form == "theme_page":  # also shows its section
        tags = tuple(tag for tag in tags if tag != "World")
    assert re.findall(r"\w+", " ".join(tags)) == re.findall(r"\w+", lines_of(case.path)[-1])
    assert not any("," in tag and ", " not in tag for tag in tags)


@every_case
def test_source_is_the_link_or_its_line(case: Case) -> None:
    links = {
        "blog_page": "https://first.example/original",
        "theme_page": "https://www.port-herald.example/calder/pilots-talks",
    }
    assert case.article.source == links.get(case.form, lines_of(case.path)[14])


@every_case
def test_page_is_nothing_to_warn_of(case: Case) -> None:
    allowed = {"consent"} if case.form == "theme_page" else set()  # that page has a cookie notice
    assert {str(flag) for flag in case.article.flags} <= allowed


def test_lines_are_counted_right() -> None:
    for path in (TWIN, *GIVEN):
        assert len(lines_of(path)) == len(LABELS)
        assert lines_of(path)[0] == lines_of(path)[3]
        assert len(body_of(path)) == 9
