"""Extractors side by side on the same pages, as a table for the documentation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from benchmarks.data import Bench
from benchmarks.table import NOT_INSTALLED, markdown
from benchmarks.timing import race, ratio
from benchmarks.tools import BASELINE, Extractor, Tool, all_tools
from training.metrics import overlap, phrase, runs_of, share_kept, words
from training.pages import UNLABELLED, Page, Sample

ROUNDS = 3
MIN_GOLD_WORDS = 20
HEAD = (
    "the same pages, the same run", "noise blocks left", "content words kept", "F1, articles",
    "F1, other pages", "CPU",
)  # fmt: skip


@dataclass(slots=True)
class Expected:
    """What to look for in the output on a page; the same for every tool, so it is worked out once.

    Attributes:
        noise: the words of noise blocks that stand nowhere in content or in blocks without a label.
        content: texts of content blocks with their numbers of words.
        gold: what the corpus takes for the main text, or "".
        is_article: whether the page is an article.
    """

    noise: list[str]
    content: list[tuple[str, int]]
    gold: str
    is_article: bool


@dataclass(slots=True)
class Tally:
    """Sums over pages for one tool."""

    noise_left: int = 0
    noise: int = 0
    words_kept: float = 0.0
    words: int = 0
    articles: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)
    empty: int = 0


def expected_of(page: Page, sample: Sample) -> Expected:
    """Works out what to look for, by the rules of `training.evaluate.measure_page`."""
    labelled = list(zip(sample.blocks.text, sample.labels, strict=True))
    content = [text for text, y in labelled if y == 0]
    known = " ".join(phrase(text) for text, y in labelled if y in (0, UNLABELLED))
    noise = [phrase(text) for text, y in labelled if y not in (0, UNLABELLED)]
    gold = page.gold or ""
    return Expected(
        [own for own in noise if own.strip() and own not in known],
        [(text, len(words(text))) for text in content],
        gold if len(words(gold)) >= MIN_GOLD_WORDS else "",
        page.page_type == "article",
    )


def count(output: str, expected: Expected, tally: Tally) -> None:
    """Adds what an output holds of the noise, the content and the gold text."""
    joined, runs = phrase(output), runs_of(output)
    tally.empty += not output.strip()
    tally.noise_left += sum(own in joined for own in expected.noise)
    tally.noise += len(expected.noise)
    tally.words_kept += sum(n * share_kept(text, joined, runs) for text, n in expected.content)
    tally.words += sum(n for _, n in expected.content)
    if expected.gold:
        found = overlap(output, expected.gold)[2]
        (tally.articles if expected.is_article else tally.others).append(found)


def row_of(name: str, tally: Tally, cpu: float) -> list[str]:
    """The row of a tool."""
    return [
        name,
        f"{tally.noise_left / max(tally.noise, 1):.1%}",
        f"{tally.words_kept / max(tally.words, 1):.1%}",
        *(f"{np.mean(values):.3f}" if values else "–" for values in (tally.articles, tally.others)),
        f"{cpu:.2f}",
    ]


def compare(tools: list[Tool], pages: list[tuple[Page, Sample]], rounds: int) -> Iterator[str]:
    """Measures tools on pages.

    Args:
        tools: the baseline among them.
        pages: pages with their labels.
        rounds: how often each tool is timed on every page.
    """
    present: dict[str, Extractor] = {tool.name: tool.extract for tool in tools if tool.extract is not None}
    expected = [expected_of(page, sample) for page, sample in pages]
    tallies = {name: Tally() for name in present}
    for (page, _), wanted in zip(pages, expected, strict=True):
        for name, extract in present.items():
            count(extract(page) or "", wanted, tallies[name])
    runs: dict[str, Callable[[Page], object]] = dict(present)
    times = race(runs, [page for page, _ in pages], rounds)
    rows = []
    for tool in tools:
        if tool.name not in tallies:
            rows.append([tool.name, NOT_INSTALLED])
            continue
        cpu = ratio(times[tool.name], times[BASELINE]).value
        rows.append(row_of(tool.name, tallies[tool.name], cpu))
    yield from markdown(HEAD, rows)
    first = tallies[BASELINE]
    yield (
        f"{len(pages)} pages, {first.noise} noise blocks, {first.words} content words; "
        f"F1 over 4-word shingles on {len(first.articles)} articles and {len(first.others)} other pages; "
        "CPU against Trafilatura as it comes; must, aim: none set"
    )
    empty = [f"{name} {tally.empty}" for name, tally in tallies.items() if tally.empty]
    yield f"pages with no text: {', '.join(empty) or 'none'}"


def run(bench: Bench) -> Iterator[str]:
    """All tools on the pages kept for evaluation."""
    yield from compare(all_tools(), bench.pages, bench.rounds(ROUNDS))
