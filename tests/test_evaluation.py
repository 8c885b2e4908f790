"""The parts of the evaluation: measures, intervals, the plot, authored articles."""

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import noisefilter
from training.articles import authored_articles
from training.compare import Totals, html_figures, measure_gold, measure_page
from training.metrics import (
    calibration_error,
    caught_at_loss,
    interval,
    mean_interval,
    overlap,
    page_interval,
    reliability,
)
from training.pages import Page, Sample, sample_of, text_hash
from training.reliability import write_plot
from training.scored import Scored, by_group, curves, describe, score_page, score_text

PARAGRAPHS = (
    "High water comes twice a day, says the harbour master, who has kept a log for thirty years.",
    "The log shows that the highest tides come a day or two after new moon and full moon.",
    "In March the sea reached the steps of the old customs house, as it had in the winter of 1983.",
    "A gauge at the end of the pier now sends the level to the town hall every ten minutes.",
    "Fishermen still trust the marks that their grandfathers cut into the harbour wall.",
)
HTML = (
    "<html><body><nav><a href='/'>Home</a></nav><article><h1>Tides</h1>"
    + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    + "<p>Sign up for our newsletter</p></article></body></html>"
)
TEXTS = re.findall(r">([^<]{4,})<", HTML)
LABELS = (10, 1, *[0] * len(PARAGRAPHS), 8)


@pytest.fixture(scope="module")
def page() -> Page:
    labels = {i: (text_hash(t), y) for i, (t, y) in enumerate(zip(TEXTS, LABELS, strict=True))}
    return Page("c/1", HTML, "https://e.example/a", "en", " ".join(PARAGRAPHS), labels, "article")


@pytest.fixture(scope="module")
def sample(page: Page) -> Sample:
    return sample_of(page)


def test_caught_at_loss_counts_noise_over_the_threshold_at_which_so_much_is_lost() -> None:
    noise = np.array([0.9, 0.8, 0.7, 0.6])
    junk = np.array([True, False, True, True])
    words = np.array([1.0, 10.0, 1.0, 1.0])
    assert caught_at_loss(noise, junk, words, 0.5) == pytest.approx(1 / 3)
    assert caught_at_loss(noise, junk, words, 1.0) == 1


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_reliability_is_over_all_blocks(pairs: list[tuple[float, bool]]) -> None:
    score, right = np.array([p for p, _ in pairs]), np.array([r for _, r in pairs])
    bins = reliability(score, right)
    assert sum(count for _, _, count in bins) == len(pairs)
    assert 0 <= calibration_error(score, right) <= 1


def test_a_perfect_and_a_useless_score_have_their_calibration_error() -> None:
    right = np.array([True] * 30 + [False] * 30)
    assert calibration_error(right.astype(float), right) == 0
    assert calibration_error(1 - right.astype(float), right, bins=2) == 1


def test_intervals_hold_the_figure() -> None:
    low, high = interval([(1, 2), (2, 2), (0, 2), (1, 2)])
    assert low <= 0.5 <= high
    low, high = mean_interval([0.1, 0.2, 0.3])
    assert 0.1 <= low <= 0.2 <= high <= 0.3
    values = np.array([0.0, 1.0, 1.0, 0.0])
    low, high = page_interval(lambda rows: float(values[rows].mean()), np.array([0, 0, 1, 1]))
    assert low == high == 0.5  # every page has one of each


def test_overlap_of_the_same_text_is_one() -> None:
    assert overlap("one two three four five", "one two three four five") == (1, 1, 1)
    assert overlap("one two three four", "five six seven eight")[2] == 0


def test_a_page_is_compared_with_the_baseline(page: Page, sample: Sample) -> None:
    totals, cleaner = Totals(), noisefilter.Cleaner()
    measure_page(cleaner, page, sample, totals, 0)
    measure_gold(cleaner, page, totals)
    ((kept, every),) = totals.content_kept
    assert kept == pytest.approx(every)
    assert len(totals.gold["article"]) == 2
    lines: list[str] = []
    figures = html_figures(totals, lines.append)
    assert figures["content words kept"] == pytest.approx(1)
    assert any("F1 on gold, article" in line for line in lines)


def test_scored_blocks_give_figures_and_tables(page: Page, sample: Sample) -> None:
    scored, lines = Scored(), list[str]()
    cleaner = noisefilter.Cleaner()
    score_page(cleaner, page, sample, scored, 0)
    score_text(cleaner, sample, scored, 1)
    assert len(scored.noise) == 2 * len(TEXTS)
    figures = describe("both", scored, lines.append)
    assert figures["default: content words lost"] == 0
    assert set(curves(scored)) == {"noise", "label"}
    by_group(scored, scored.language, lines.append)
    assert "too few" in lines[-1]


def test_the_plot_is_svg_with_a_point_for_each_bin(tmp_path: Path) -> None:
    path = tmp_path / "plot.svg"
    points = [(0.1, 0.2, 5), (0.8, 0.9, 5)]
    write_plot(path, {"pages": {"noise": points, "label": points}, "plain text": {"noise": points}})
    root = ElementTree.parse(path).getroot()
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 6


def test_authored_articles_are_all_content_and_parted() -> None:
    train, held_out = authored_articles("train"), authored_articles("held_out")
    assert {sample.language for sample in train} == {sample.language for sample in held_out}
    assert all(not sample.labels.any() and sample.blocks.markup is None for sample in train)
    texts = {text for sample in train for text in sample.blocks.text}
    assert not texts & {text for sample in held_out for text in sample.blocks.text}
