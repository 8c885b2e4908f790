"""The fuzzer: it finds what is planted, keeps it small, and finds nothing else."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

import planted
import pytest
import strategies
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from noisefilter import Article, Cleaner, Kind, Label, Policy, Reason, clean, clean_text
from noisefilter.cleaner import HtmlInput
from tools.fuzz import __main__ as command
from tools.fuzz import guided, properties, reclean, sources
from tools.fuzz.check import Case, Failure, check_case
from tools.fuzz.corpus import LARGEST_BYTES, Cases, Mutated, authored, pages_of
from tools.fuzz.keeping import ALIKE, Keeper
from tools.fuzz.minimising import minimised
from tools.fuzz.mutations import MOST_BYTES, MUTATIONS, mutated
from tools.fuzz.properties import check_page, check_text
from tools.fuzz.running import Checker, Tally
from tools.fuzz.running import run as run_cases
from training.pages import Page

FOLDER = Path(__file__).parent / "data" / "regressions"
PAGES = sorted(FOLDER.glob("*.html"))
TEXTS = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_that_failed_once(path: Path) -> None:
    data = path.read_bytes()
    assert check_page(data) == []
    assert check_page(html.document_fromstring(data)) == []
    if (tree := as_xml(data)) is not None:
        assert check_page(tree) == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_texts_that_failed_once(path: Path) -> None:
    assert check_text(path.read_bytes().decode("utf-8", "surrogateescape")) == []


def as_xml(page: bytes) -> etree._Element | None:
    return etree.fromstring(page, etree.XMLParser(recover=True))


@pytest.mark.parametrize(
    ("name", "read"),
    [
        *((path.name, bytes) for path in PAGES if "never_closed" in path.name),
        ("button_never_closed.html", as_xml),
        ("meta_never_closed.html", as_xml),
    ],
)
def test_the_article_in_what_is_never_closed_is_read(name: str, read: Callable[[bytes], HtmlInput]) -> None:
    blocks = clean(read((FOLDER / name).read_bytes())).blocks[-6:]
    # The last resort brings the paragraphs back without any repair, but never the headline.
    assert (blocks[0].kind, blocks[0].text) == (Kind.HEADING, "The ferry without a timetable")
    assert [(block.text[:10], block.kept) for block in blocks[1:]] == [
        ("The ferry ", True), ("Old Marit ", True), ("A student ", True), ("Nobody has", True),
        ("Until then", True),
    ]  # fmt: skip


def test_the_blank_behind_an_order_mark_is_no_part_of_the_block() -> None:
    first, second = clean_text((FOLDER / "order_mark_amid_text.txt").read_text(encoding="utf-8")).blocks
    assert first.text == second.text


# The command.


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(command.main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_some_dozens_of_cases_are_clean(tmp_path: Path) -> None:
    code, output = run("--cases", "48", "--seed", "5", "--out", str(tmp_path / "out"))
    assert (code, (tmp_path / "out").exists()) == (0, False), output
    assert "48 cases in " in output
    assert "truncate" in output


def test_a_planted_bug_is_found_made_small_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "check_item", planted.check_item)
    kept = []
    for name in ("one", "two"):  # the same seed finds the same
        out = tmp_path / name
        code, output = run("--cases", "60", "--seed", "2", "--out", str(out))
        assert code == 1
        assert "planted" in output
        kept.append({path.name: path.read_bytes() for path in out.iterdir() if path.suffix != ".json"})
        about = json.loads(next(out.glob("*.json")).read_text(encoding="utf-8"))
        assert (about["property"], about["seed"]) == ("planted", 2)
        assert about["again"] == f"python -m tools.fuzz --seed 2 --first {about['case']} --cases 1"
        assert about["bytes_before"] > len(planted.BUG)
    assert kept[0] == kept[1]
    assert set(kept[0].values()) == {planted.BUG}
    files = [str(tmp_path / "one" / name) for name in kept[0]]
    code, output = run(*files)
    assert (code, output.count(": planted: a paragraph")) == (1, len(files))
    monkeypatch.undo()  # the bug is mended
    code, output = run(*files)
    assert (code, output.splitlines()) == (0, [f"{file}: held" for file in files])


def test_kept_cases_that_still_fail_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "check_item", planted.check_item)
    path = tmp_path / "case.html"
    path.write_bytes(b"<b>a</b>" + planted.BUG)
    code, output = run(str(path))
    assert code == 1
    assert f"{path}: planted: a paragraph" in output


def test_seconds_bound_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "check_item", planted.check_item)
    code, output = run("--seconds", "0.3", "--seed", "3", "--out", str(tmp_path / "out"))
    assert code in (0, 1)
    assert " cases in " in output


def test_a_folder_of_pages_is_taken(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(b"<p>only this</p>")
    assert [case.data for case in Cases(1, tmp_path).real] == [b"<p>only this</p>"]
    (tmp_path / "page.html").unlink()
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(FileNotFoundError, match="no corpora"):
        Cases(1, tmp_path)


def test_where_there_are_corpora_nothing_else_is_taken(tmp_path: Path) -> None:
    (tmp_path / "licence.txt").write_bytes(b"No page.")
    (tmp_path / "corpora").mkdir()
    with gzip.open(tmp_path / "corpora" / "own.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"id": "1", "html": "<p>High water</p>"}) + "\n")
    assert [case.data for case in pages_of(tmp_path, Random(1))] == [b"<p>High water</p>"]


def test_pages_are_drawn_by_the_seed(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number}.html").write_bytes(b"<p>%d" % number)
    (tmp_path / "large.html").write_bytes(b"x" * (LARGEST_BYTES + 1))
    one, again, other = (pages_of(tmp_path, Random(seed), 10) for seed in (1, 1, 2))
    assert one == again != other
    assert len(set(one)) == 10
    assert all(len(case.data) < LARGEST_BYTES for case in pages_of(tmp_path, Random(1)))
    made, same, differ = ([Cases(seed, tmp_path)[n] for n in range(20)] for seed in (1, 1, 2))
    assert made == same != differ


@pytest.mark.parametrize(("data", "name"), [(planted.HANG, "hang"), (planted.CRASH, "crash")])
def test_hangs_and_crashes_are_failures_and_the_run_goes_on(tmp_path: Path, data: bytes, name: str) -> None:
    case = Case(b"<b>a</b>\n" + data, False)
    with Checker(deadline_s=0.5, work=planted.check_item) as checker:
        found = checker.check(case)
        assert isinstance(found, Failure)
        assert found.name == name
        path = Keeper(tmp_path, checker, 1, None).keep(Mutated(7, case, ("nest",)), found)
        assert path is not None
        assert path.name.startswith(f"{name}-")
        assert path.read_bytes() == data
        assert checker.check(Case(b"<b>a</b>", False)) == "held"


def test_a_run_goes_on_behind_a_hang_and_a_crash() -> None:
    data = (b"a", planted.HANG, b"b", planted.CRASH, b"c", planted.BUG, b"d")
    cases = [Mutated(number, Case(one, False), ("nest",)) for number, one in enumerate(data)]
    tally = Tally()
    with Checker(2, 0.5, planted.check_item) as checker:
        found = list(run_cases(checker, cases))
    for mutated_case, result in found:
        tally.add(mutated_case, result)
    assert [mutated_case for mutated_case, _ in found] == cases
    assert [result if isinstance(result, str) else result.name for _, result in found] == [
        "held", "hang", "held", "crash", "held", "planted", "held",
    ]  # fmt: skip
    assert (tally.cases, tally.results["failed"], tally.failed["nest"]) == (7, 3, 3)


def test_the_command_to_make_a_case_again_can_be_pasted(tmp_path: Path) -> None:
    with Checker(work=planted.check_item) as checker:
        case = Case(planted.BUG, False)
        failure = Failure("planted", "AssertionError", "a paragraph")
        path = Keeper(tmp_path, checker, 1, Path("my pages")).keep(Mutated(0, case, ()), failure)
    assert path is not None
    about = json.loads(path.with_name(path.name + ".json").read_text(encoding="utf-8"))
    assert "--data 'my pages' --first" in about["again"]


def test_few_of_a_kind_are_kept(tmp_path: Path) -> None:
    with Checker(work=planted.check_item) as checker:
        keeper = Keeper(tmp_path, checker, 1, None)
        for number in range(ALIKE + 2):
            case = Case(planted.BUG + str(number).encode(), False)
            kept = keeper.keep(Mutated(number, case, ()), Failure("planted", "AssertionError", "a paragraph"))
            assert (kept is None) is (number >= ALIKE)


# Its parts.


def test_cases_hang_on_seed_and_number_alone() -> None:
    first, second = Cases(1), Cases(1)
    assert [first[n] for n in range(20)] == [second[n] for n in reversed(range(20))][::-1]
    assert [first[n] for n in range(20)] != [Cases(2)[n] for n in range(20)]


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutations_take_anything_and_change_something(name: str) -> None:
    page = next(case.data for case in authored() if not case.is_text)
    changed = 0
    for seed in range(20):
        for data in (page, b"", b"a", "é".encode(), b"<p>&amp;</p>"):
            found = MUTATIONS[name](Random(seed), data, page)
            assert isinstance(found, bytes)
            assert found == MUTATIONS[name](Random(seed), data, page)
            changed += found != data
    assert changed >= 15


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(MUTATIONS)),
    st.binary(max_size=200) | strategies.encoded_pages(),
    st.binary(max_size=200),
    st.integers(0, 1 << 32),
)
def test_mutations_never_fail(name: str, data: bytes, other: bytes, seed: int) -> None:
    found = MUTATIONS[name](Random(seed), data, other)
    assert len(found) <= 4 * (len(data) + len(other)) + 500_000  # 4 times 40 of the longest token
    assert len(mutated(Random(seed), data, other)[0]) <= MOST_BYTES


def test_mutated_pages_are_bounded() -> None:
    for seed in range(30):
        data, names = mutated(Random(seed), b"<p>word</p>\n" * 5_000, b"<b>x</b>")
        assert len(data) <= MOST_BYTES
        assert names


def test_minimising_takes_lines_and_then_bytes() -> None:
    def fails(data: bytes) -> bool:
        return b"x" in data and b"y" in data

    assert minimised(b"one\ntwo x three\nfour\nfive y\n" * 20, fails) in (b"xy", b"yx")
    assert minimised(b"ab", lambda data: True) == b""
    assert minimised(b"abc\n" * 50, lambda data: data.count(b"a") >= 50, most_tries=5) == b"abc\n" * 50


def test_without_atheris_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = CliRunner().invoke(guided.main, ["--seconds", "1"])
    assert result.exit_code == 2
    assert "pip install atheris" in result.output


# Failures are told apart.


class Failing(Cleaner):
    """Raises an error at one of two places, which says what the input was."""

    def clean(self, html: HtmlInput, **options: object) -> Article:
        assert isinstance(html, bytes)
        raise_here = self._one if b"1" in html else self._two
        raise_here(f"{html!r} \ud800 \x1b[2J")
        raise AssertionError

    def _one(self, message: str) -> None:
        raise ValueError(message)

    def _two(self, message: str) -> None:
        raise ValueError(message)


def failure_of(cleaner: Cleaner, data: bytes) -> Failure:
    found = check_case(cleaner, Case(data, False))
    assert isinstance(found, Failure)
    return found


def test_errors_are_told_apart_by_their_place_not_by_the_input() -> None:
    one, again, other = (failure_of(Failing(), data) for data in (b"<p>1", b"<p>1 it's", b"<p>2"))
    assert one.name == "raised_ValueError"
    assert one.kind == again.kind != other.kind
    assert "test_fuzz.py" in one.message and "_one" in one.message
    assert one.message.isprintable()  # a terminal shows it


def test_what_fails_in_a_property_is_told_by_it() -> None:
    class Missing(Cleaner):
        def clean(self, html: HtmlInput, **options: object) -> Article:
            article = super().clean(html, **options)  # type: ignore[arg-type]
            return replace(article, blocks=article.blocks[:-1])

    one, other = (failure_of(Missing(), b"<p>High water comes.<p>" + word) for word in (b"Ebb.", b"Flood 3."))
    assert one.name == "own_text"
    assert one.kind == other.kind
    assert "Ebb." in one.message


# What else the properties tell (most of it: test_properties.py).

SENTENCE = strategies.SENTENCES[0]
PAGE = f"<h1>Ferry</h1><p>{SENTENCE}</p><p>{strategies.SENTENCES[1]}</p><p>Share on Facebook</p>"
TEXT = f"Ferry\n\n{SENTENCE}\n\n{strategies.SENTENCES[1]}"


def changed(article: Article, number: int, **values: object) -> Article:
    blocks = list(article.blocks)
    blocks[number] = replace(blocks[number], **values)  # type: ignore[arg-type]
    return replace(article, blocks=tuple(blocks))


def with_more(article: Article, text: str) -> Article:
    return replace(article, blocks=(*article.blocks, replace(article.blocks[1], text=text)))


def all_kept(article: Article) -> Article:
    return replace(article, blocks=tuple(replace(block, kept=True) for block in article.blocks))


def with_signals(article: Article, **values: int) -> Article:
    return replace(article, signals=replace(article.signals, **values))


ON_PAGE = partial(sources.own_text, PAGE)
IN_TEXT = partial(sources.offsets, TEXT)
TEXT_OF = partial(sources.plain_text, TEXT)


@pytest.mark.parametrize(
    ("holds", "change", "told"),
    [
        (ON_PAGE, lambda a: with_more(a, "Nobody wrote it."), "is not on the page"),
        (ON_PAGE, lambda a: with_more(a, SENTENCE), "is there once more"),
        (sources.page_text, lambda a: changed(a, 0, start=1), "has offsets"),
        (sources.page_text, lambda a: changed(a, 0, text=""), "is empty"),
        (properties.consistent, lambda a: replace(a, quality=1.5), "quality is 1.5"),
        (properties.consistent, lambda a: with_signals(a, blocks_kept=99), "signals count 99"),
        (properties.consistent, lambda a: with_signals(a, words_kept=999), "words kept"),
        (
            properties.consistent,
            lambda a: changed(a, 0, kept=False, reason=Reason.NOISE, label=Label.CONTENT),
            "dropped as content",
        ),
    ],
)
def test_what_is_wrong_with_a_page_is_told(
    holds: Callable[[Article], sources.Failures], change: Callable[[Article], Article], told: str
) -> None:
    article = clean(PAGE)
    assert list(holds(article)) == []
    assert any(told in failure for failure in holds(change(article)))


@pytest.mark.parametrize(
    ("holds", "change", "told"),
    [
        (IN_TEXT, lambda a: replace(a, blocks=(a.blocks[0], a.blocks[2])), "text before block 1"),
        (IN_TEXT, lambda a: changed(a, 0, text="Storm"), "is not what stands at"),
        (TEXT_OF, lambda a: replace(a, text=a.text + "!"), "more than the kept blocks"),
        (TEXT_OF, all_kept, "all was kept, and the text is not the source"),
    ],
)
def test_what_is_wrong_with_a_text_is_told(
    holds: Callable[[Article], sources.Failures], change: Callable[[Article], Article], told: str
) -> None:
    article = clean_text(TEXT)
    assert list(holds(article)) == []
    assert any(told in failure for failure in holds(change(article)))


def test_rules_for_labels_that_are_not_kept_to_are_told() -> None:
    article = clean(PAGE)
    noise = next(block for block in article.blocks if block.label is not Label.CONTENT)

    def deaf(**rules: tuple[str, ...]) -> Article:
        blocks = tuple(replace(block, kept="keep" not in rules) for block in article.blocks)
        return replace(article, blocks=blocks)

    told = list(properties.rules_win(article, deaf))
    assert any(f"is {noise.label}, to be kept, and is" in line for line in told)
    assert any(f"is {noise.label}, to be dropped, and is" in line for line in told)


def test_scores_that_hang_on_the_threshold_are_told() -> None:
    def call(policy: Policy) -> Article:
        return changed(clean(PAGE), 0, noise=policy.threshold)

    assert any("has another score" in line for line in properties.thresholds_are_ordered(call))


@pytest.mark.parametrize(("text", "code"), [(TEXT, 0), (TEXT + "\n\nSign up for our newsletter", 1)])
def test_too_much_that_is_removed_again_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, code: int
) -> None:
    page = Page("own/1", PAGE, None, "en", None, {}, "article")
    again = clean_text(text, policy=Policy(threshold=1), drop=("re:^Sign",))
    monkeypatch.setattr(reclean, "dev_pages", lambda data, labelled: [page])
    monkeypatch.setattr(reclean, "cleaned_again", lambda article, cleaner: again)
    result = CliRunner().invoke(reclean.main, ["--data", str(tmp_path)])
    assert result.exit_code == code, result.output
