"""The way from labelled pages to a model, on the authored pages: small, but every step of it."""

import dataclasses
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

import noisefilter
from noisefilter.intake import load_page
from noisefilter.limits import Limits
from noisefilter.model import load_model
from training import export, fit, matrix, metrics
from training.injections import injected_samples, read_templates
from training.pages import LABELS, UNLABELLED, Sample, load_samples, text_hash
from training.segment import segment
from training.settings import Settings

PAGES = Path(__file__).parent.parent / "seeds" / "pages"
NAMES = sorted(path.name for path in PAGES.glob("*.html"))


def _squeeze(text: str) -> str:
    return "".join(text.split()).replace("|", "")


def _labels_of(name: str, html: str) -> list[list[object]]:
    """The labels of an authored page in the form of `seeds/labels`, on blocks as `segment` cuts them."""
    lines = (PAGES / f"{name}.labels.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    texts = list(segment(load_page(html, Limits()).tree))
    blocks: list[list[object]] = []
    rest, label = "", ""
    for index, text in enumerate(texts):
        if not rest:
            entry = entries.pop(0)
            rest, label = _squeeze(entry["text"]), entry["label"]
        rest = rest.removeprefix(_squeeze(text))
        blocks.append([index, text_hash(text), label, 0])
    return blocks


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "corpora").mkdir()
    records, labels = [], []
    for name in NAMES:
        html = (PAGES / name).read_text(encoding="utf-8")
        language = name.removesuffix(".html").rpartition("_")[2]
        records.append({"id": name, "dataset": "seeds", "url": f"https://{name}.example/", "html": html})
        blocks = _labels_of(name, html)
        labels.append({"corpus": "seeds", "page": name, "lang": language, "blocks": blocks})
    for path, rows in (
        (folder / "corpora" / "seeds.jsonl.gz", records),
        (folder / "labels.jsonl.gz", labels),
    ):
        with gzip.open(path, "wt", encoding="utf-8") as out:
            out.writelines(json.dumps(row) + "\n" for row in rows)
    return folder


@pytest.fixture(scope="module")
def samples(data: Path) -> list[Sample]:
    found, left_out = load_samples(data / "corpora", data / "labels.jsonl.gz", n_jobs=1)
    assert left_out == []
    return found


def test_labels_are_carried_over_to_the_blocks_of_the_package(samples: list[Sample]) -> None:
    assert len(samples) == len(NAMES)
    for sample in samples:
        lines = (PAGES / f"{sample.key.removeprefix('seeds/')}.labels.jsonl").read_text(encoding="utf-8")
        expected = [json.loads(line)["label"] for line in lines.splitlines()]
        assert [str(LABELS[y]) for y in sample.labels] == expected


def test_a_page_that_is_not_the_labelled_one_is_left_out(data: Path, tmp_path: Path) -> None:
    with gzip.open(data / "corpora" / "seeds.jsonl.gz", "rt", encoding="utf-8") as lines:
        record = json.loads(next(lines))
    record["html"] = record["html"].replace("<p>", "<p>Changed. ")
    with gzip.open(tmp_path / "x.jsonl.gz", "wt", encoding="utf-8") as out:
        out.write(json.dumps(record) + "\n")
    found, left_out = load_samples(tmp_path, data / "labels.jsonl.gz", n_jobs=1)
    assert found == []
    assert len(left_out) == 1
    assert "is not the text that was labelled" in left_out[0]


def test_a_folder_without_corpora_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"training/README\.md"):
        load_samples(tmp_path)


def test_injected_lines_are_new_lines_between_the_articles_own(samples: list[Sample]) -> None:
    made = injected_samples(samples, "train", 1, 1, 1)
    assert made
    by_key = {sample.key: sample for sample in samples}
    for new in made:
        own = by_key[new.key.partition("#")[0]]
        numbers = np.flatnonzero(own.labels == 0)
        content = [own.blocks.text[i] for i in numbers]
        rest = iter(new.blocks.text)
        assert len(new.blocks) == len(new.labels) == len(new.weight)
        kept = [
            text for text, y in zip(new.blocks.text, new.labels, strict=True) if y == 0 and text in content
        ]
        assert all(text in rest for text in kept)
        assert (new.blocks.markup is None) == new.key.endswith("False")


