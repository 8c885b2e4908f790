"""The benchmark, on authored pages and without a clock: what it counts and what it prints."""

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import rivals, start, text
from benchmarks.__main__ import PARTS, WITHOUT_PAGES, main
from benchmarks.compare import Tally, compare, count, expected_of, row_of
from benchmarks.data import Bench, TextPage, text_page_of, training_lines
from benchmarks.paragraphs import as_page, as_text, paragraphs
from benchmarks.table import Target, figure, markdown
from benchmarks.timing import Ratio, race, ratio
from benchmarks.tools import BASELINE, Tool, all_tools, blocks_as_lines, guarded, justext_text, optional_tool
from noisefilter import Cleaner, Label, Limits
from noisefilter.blocks.page import cut_page
from noisefilter.blocks.text import cut_text
from noisefilter.intake import load_page
from noisefilter.model import load_model
from training.compare import Totals, measure_page
from training.pages import LABELS, UNLABELLED, Page, Sample, is_dev

PAGES = Path(__file__).parent.parent / "seeds" / "pages"
NAMES = ("news_en.html", "news_de.html", "forum_en.html")
MISSING = "no_such_module_for_noisefilter"


def _page(name: str, host: str | None = None) -> tuple[Page, Sample]:
    html = (PAGES / name).read_text(encoding="utf-8")
    rows = (PAGES / f"{name}.labels.jsonl").read_text(encoding="utf-8").splitlines()
    labels = [LABELS.index(Label(json.loads(row)["label"])) for row in rows]
    blocks, _ = cut_page(load_page(html, Limits()).tree)
    gold = "\n".join(line for line, y in zip(blocks.text, labels, strict=True) if y == 0)
    language = name.removesuffix(".html").rpartition("_")[2]
    kind = "article" if name.startswith("news") else "forum"
    page = Page(name, html, f"https://{name}.example/", language, gold, {}, kind)
    sample = Sample(name, host or name, language, blocks, np.array(labels, dtype=np.int8))
    return page, sample


@pytest.fixture(scope="module")
def pages() -> list[tuple[Page, Sample]]:
    return [_page(name) for name in NAMES]


def test_markdown_table_is_padded_filled_up_and_escaped() -> None:
    assert markdown(("tool", "a"), [["x|y", "1.00"], ["missing"]]) == [
        "| tool    |    a |",
        "|---------|-----:|",
        "| x\\|y    | 1.00 |",
        "| missing |      |",
    ]


@pytest.mark.parametrize(
    ("value", "at_most", "said"),
    [
        (2.0, True, "must ≤ 2: reached, aim ≤ 1.5: MISSED"),
        (1.0, True, "must ≤ 2: reached, aim ≤ 1.5: reached"),
        (1.9, False, "must ≥ 2: MISSED, aim ≥ 1.5: reached"),
    ],
)
def test_a_figure_says_what_it_must_and_should_reach(value: float, at_most: bool, said: str) -> None:
    assert figure("name", value, Target(2, 1.5, at_most)).endswith(said)


def test_a_figure_has_its_interval_and_says_that_nothing_was_set() -> None:
    line = figure("name", Ratio(1.0, 0.9, 1.1, 5))
    assert "1.00 (0.90 to 1.10, 5 rounds)" in line
    assert line.endswith("must, aim: none set")
    assert figure("name", None).endswith("not installed")


def test_ratio_of_rounds() -> None:
    assert ratio([2, 4, 6], [1, 2, 3]) == Ratio(2, 2, 2, 3)
    assert ratio([2, 4, 6], [1, 2, 3]).inverse() == Ratio(0.5, 0.5, 0.5, 3)
    assert ratio([1, 2, 9], [1, 1, 1]).value == 2
    assert ratio([1, 2, 3], [1, 4, 1], paired=False).value == 2
    assert ratio([1, 2, 3], [1, 4, 1]).value == 1
    found = ratio([1, 2, 3], [1, 1, 1])
    assert found.low <= found.value <= found.high


