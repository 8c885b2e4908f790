"""What holds for any page and any text (`tools.fuzz.properties`), and that the properties can fail."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest
import strategies
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from known_misses import DATA, PAGES, ROOT, clean_file, lookalike_articles

import noisefilter
from noisefilter import Article, Cleaner, Item, Label, NoiseFilterError, Policy, Reason
from noisefilter.batch import Result
from tools.fuzz import properties, reclean, sources
from tools.fuzz.properties import check_page, check_text, outcome
from training.articles import authored_articles

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
ANY = settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
SENTENCE = strategies.SENTENCES[0]


@ANY
@given(strategies.pages())
@example(f"<table><tr><td><td>{SENTENCE}</table><p>\u200f")  # a row that begins with an empty cell
@example(f"<pre>    indented code\n  of two lines</pre><p>{SENTENCE}\ufeff</p>")
@example(
    '<script type=application/ld+json>{"@type": "Article", "headline": "Tides \\ud83d"}</script><p>Tides'
)
@example("<table>" + f"<tr><td>Line one<td>{SENTENCE}<td>\xad" * 3 + "</table>")
@example("<dd>" + "The rail\xadway com\xadpany said that it will build a new line along the river. " * 4)
@example("<body>" + "A\u200dway from\x9d the coast the wind falls, and boats wait for the evening. " * 4)
def test_any_page(page: str) -> None:
    assert check_page(page) == []


@ANY
@given(strategies.encoded_pages())
@example(f"<meta charset=utf-16><p>{SENTENCE}".encode())
@example(f"<?xml version='1.0' encoding='shift_jis'?><p>{strategies.SENTENCES[5]}</p>".encode())
def test_any_bytes(page: bytes) -> None:
    assert check_page(page) == []


@ANY
@given(strategies.trees())
def test_any_tree(tree: strategies.Tree) -> None:
    assert check_page(tree) == []


@ANY
@given(strategies.texts())
@example(f"{SENTENCE}\n\U000e0001\n{SENTENCE}")  # nothing shows: dropped at any noise, under a label
@example(f"{SENTENCE}\nPhoto \u200b\u200c\u200b\u200b\u200c\u200c\u200b\u200c\u200b")
def test_any_text(text: str) -> None:
    assert check_text(text) == []


@ANY
@given(
    st.sampled_from(strategies.ENCODINGS).filter(lambda name: name not in ("cp037", "utf-7", "utf-32")),
    st.lists(st.sampled_from(strategies.SENTENCES), min_size=1, max_size=6),
)
def test_a_declared_encoding_is_the_text(encoding: str, sentences: list[str]) -> None:
    sentences = [one for one in sentences if one.encode(encoding, "ignore").decode(encoding) == one]
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    page = f"<!doctype html><html><head><meta charset={encoding.removesuffix('-sig')}></head><body>{body}"
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    assert noisefilter.clean((mark + page).encode(encoding)) == noisefilter.clean(page)


@ANY
@given(st.text(max_size=40), st.none() | st.text(max_size=40), st.none() | st.text(max_size=40))
@example("Tides\n\nHigh water comes twice a day.", "Tides \ud83d", "http://[\udc00")
@example("Tides", "\0", "\n")
def test_any_title_and_address(text: str, title: str | None, url: str | None) -> None:
    page = f"<title>{title}</title><p>{text}</p>"
    calls: Iterable[Callable[..., Article]] = (
        partial(noisefilter.clean_text, text, title=title, url=url),
        partial(noisefilter.clean, page, url=url),
    )
    for call in calls:
        found = outcome(call)
        if isinstance(found, Article):
            for check in (properties.consistent, properties.serialised, properties.rendered):
                assert list(check(found)) == []


# The same scores through `clean`: presets differ in the threshold and in the recovery, both ordered; the
# budget of the looser one may take what it takes at its own threshold only. (`decide` itself is tried in
# test_policy.py.)


@settings(ANY, max_examples=25)
@given(strategies.pages() | st.sampled_from(sorted(PAGES.glob("*.html"))).map(Path.read_bytes))
def test_a_looser_policy_only_keeps_more(page: str | bytes) -> None:
    def kept(policy: str | Policy) -> set[int]:
        found = outcome(partial(noisefilter.clean, page, policy=policy))
        return (
            {i for i, block in enumerate(found.blocks) if block.kept} if isinstance(found, Article) else set()
        )

    steps = (0.0, 0.2, 0.5, 0.8, 1.0)
    assert kept("precision") <= kept("balanced") <= kept("recall")
    for low, high in pairwise(steps):
        assert kept(Policy(threshold=low)) <= kept(Policy(threshold=high))
        assert kept(Policy(recovery=low)) <= kept(Policy(recovery=high))
        assert kept(Policy(removal_budget=high)) <= kept(Policy(removal_budget=low))


# Rules.

LABELS = st.lists(st.sampled_from(Label), max_size=3)
PATTERNS = st.lists(st.sampled_from(["re:", "re:e", "re:^T", r"re:\d", "re:(?i)ferry", r"re:\Z"]), max_size=2)


@ANY
@given(
    strategies.pages() | strategies.texts(), st.booleans(), LABELS, PATTERNS, LABELS, PATTERNS,
    st.sampled_from(["balanced", "precision", Policy(threshold=0), Policy(threshold=1)]),
)  # fmt: skip
@example("Harbour log\n12 May 2024, 10:45 \ud83d Share on Facebook ;a\nBy Ada Moor", True, [Label.DATE], [],
         [Label.DATE], [], "balanced")  # fmt: skip
def test_the_callers_rules_win(
    source: str, is_text: bool, keep: list[Label], kept: list[str], drop: list[Label], dropped: list[str],
    policy: str | Policy,
) -> None:  # fmt: skip
    call: Callable[..., Article] = noisefilter.clean_text if is_text else noisefilter.clean
    drop = [label for label in drop if label is not Label.CONTENT]
    try:
        article = call(source, keep=[*keep, *kept], drop=[*drop, *dropped], policy=policy)
    except NoiseFilterError:
        return
    to_keep, to_drop = (
        noisefilter.policy.rules_of(patterns, "keep").patterns for patterns in (kept, dropped)
    )
    for block in article.blocks:
        if any(pattern.search(block.text) for pattern in to_keep):
            assert (block.kept, block.reason) == (True, Reason.KEEP_RULE)
        elif block.reason is not Reason.KEEP_RULE:
            # A pattern may drop what was content; its label then is the best of the others.
            assert block.kept or block.label not in keep or block.reason is Reason.DROP_RULE
            if any(pattern.search(block.text) for pattern in to_drop):
                assert (block.kept, block.reason) == (False, Reason.DROP_RULE)
            elif block.label in drop:
                assert not block.kept
            elif block.reason is Reason.DROP_RULE:
                raise AssertionError(f"no rule drops {block}")


# Batch.

ITEMS = st.lists(
    strategies.pages() | strategies.encoded_pages() | strategies.texts().map(lambda text: Item(text=text)),
    min_size=6,
    max_size=12,
)


@settings(max_examples=3, deadline=None, suppress_health_check=SLOW)
@given(ITEMS)
def test_batch_equals_single(items: list[str | bytes | Item]) -> None:
    def answer(result: Result) -> object:
        return result.article or type(result.error)

    singly = [
        outcome(partial(noisefilter.clean_text, item.text or ""))
        if isinstance(item, Item)
        else outcome(partial(noisefilter.clean, item))
        for item in items
    ]
    for n_jobs, timeout_s in ((1, None), (1, 120), (2, None), (2, 120)):
        results = list(noisefilter.clean_many(items, n_jobs=n_jobs, timeout_s=timeout_s))
        assert [result.index for result in results] == list(range(len(items)))
        assert [answer(result) for result in results] == singly


# Cleaning what is clean.

AUTHORED = (
    *sorted(PAGES.glob("*.html")),
    *sorted(PAGES.glob("*.txt")),
    *sorted((DATA / "faq").glob("*.txt")),
)
KNOWN_TO_LOSE = {
    "press_release_fr.html": "the date under the headline, which the page's metadata do not tell",
    "press_text_pt.txt": "noise that was kept stands out once the noise around it is gone",
}


def lost(article: Article) -> list[str]:
    again = reclean.cleaned_again(article, properties.default_cleaner())
    return [] if again is None else [block.text for block in again.blocks if not block.kept]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=pytest.mark.xfail(reason=f"known miss: {KNOWN_TO_LOSE[path.name]}"))
        if path.name in KNOWN_TO_LOSE
        else path
        for path in AUTHORED
    ],
    ids=[path.relative_to(ROOT).as_posix() for path in AUTHORED],
)
def test_cleaning_a_cleaned_authored_page_removes_nothing(path: Path) -> None:
    article = clean_file(path)
    assert article.text
    assert lost(article) == []


@pytest.mark.parametrize("form", ["as_html", "as_text"])
def test_cleaning_cleaned_lookalikes_removes_nothing(form: str) -> None:
    clean = noisefilter.clean if form == "as_html" else noisefilter.clean_text
    articles = {article.name: clean(getattr(article, form)()) for article in lookalike_articles()}
    assert {name: found for name, article in articles.items() if (found := lost(article))} == {}


def test_cleaning_cleaned_authored_articles_removes_nothing() -> None:
    samples = [*authored_articles("train"), *authored_articles("held_out")]
    assert len(samples) > 50
    for sample in samples:
        article = noisefilter.clean_text("\n\n".join(sample.blocks.text), title=sample.title)
        assert lost(article) == [], sample.key


def test_what_is_removed_again_is_counted() -> None:
    text = f"{SENTENCE}\n\nSign up for our newsletter"
    again = noisefilter.clean_text(text, policy=Policy(threshold=1), drop=["re:^Sign"])
    removed = reclean.Removed()
    removed.add("one", again)
    assert (removed.pages, removed.touched, removed.removed) == (1, 1, 5)
    assert removed.share == 5 / again.signals.words
    assert removed.by_page == {"one": 5}
    assert sum(removed.by_label.values()) == 5
    assert any("of which lost anything" in line for line in reclean.described(removed))


# The properties can fail.

PAGE = f"<title>Ferry</title><h1>Ferry</h1><p>{SENTENCE}<p>{strategies.SENTENCES[1]}<p>Share on Facebook"
TEXT = f"Ferry\n\n{SENTENCE}\n\n{strategies.SENTENCES[1]}\n\nShare on Facebook"


def changed(article: Article, number: int, **values: object) -> Article:
    blocks = list(article.blocks)
    blocks[number] = replace(blocks[number], **values)  # type: ignore[arg-type]
    return replace(article, blocks=tuple(blocks))


def swapped(article: Article) -> Article:
    first, second, *rest = article.blocks
    return replace(article, blocks=(second, first, *rest))


def repeated(article: Article) -> Article:
    return replace(article, blocks=(article.blocks[0], *article.blocks))


def with_html(article: Article) -> Article:
    class Active(Article):
        def html(self) -> str:
            return "<p onclick='go()'>x</p><script>go()</script>"

    return Active(*(getattr(article, name) for name in Article.__match_args__))


BREAKS: dict[str, tuple[str, Callable[[Article], Article]]] = {
    "text not on the page": ("own text", lambda a: changed(a, 1, text="Something else")),
    "blocks out of order": ("own text", swapped),
    "a block twice": ("own text", repeated),
    "a block that is missing": ("own text", lambda a: replace(a, blocks=a.blocks[:-1])),
    "white space": ("page text", lambda a: changed(a, 1, text=a.blocks[1].text.replace(" ", "  "))),
    "text of a dropped block": ("page text", lambda a: replace(a, text=a.text + " and more")),
    "a wrong reason": ("consistent", lambda a: changed(a, 1, reason=Reason.NOISE)),
    "no probability": ("consistent", lambda a: changed(a, 1, noise=float("nan"))),
    "what JSON cannot hold": ("serialised", lambda a: replace(a, title="\ud800")),
    "active content": ("rendered", with_html),
    "another score": ("explained", lambda a: changed(a, 0, noise=1 - a.blocks[0].noise)),
}  # fmt: skip


class Faulty:
    """A cleaner whose first answer, and that alone, is changed; all others are right."""

    def __init__(self, change: Callable[[Article], Article]) -> None:
        self._change: Callable[[Article], Article] | None = change
        self._cleaner = Cleaner()

    def _answer(self, article: Article) -> Article:
        change, self._change = self._change, None
        return article if change is None else change(article)

    def clean(self, *args: object, **kwargs: object) -> Article:
        return self._answer(self._cleaner.clean(*args, **kwargs))  # type: ignore[arg-type]

    def clean_text(self, *args: object, **kwargs: object) -> Article:
        return self._answer(self._cleaner.clean_text(*args, **kwargs))  # type: ignore[arg-type]


def failures(check: Callable[..., list[str]], source: str, change: Callable[[Article], Article]) -> set[str]:
    return {line.partition(":")[0] for line in check(source, cast(Cleaner, Faulty(change)))}


@pytest.mark.parametrize(("name", "change"), BREAKS.values(), ids=BREAKS)
def test_what_is_wrong_with_a_page_is_told(name: str, change: Callable[[Article], Article]) -> None:
    assert check_page(PAGE) == []
    assert name in failures(check_page, PAGE, change)


TEXT_BREAKS: dict[str, tuple[str, Callable[[Article], Article]]] = {
    "shifted": ("offsets", lambda a: changed(a, 1, start=(a.blocks[1].start or 0) + 1)),
    "overlapping": ("offsets", lambda a: changed(a, 1, start=0)),
    "no offsets": ("offsets", lambda a: changed(a, 1, end=None)),
    "a block that is missing": ("offsets", lambda a: replace(a, blocks=a.blocks[:-1])),
    "another text": ("plain text", lambda a: replace(a, text=a.text[1:])),
    "a dropped block that stays": ("plain text", lambda a: changed(a, -1, kept=not a.blocks[-1].kept)),
}


@pytest.mark.parametrize(("name", "change"), TEXT_BREAKS.values(), ids=TEXT_BREAKS)
def test_what_is_wrong_with_a_text_is_told(name: str, change: Callable[[Article], Article]) -> None:
    assert check_text(TEXT) == []
    assert name in failures(check_text, TEXT, change)


def test_errors_that_are_not_ours_are_told() -> None:
    def fail(article: Article) -> Article:
        raise RecursionError("too deep")

    assert failures(check_page, PAGE, fail) == {"raised RecursionError"}
    assert check_page("") == check_text("") == check_page(b"%PDF-1.7") == []


def test_answers_that_differ_are_told() -> None:
    assert "same again" in failures(check_text, TEXT, lambda article: replace(article, language="en"))


def test_rules_and_thresholds_that_do_not_hold_are_told() -> None:
    article = noisefilter.clean(PAGE)
    ignored = list(properties.rules_win(article, lambda **options: article))
    assert any("by pattern" in line for line in ignored)
    answers = iter([article, changed(article, 0, kept=False)] if article.blocks[0].kept else
                   [changed(article, 0, kept=True), article])  # fmt: skip
    fell = list(properties.thresholds_are_ordered(lambda **options: next(answers), (0.1, 0.5)))
    assert any("goes at a higher threshold" in line for line in fell)


def test_bytes_that_give_another_page_are_told() -> None:
    class Deaf(Faulty):
        def clean(self, data: object, **kwargs: object) -> Article:  # type: ignore[override]
            return super().clean("<p>nothing</p>" if isinstance(data, bytes) else data, **kwargs)

    found = {line.partition(":")[0] for line in check_page(PAGE, Deaf(lambda article: article))}  # type: ignore[arg-type]
    assert found == {"str equals bytes"}


def test_blocks_are_compared_without_what_may_be_dropped() -> None:
    assert sources.squeezed("a | b\u200b\xad\n\U000f0000c") == "abc"