def test_train_and_held_out_templates_share_nothing() -> None:
    train, held_out = read_templates("train"), read_templates("held_out")
    for language, templates in held_out.items():
        for label, lines in templates.lines.items():
            assert not set(lines) & set(train[language].lines[label])
        assert not set(templates.lookalikes) & set(train[language].lookalikes)
        for slot, values in templates.slots.items():
            assert not set(values) & set(train[language].slots[slot]), (language, slot)


@pytest.fixture(scope="module")
def trained(samples: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "small"
    settings = Settings(max_iterations=30, tolerance=1e-2, folds=3, label_folds=3)
    layout = matrix.current_layout()
    design = matrix.build(samples, layout, views=((True, True), (False, False)), labelled_only=False)
    fitted = fit.fit(design, layout, samples, settings)
    export.write(folder, fitted, layout, {"name": "small", "version": "0"})
    return folder


def test_a_trained_model_works_in_the_library(trained: Path) -> None:
    model = load_model(str(trained))
    assert model.name == "small"
    cleaner = noisefilter.Cleaner(trained)
    article = cleaner.clean((PAGES / "news_en.html").read_bytes())
    labels = (PAGES / "news_en.html.labels.jsonl").read_text(encoding="utf-8").splitlines()
    truth = [json.loads(line)["label"] == "content" for line in labels]
    # It was trained on this very page.
    right = [block.kept == content for block, content in zip(article.blocks, truth, strict=True)]
    assert np.mean(right) > 0.9


def test_the_same_weights_give_the_same_bytes(trained: Path) -> None:
    arrays = dict(np.load(trained / "weights.npz", allow_pickle=False))
    assert export.archive(arrays) == (trained / "weights.npz").read_bytes()


def test_unlabelled_rows_can_be_left_out(samples: list[Sample]) -> None:
    sample = dataclasses.replace(samples[0], labels=samples[0].labels.copy())
    sample.labels[0] = UNLABELLED
    layout = matrix.current_layout()
    design = matrix.build([sample], layout, views=((True, True),))
    assert design.x.shape == (len(sample.labels) - 1, layout.width)
    assert UNLABELLED not in design.y


@pytest.mark.parametrize(
    ("loss", "caught"),
    [(0.0, 1 / 3), (0.2, 2 / 3), (0.5, 1.0)],
)
def test_noise_caught_at_a_loss(loss: float, caught: float) -> None:
    noise = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.1])
    junk = np.array([True, False, True, False, True, False])
    words = np.array([1.0, 20, 1, 30, 1, 50])
    assert metrics.caught_at_loss(noise, junk, words, loss) == pytest.approx(caught)


def test_overlap_of_texts() -> None:
    assert metrics.overlap("a b c d e", "a b c d e") == (1.0, 1.0, 1.0)
    assert metrics.overlap("a b c d e", "f g h i j")[2] == 0
    assert metrics.overlap("一二三四五", "一二三四")[:2] == (0.5, 1.0)


def test_share_of_a_block_that_is_kept() -> None:
    output = "one two three four five six"
    runs = metrics.runs_of(output)
    assert metrics.share_kept("Three, four!", metrics.phrase(output), runs) == 1
    assert metrics.share_kept("four five six seven", metrics.phrase(output), runs) == 0.5
    assert metrics.share_kept("seven eight nine", metrics.phrase(output), runs) == 0


def test_calibration_error_of_perfect_and_of_wrong_scores() -> None:
    noise = np.array([0.0] * 50 + [1.0] * 50)
    assert metrics.calibration_error(noise, noise == 1, bins=2) == 0
    assert metrics.calibration_error(1 - noise, noise == 1, bins=2) == 1