def test_a_race_goes_turn_and_turn_about() -> None:
    calls: list[str] = []
    clock = iter(range(1000))
    times = race(
        {"a": lambda item: calls.append(f"a{item}"), "b": lambda item: calls.append(f"b{item}")},
        [0, 1],
        2,
        lambda: float(next(clock)),
    )
    assert calls == ["a0", "b0", "b1", "a1", "b0", "a0", "a1", "b1"]
    assert times == {"a": [2.0, 2.0], "b": [2.0, 2.0]}


def test_paragraphs_are_distinct_and_become_as_many_blocks() -> None:
    texts = paragraphs(3_000)
    assert len(set(texts)) == 3_000
    assert paragraphs(100) == texts[:100]
    assert paragraphs(100, seed=1) != texts[:100]
    assert cut_text(as_text(texts)).text == texts
    blocks, _ = cut_page(load_page(as_page(texts), Limits()).tree)
    assert blocks.text[1:] == texts


def test_counts_are_those_of_the_evaluation(pages: list[tuple[Page, Sample]]) -> None:
    cleaner, totals, tally = Cleaner(), Totals(), Tally()
    for number, (page, sample) in enumerate(pages):
        measure_page(cleaner, page, sample, totals, number)
        count(cleaner.clean(page.html, url=page.url).text, expected_of(page, sample), tally)
    assert (tally.noise_left, tally.noise) == tuple(np.sum(totals.noise_left, axis=0))
    assert (tally.words_kept, tally.words) == pytest.approx(tuple(np.sum(totals.content_kept, axis=0)))
    assert tally.noise
    assert tally.words
    assert tally.articles == [own for own, _ in totals.gold["article"]]
    others = [own for kind, pairs in totals.gold.items() if kind != "article" for own, _ in pairs]
    assert sorted(tally.others) == sorted(others)


def test_a_row_of_no_pages_holds_dashes() -> None:
    assert row_of("tool", Tally(), 1) == ["tool", "0.0%", "0.0%", "–", "–", "1.00"]


def test_a_missing_tool_is_named_and_the_others_go_on(pages: list[tuple[Page, Sample]]) -> None:
    def never(_: ModuleType, __: Page) -> str:
        raise AssertionError

    missing = optional_tool("Gone", MISSING, never)
    assert missing.extract is None
    lines = list(compare([Tool(BASELINE, lambda page: page.gold), missing], pages, 1))
    (gone,) = [line for line in lines if line.startswith("| Gone")]
    (base,) = [line for line in lines if line.startswith(f"| {BASELINE}")]
    assert "not installed" in gone
    assert "100.0%" in base
    assert "1.00" in base
    assert lines[-1] == "pages with no text: none"


def test_a_tool_that_fails_on_a_page_finds_nothing_there(pages: list[tuple[Page, Sample]]) -> None:
    def fails(_: Page) -> str:
        raise ValueError("cannot read this")

    lines = list(compare([Tool(BASELINE, lambda page: page.gold), Tool("Odd", guarded(fails))], pages, 1))
    assert lines[-1] == f"pages with no text: Odd {len(pages)}"


def test_tools_have_names_of_their_own() -> None:
    names = [tool.name for tool in all_tools()]
    assert len(names) == len(set(names)) == 9
    assert BASELINE in names


def test_justext_takes_the_stop_words_of_the_language() -> None:
    class Paragraph:
        is_boilerplate = False
        text = "kept"

    asked: list[str] = []

    def get_stoplist(language: str) -> frozenset[str]:
        asked.append(language)
        return frozenset()

    module = ModuleType("justext_double")
    module.__dict__["get_stoplist"] = get_stoplist
    module.__dict__["justext"] = lambda html, stoplist: [Paragraph()]
    for language in ("mt", "hu"):
        page = Page("key", "<p>text</p>", None, language, None, {}, "article")
        assert justext_text(module, page) == "kept"
    assert asked == ["English", "Hungarian"]


def test_blocks_of_markup_are_lines() -> None:
    assert blocks_as_lines("<div><p>one <b>two</b></p><p>three</p></div>") == "one two\nthree"
    assert blocks_as_lines(" ") == ""


