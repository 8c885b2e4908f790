"""The page's files: they agree with the library and need nothing from elsewhere."""

import json
import re
from enum import StrEnum
from pathlib import Path

import pytest

import noisefilter
from noisefilter.labels import PRESETS, Flag, Label, Reason
from noisefilter.service.about import MEANINGS

PAGE = Path(noisefilter.__file__).parent / "service" / "page"
SEEDS = Path(__file__).parents[1] / "seeds" / "pages"
WORDS = (PAGE / "words.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "words"), [("LABELS", Label), ("REASONS", Reason), ("FLAGS", Flag), ("POLICIES", PRESETS)]
)
def test_words_are_those_of_the_library(name: str, words: type[StrEnum] | tuple[str, ...]) -> None:
    found = re.search(rf"{name} = {{(.*?)\n}};", WORDS, re.DOTALL)
    assert found is not None
    assert re.findall(r"^  (\w+):", found[1], re.MULTILINE) == [str(word) for word in words]


def test_labels_mean_what_the_api_says() -> None:
    found = re.search(r"LABELS = {(.*?)\n};", WORDS, re.DOTALL)
    assert found is not None
    assert re.findall(r'^  \w+: "(.*)",$', found[1], re.MULTILINE) == list(MEANINGS.values())


def test_every_label_has_a_colour() -> None:
    style = (PAGE / "article.css").read_text(encoding="utf-8")
    for label in Label:
        assert f'[data-label="{label}"] {{ --' in style


def test_examples_are_the_authored_pages() -> None:
    listed = json.loads((PAGE / "examples" / "index.json").read_text(encoding="utf-8"))
    files = {entry["file"] for entry in listed}
    assert files | {"index.json"} == {path.name for path in (PAGE / "examples").iterdir()}
    for name in files:
        assert (PAGE / "examples" / name).read_bytes() == (SEEDS / name).read_bytes()


@pytest.mark.parametrize("file", sorted(PAGE.glob("*.*")), ids=lambda path: path.name)
def test_nothing_from_elsewhere_and_nothing_inline(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    urls = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", re.sub(r"(?m)^\s*//.*|\s// .*", "", text)))
    assert urls <= {"http://www.w3.org", "https://example.com"}
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )
    if file.suffix == ".html":
        assert not re.search(r"<style|\bstyle=|\son\w+=|<script(?![^>]*\bsrc=)", text)
