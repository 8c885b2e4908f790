"""The fuzzer: it finds what is planted, keeps it small, and finds nothing else."""

import json
from pathlib import Path
from random import Random

import planted
import pytest
from click.testing import CliRunner
from lxml import etree, html

from noisefilter import clean
from tools.fuzz import __main__ as command
from tools.fuzz import guided
from tools.fuzz.check import Case, Failure
from tools.fuzz.corpus import Cases, Mutated, authored
from tools.fuzz.keeping import ALIKE, Keeper
from tools.fuzz.minimising import minimised
from tools.fuzz.mutations import MOST_BYTES, MUTATIONS, mutated
from tools.fuzz.properties import check_page, check_text
from tools.fuzz.running import Checker

FOLDER = Path(__file__).parent / "data" / "regressions"
PAGES = sorted(FOLDER.glob("*.html"))
TEXTS = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_that_failed_once(path: Path) -> None:
    data = path.read_bytes()
    assert check_page(data) == []
    assert check_page(html.document_fromstring(data)) == []
    parser = etree.XMLParser(recover=True)
    assert check_page(etree.fromstring(data, parser)) == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_texts_that_failed_once(path: Path) -> None:
    assert check_text(path.read_bytes().decode("utf-8", "surrogateescape")) == []


@pytest.mark.parametrize("name", [path.name for path in PAGES if "never_closed" in path.name])
def test_the_article_in_what_is_never_closed_is_kept(name: str) -> None:
    article = clean((FOLDER / name).read_bytes())
    assert [block.text[:10] for block in article.blocks if block.kept and block.text[0] != "©"][-5:] == [
        "The ferry ", "Old Marit ", "A student ", "Nobody has", "Until then",
    ]  # fmt: skip


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
    monkeypatch.undo()
    code, output = run(*(str(tmp_path / "one" / name) for name in kept[0]))
    assert (code, len(output.splitlines())) == (0, len(kept[0]))


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
    with pytest.raises(FileNotFoundError, match="no corpora"):
        Cases(1, tmp_path)


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
        assert checker.check(Case(b"<b>a</b>", False)) == "article"


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