def test_lines_of_a_page_reach_from_the_first_to_the_last_label(pages: list[tuple[Page, Sample]]) -> None:
    _, sample = _page("news_en.html")
    sample.labels[:2] = sample.labels[-1] = sample.labels[4] = UNLABELLED
    found = text_page_of(sample)
    assert found is not None
    assert found.lines == [" ".join(line.split()) for line in sample.blocks.text[2:-1]]
    assert found.labels[2] == UNLABELLED
    sample.labels[:] = UNLABELLED
    assert text_page_of(sample) is None


def test_rivals_never_train_on_hosts_kept_for_evaluation() -> None:
    hosts = [f"host{number}.example" for number in range(50)]
    kept = next(host for host in hosts if is_dev(host))
    other = next(host for host in hosts if not is_dev(host))
    lines, labels = training_lines([_page("news_en.html", kept)[1]])
    assert (lines, labels) == ([], [])
    _, sample = _page("news_en.html", other)
    sample.labels[0] = UNLABELLED
    lines, labels = training_lines([sample])
    assert len(lines) == len(labels) == len(sample.labels) - 1


def test_scikit_learn_gives_probabilities_of_all_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rivals, "SKLEARN_COLUMNS", 2**10)
    rival = rivals.sklearn_rival(["sign up now", "the harbour was calm", "share this"] * 5, [8, 0, 9] * 5)
    found = rival.probabilities(["share this", "the harbour was calm"])
    assert found.shape == (2, len(LABELS))
    assert found.sum(axis=1) == pytest.approx([1, 1])
    assert found.argmax(axis=1).tolist() == [9, 0]


def test_fasttext_may_be_missing() -> None:
    assert rivals.fasttext_rival(["a line"], [0], module=MISSING) is None


def test_fasttext_gives_probabilities_of_all_labels() -> None:
    pytest.importorskip("fasttext")
    rival = rivals.fasttext_rival(["sign up now", "the harbour was calm"] * 20, [8, 0] * 20)
    assert rival is not None
    found = rival.probabilities(["sign up now", "the harbour was calm"])
    assert found.shape == (2, len(LABELS))
    assert found.argmax(axis=1).tolist() == [8, 0]


def test_decisions_on_lines_are_those_of_the_library(pages: list[tuple[Page, Sample]]) -> None:
    model = load_model()
    for _, sample in pages:
        page = text_page_of(sample)
        assert page is not None
        item = text.prepared(page)
        assert item.blocks.text == page.lines
        blocks = Cleaner().clean_text(item.text).blocks
        decisions = text.decide_lines(model, item.blocks)
        assert [(d.label, d.kept) for d in decisions] == [(b.label, b.kept) for b in blocks]
        found = text.noisefilter_probabilities(model, item.blocks)
        assert found.sum(axis=1) == pytest.approx(np.ones(len(page.lines)), abs=1e-4)
        assert 1 - found[:, 0] == pytest.approx([b.noise for b in blocks], abs=1e-6)


def test_quality_of_perfect_and_of_wrong_probabilities() -> None:
    page = TextPage(["one two", "three", "four", "five"], np.array([0, 8, UNLABELLED, 9], dtype=np.int8))
    perfect = np.eye(len(LABELS))[[0, 8, 3, 9]]
    assert text.quality([perfect], [page]) == text.Quality(1, 1, 1)
    wrong = np.eye(len(LABELS))[[8, 0, 0, 0]]
    assert text.quality([wrong], [page]).label == 0
    assert text.quality([wrong], [page]).caught == 0


def test_size_is_that_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"123")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(b"4567")
    assert start.model_bytes(tmp_path) == 7


@pytest.mark.parametrize("code", [start.OWN, start.BASE])
def test_a_fresh_process_finds_an_article(code: str) -> None:
    start.fresh(code)


def test_the_command_runs_one_part_without_pages() -> None:
    result = CliRunner().invoke(main, ["--part", "size"], catch_exceptions=False)
    assert result.exit_code == 0
    assert "must ≤ 5" in result.output
    assert "aim ≤ 3" in result.output


@pytest.mark.parametrize("part", sorted(set(PARTS) - WITHOUT_PAGES))
def test_the_command_asks_for_pages(part: str) -> None:
    result = CliRunner().invoke(main, ["--part", part])
    assert result.exit_code == 2
    assert "--data" in result.output
    with pytest.raises(ValueError, match="--data"):
        _ = Bench().folder
