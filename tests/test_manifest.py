"""The manifest of the labelled pages, made and checked on pages written for these tests."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from manifest_helpers import COMMIT, HTML, ORIGINS, OTHER, PAGES, Folder, make_folder, rows, write_lines

from training.download import sha256_of
from training.manifest import MANIFEST, main, read_manifest
from training.origins import read_origins
from training.pages import read_labels


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return make_folder(tmp_path)


def test_a_line_says_where_the_page_is_and_what_it_must_be(folder: Folder) -> None:
    by_page = {entry["page"]: entry for entry in folder.entries()}
    assert list(by_page) == ["x/1", "x/2", "b ü.html", "c.html"]
    assert by_page["x/1"] == {
        "corpus": "one",
        "page": "x/1",
        "repository": "someone/pages",
        "commit": COMMIT,
        "path": "x/html/1.html.gz",
        "pack": "gzip",
        "charset": "utf-8",
        "sha256": sha256_of(HTML),
        "licence": "MIT",
        "url": "https://a.example/",
        "lang": "de",
        "page_type": "forum",
    }
    assert (by_page["b ü.html"]["commit"], by_page["b ü.html"]["path"]) == (OTHER, "old/b ü.html")
    assert by_page["b ü.html"]["charset"] == "cp1252"


def test_what_is_not_known_is_null_with_a_note(folder: Folder) -> None:
    entry = folder.entries()[-1]
    assert (entry["page"], entry["commit"], entry["path"]) == ("c.html", None, None)
    assert entry["candidates"] == ["new/c.html", "old/c.html"]
    assert (entry["note"], entry["charset"]) == ("not looked up", "utf-8")


def test_the_same_data_give_the_same_bytes(folder: Folder) -> None:
    before = (folder.path / "manifest.gz").read_bytes()
    folder.write(PAGES[::-1])
    assert folder.run("make").exit_code == 0
    assert (folder.path / "manifest.gz").read_bytes() == before


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        (PAGES[1:], "not in"),
        ([*PAGES, {**PAGES[0], "html": "<p>another</p>"}], "two versions of one/x/1"),
    ],
)
def test_no_manifest_is_made_of_wrong_corpora(
    folder: Folder, pages: list[dict[str, Any]], message: str
) -> None:
    folder.write(pages)
    before = (folder.path / "manifest.gz").read_bytes()
    result = folder.run("make")
    assert result.exit_code == 1
    assert message in result.output
    assert (folder.path / "manifest.gz").read_bytes() == before


def test_a_corpus_without_origin_is_named(folder: Folder) -> None:
    (folder.path / "origins.json").write_text(json.dumps({"one": ORIGINS["one"]}), encoding="utf-8")
    result = folder.run("make")
    assert result.exit_code == 1
    assert "does not name the corpus two" in result.output


def test_check_counts_right_pages(folder: Folder) -> None:
    result = folder.run("check")
    assert result.exit_code == 0
    assert rows(result.output) == {"one": [2, 0, 0], "two": [2, 0, 0]}


def test_check_counts_differing_and_missing_pages(folder: Folder) -> None:
    folder.write([{**PAGES[0], "html": HTML + " "}, *PAGES[2:]])
    result = folder.run("check")
    assert result.exit_code == 1
    assert rows(result.output) == {"one": [0, 1, 1], "two": [2, 0, 0]}
    assert "differing: one/x/1" in result.output
    assert "missing: one/x/2" in result.output


def test_check_of_a_page_that_is_there_twice_takes_the_wrong_one(folder: Folder) -> None:
    folder.write([{**PAGES[0], "html": "<p>another</p>"}, *PAGES])
    assert rows(folder.run("check").output)["one"] == [1, 1, 0]


def test_check_of_a_folder_without_pages_counts_all_as_missing(folder: Folder) -> None:
    result = folder.run("check", data="empty")
    assert result.exit_code == 1
    assert rows(result.output) == {"one": [0, 0, 2], "two": [0, 0, 2]}


def test_check_says_when_the_labels_have_moved_on(folder: Folder) -> None:
    label = {"corpus": "one", "page": "x/3", "lang": "de", "blocks": []}
    write_lines(folder.path / "labels.gz", [label])
    result = folder.run("check")
    assert result.exit_code == 1
    assert "make it anew: one/x/1" in result.output
    assert "one/x/3" in result.output


def test_a_broken_corpus_is_named(folder: Folder) -> None:
    path = folder.path / "full" / "corpora" / "one.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-9])
    result = folder.run("check")
    assert result.exit_code == 1
    assert "one.jsonl.gz is not a file of page records" in result.output


def test_the_committed_manifest_names_every_labelled_page() -> None:
    entries, origins = read_manifest(), read_origins()
    assert {f"{entry['corpus']}/{entry['page']}" for entry in entries} == read_labels().keys()
    assert MANIFEST.stat().st_size < 300_000
    for entry in entries:
        assert entry["repository"] == origins[entry["corpus"]].repository
        assert len(entry["sha256"]) == 64
        assert (entry["commit"] is None) == (entry["path"] is None) == bool(entry.get("candidates"))
        assert entry["commit"] is None or len(entry["commit"]) == 40
        assert entry["path"] or entry["note"]


def test_the_group_has_the_three_commands() -> None:
    assert isinstance(main, click.Group)
    assert sorted(main.commands) == ["check", "fetch", "make"]
