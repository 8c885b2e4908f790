"""Training on one's own pages: what `noisefilter clean --with-source` writes is what training reads."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from noisefilter.cli import main
from training.own import own_samples
from training.pages import LABELS, UNLABELLED
from training.train import main as train_main

PAGES = Path(__file__).parent.parent / "seeds" / "pages"


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    inputs = [str(PAGES / "news_en.html"), str(PAGES / "press_text_pt.txt")]
    out = CliRunner().invoke(main, ["clean", "--format", "jsonl", "--with-source", *inputs])
    assert out.exit_code == 0
    path = tmp_path / "own.jsonl"
    path.write_text(out.stdout, encoding="utf-8")
    return path


def change(path: Path, key: str, value: object, block: int | None = None) -> None:
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    entry = json.loads(first)
    if block is None:
        entry[key] = value
    else:
        entry["blocks"][block][key] = value
    path.write_text("\n".join([json.dumps(entry), *rest]) + "\n", encoding="utf-8")


def test_lines_become_samples(lines: Path) -> None:
    page, text = own_samples(lines)
    first = json.loads(lines.read_text(encoding="utf-8").splitlines()[0])
    assert page.blocks.text == [block["text"] for block in first["blocks"]]
    assert [str(LABELS[y]) for y in page.labels] == [block["label"] for block in first["blocks"]]
    assert page.blocks.markup is not None
    assert any(page.blocks.markup.kept)
    assert page.title == first["title"]
    assert text.blocks.markup is None
    assert text.title is None  # what the model took for the title must not tell it again


def test_corrected_labels_count_and_null_leaves_a_block_out(lines: Path) -> None:
    change(lines, "label", "spam", block=3)
    change(lines, "label", None, block=4)
    page, _ = own_samples(lines)
    assert LABELS[page.labels[3]] == "spam"
    assert page.labels[4] == UNLABELLED


@pytest.mark.parametrize(
    ("key", "value", "block", "message"),
    [
        ("label", "junk", 0, "'junk' is not a valid Label"),
        ("text", "other text", 0, "its blocks are not those of its input"),
        ("input", {"type": "pdf", "content": "x"}, None, "neither html nor text"),
        ("input", {"type": "html"}, None, "it has no 'content'"),
        ("input", {"type": "html", "content": " "}, None, "the page is empty"),
    ],
)
def test_a_wrong_line_is_named(lines: Path, key: str, value: object, block: int | None, message: str) -> None:
    change(lines, key, value, block)
    with pytest.raises(ValueError, match="line 1: .*" + message):
        own_samples(lines)


def test_nothing_to_train_on_is_said(tmp_path: Path, lines: Path) -> None:
    only_text = tmp_path / "text.jsonl"
    only_text.write_text(lines.read_text(encoding="utf-8").splitlines()[1] + "\n", encoding="utf-8")
    result = CliRunner().invoke(train_main, ["--own", str(only_text), "--out", str(tmp_path / "m")])
    assert result.exit_code == 1
    assert "no page to train on" in result.output
    assert not (tmp_path / "m").exists()
