"""What the shipped model gets wrong on the authored pages and articles, as data for strict xfails.

`python tests/known_misses.py` writes `tests/data/known_misses.jsonl` and `known_misses_lookalikes.jsonl` anew
and prints the figures that the floors in `test_pages.py` hold. Run it after training; look at the difference.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from html import escape
from pathlib import Path

import noisefilter
from noisefilter import Article, Block, Label

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "seeds" / "pages"
DATA = Path(__file__).parent / "data"
PAGE_MISSES = DATA / "known_misses.jsonl"
LOOKALIKE_MISSES = DATA / "known_misses_lookalikes.jsonl"

_SUFFIX = ".labels.jsonl"


def fold(text: str) -> str:
    return " ".join(text.split())


@dataclass(frozen=True)
class Miss:
    """A block that was kept though it is noise, or dropped though it is content."""

    page: str
    index: int
    text: str
    label: str
    got: str


@dataclass(frozen=True)
class Row:
    """A block of an authored page and what it is."""

    text: str
    label: Label


# Authored pages.

PAGE_NAMES = tuple(sorted(path.name.removesuffix(_SUFFIX) for path in PAGES.glob(f"*{_SUFFIX}")))


def kind_of(page: str) -> str:
    """Kind of page, by which floors are set: text, blog, docs, forum, news, press, product, recipe."""
    return "text" if page.endswith(".txt") else page.partition("_")[0].removeprefix("auto")


PAGE_KINDS = tuple(sorted({kind_of(page) for page in PAGE_NAMES}))


def pages_of(kind: str) -> tuple[str, ...]:
    return tuple(page for page in PAGE_NAMES if kind_of(page) == kind)


@cache
def rows_of(page: str) -> tuple[Row, ...]:
    lines = (PAGES / f"{page}{_SUFFIX}").read_text(encoding="utf-8").splitlines()
    return tuple(Row(row["text"], Label(row["label"])) for row in map(json.loads, lines))


def clean_file(path: Path, policy: str | noisefilter.Policy = "balanced") -> Article:
    if path.suffix == ".txt":
        return noisefilter.clean_text(path.read_bytes().decode(), policy=policy)
    return noisefilter.clean(path.read_bytes(), policy=policy)


@cache
def cleaned(page: str) -> Article:
    return clean_file(PAGES / page)


def judged_blocks(page: str) -> Iterator[tuple[int, Row, Block]]:
    """The labelled rows of a page beside the blocks it was cut into."""
    blocks, rows = cleaned(page).blocks, rows_of(page)
    if [fold(block.text) for block in blocks] != [row.text for row in rows]:
        raise ValueError(f"{page} was cut into other blocks than its labels")
    for index, (row, block) in enumerate(zip(rows, blocks, strict=True)):
        yield index, row, block


def page_misses(page: str) -> list[Miss]:
    return [
        Miss(page, index, row.text, row.label, block.label)
        for index, row, block in judged_blocks(page)
        if block.kept != (row.label is Label.CONTENT)
    ]


@dataclass(frozen=True)
class Figures:
    """Shares over the blocks of some pages."""

    noise_dropped: float
    words_kept: float
    labels_right: float


def words(text: str) -> float:
    """Number of words; what is written without spaces counts two characters a word."""
    wide = len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff]", text))
    return wide / 2 if wide else len(text.split())


def figures(pages: Iterable[str]) -> Figures:
    pairs = [(row, block) for page in pages for _, row, block in judged_blocks(page)]
    noise = [block for row, block in pairs if row.label is not Label.CONTENT]
    content = [(words(row.text), block.kept) for row, block in pairs if row.label is Label.CONTENT]
    return Figures(
        noise_dropped=sum(not block.kept for block in noise) / len(noise),
        words_kept=sum(count for count, kept in content if kept) / sum(count for count, _ in content),
        labels_right=sum(row.label is block.label for row, block in pairs) / len(pairs),
    )


# Articles with lines that look like noise and are not: `data/lookalikes/LANGUAGE_TOPIC.txt`. The first line
# is the title; "> " marks the look-alikes, behind it (or alone) "## " a heading and "- " a list item.


@dataclass(frozen=True)
class Line:
    """A line of an article."""

    text: str
    tag: str
    lookalike: bool


@dataclass(frozen=True)
class LookalikeArticle:
    """An article all of whose lines are content."""

    name: str
    title: str
    lines: tuple[Line, ...]

    @property
    def language(self) -> str:
        return self.name.partition("_")[0]

    def as_text(self) -> str:
        return "\n\n".join((self.title, *(line.text for line in self.lines))) + "\n"

    def as_html(self) -> str:
        title = escape(self.title)
        body = "\n".join(f"<{line.tag}>{escape(line.text)}</{line.tag}>" for line in self.lines)
        body = re.sub(r"((?:<li>.*</li>\n?)+)", r"<ul>\n\1</ul>\n", body)
        return f"""<!DOCTYPE html>
<html lang="{self.language}"><head><meta charset="utf-8"><title>{title}</title></head>
<body>
<header class="site-header"><a href="/">Lantern</a><nav class="menu"><ul><li><a href="/a">A–Z</a></li>
<li><a href="/archive">Archive</a></li></ul></nav></header>
<main><article class="post"><h1 class="entry-title">{title}</h1>
<div class="entry-content">
{body}
</div></article></main>
<footer class="site-footer"><p>© 2024 Lantern</p></footer>
</body></html>"""


def _line(raw: str) -> Line:
    text = raw.removeprefix("> ")
    for mark, tag in (("## ", "h2"), ("- ", "li")):
        if text.startswith(mark):
            return Line(text.removeprefix(mark), tag, text != raw)
    return Line(text, "p", text != raw)


@cache
def lookalike_articles() -> tuple[LookalikeArticle, ...]:
    articles = []
    for path in sorted((DATA / "lookalikes").glob("*.txt")):
        title, *lines = (line for line in path.read_text(encoding="utf-8").splitlines() if line)
        articles.append(LookalikeArticle(path.stem, title, tuple(map(_line, lines))))
    return tuple(articles)


@cache
def cleaned_lookalikes(name: str, form: str) -> Article:
    article = next(article for article in lookalike_articles() if article.name == name)
    if form == "text":
        return noisefilter.clean_text(article.as_text())
    return noisefilter.clean(article.as_html())


def lookalike_misses() -> list[Miss]:
    misses = []
    for article in lookalike_articles():
        for form in ("html", "text"):
            found = {block.text: block for block in cleaned_lookalikes(article.name, form).blocks}
            misses += [
                Miss(f"{article.name}.{form}", index, line.text, "content", found[line.text].label)
                for index, line in enumerate(article.lines)
                if not found[line.text].kept
            ]
    return misses


# The files of known misses.


def read(path: Path) -> tuple[Miss, ...]:
    return tuple(Miss(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines())


def _write(path: Path, misses: Iterable[Miss]) -> None:
    lines = [json.dumps(asdict(miss), ensure_ascii=False) + "\n" for miss in misses]
    path.write_text("".join(lines), encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {len(lines)}")


def main() -> None:
    """Writes the known misses of the model as it is, and prints its figures."""
    _write(PAGE_MISSES, (miss for page in PAGE_NAMES for miss in page_misses(page)))
    _write(LOOKALIKE_MISSES, lookalike_misses())
    for kind in PAGE_KINDS:
        print(f"{kind}: {figures(pages_of(kind))}")
    print(f"all: {figures(PAGE_NAMES)}")


if __name__ == "__main__":
    main()
