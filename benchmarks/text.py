"""Plain text: how fast lines become decisions, and how right they are, against other classifiers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import Bench, TextPage
from benchmarks.rivals import Rival, fasttext_rival, sklearn_rival
from benchmarks.table import NOT_INSTALLED, Target, figure, markdown
from benchmarks.timing import race, ratio
from noisefilter import Cleaner, Policy, features
from noisefilter.blocks import Blocks
from noisefilter.labels import Kind
from noisefilter.model import Model, Scores, load_model
from noisefilter.policy import Decision, Judged, decide, is_long, labels_from, rules_of, threshold_of
from training.metrics import caught_at_loss, words
from training.pages import UNLABELLED

FASTER = Target(must=5, aim=12, at_most=False)
ROUNDS = 7
LOSS = 0.005
NOISEFILTER, WHOLE = "noisefilter", "clean_text"
_POLICY, _NO_RULES = Policy(), rules_of((), "keep")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page of lines in the forms that the runs take; making them is not timed."""

    page: TextPage
    blocks: Blocks
    text: str


@dataclass(frozen=True, slots=True)
class Quality:
    """How right a classifier is on labelled lines.

    Attributes:
        caught: share of noise lines over the threshold at which `LOSS` of the content words are lost.
        label: share of all lines whose most probable label is the right one.
        noise_label: of noise lines, the same among the labels of noise.
    """

    caught: float
    label: float
    noise_label: float


def prepared(page: TextPage) -> Prepared:
    """Makes a page's lines into blocks one to one; `clean_text` leaves lines out that hold nothing to see."""
    n = len(page.lines)
    return Prepared(page, Blocks(page.lines, [Kind.PARAGRAPH] * n, [0] * n), "\n\n".join(page.lines))


def score_lines(model: Model, blocks: Blocks) -> tuple[features.Features, Scores]:
    """Features and scores of lines."""
    found = features.extract(blocks)
    return found, model.score(found, False)


def decide_lines(model: Model, blocks: Blocks) -> list[Decision]:
    """All that noisefilter does between the cutting of a text and its assembly."""
    found = features.extract(blocks)
    own, recovery = model.thresholds(False, _POLICY.name)
    threshold = threshold_of(own, _POLICY, found.words, False, is_long(blocks.text))
    scores = model.score(found, False, labels_from(threshold, recovery, None, _NO_RULES, _NO_RULES))
    judged = Judged(blocks.text, found.words, scores.noise, scores.label, None)
    return decide(judged, _POLICY, threshold, recovery, _NO_RULES, _NO_RULES)


def noisefilter_probabilities(model: Model, blocks: Blocks) -> NDArray[np.float64]:
    """Probabilities of all labels, shape (n_lines, 16)."""
    _, scores = score_lines(model, blocks)
    out = np.asarray(scores.label, dtype=np.float64) * scores.noise[:, None]
    out[:, 0] = 1 - scores.noise
    return out


def quality(found: list[NDArray[np.float64]], pages: list[TextPage]) -> Quality:
    """Measures probabilities on the labelled lines of pages.

    Args:
        found: for each page, shape (n_lines, 16).
        pages: the pages.
    """
    labels = np.concatenate([page.labels for page in pages])
    lines = [line for page in pages for line in page.lines]
    known = labels != UNLABELLED
    said, truth = np.concatenate(found)[known], labels[known]
    counts = np.array([len(words(line)) for line in lines], dtype=np.float64)[known]
    junk = truth != 0
    return Quality(
        caught_at_loss(1 - said[:, 0], junk, counts, LOSS),
        float((said.argmax(axis=1) == truth).mean()),
        float((said[junk, 1:].argmax(axis=1) + 1 == truth[junk]).mean()),
    )


class Contest:
    """Both text parts: the same lines, the same trained rivals, one race."""

    def __init__(self, bench: Bench) -> None:
        self.items = [prepared(page) for page in bench.text_pages]
        self.model = load_model()
        lines, labels = bench.training
        self.trained_on = len(lines)
        self.sklearn = sklearn_rival(lines, labels)
        self.fasttext = fasttext_rival(lines, labels)
        self.rivals: list[Rival] = [self.sklearn, *([self.fasttext] if self.fasttext else [])]
        cleaner = Cleaner()
        self.times = race(
            {
                NOISEFILTER: lambda item: decide_lines(self.model, item.blocks),
                WHOLE: lambda item: cleaner.clean_text(item.text),
                **{rival.name: _timed(rival) for rival in self.rivals},
            },
            self.items,
            bench.rounds(ROUNDS),
        )

    def speed(self) -> Iterator[str]:
        """How many times faster than scikit-learn."""
        count = sum(len(item.page.lines) for item in self.items)
        yield (
            f"{len(self.items)} pages, {count} lines; scikit-learn: HashingVectorizer(char_wb, 2 to 4) and "
            f"LogisticRegression.predict_proba, trained on {self.trained_on} lines"
        )
        base = self.times[self.sklearn.name]
        yield figure(
            "blocks to decisions, times faster than scikit-learn",
            ratio(self.times[NOISEFILTER], base).inverse(),
            FASTER,
        )
        yield figure(
            "whole clean_text, times faster than scikit-learn", ratio(self.times[WHOLE], base).inverse()
        )

    def table(self) -> Iterator[str]:
        """Noise caught, right labels and CPU of all classifiers on the same lines."""
        pages = [item.page for item in self.items]
        rows = []
        own = [noisefilter_probabilities(self.model, item.blocks) for item in self.items]
        found = {NOISEFILTER: own}
        for rival in self.rivals:
            found[rival.name] = [rival.probabilities(page.lines) for page in pages]
        for name, probabilities in found.items():
            got = quality(probabilities, pages)
            share = ratio(self.times[name], self.times[NOISEFILTER]).value
            rows.append(
                [name, f"{got.caught:.1%}", f"{got.label:.1%}", f"{got.noise_label:.1%}", f"{share:.2f}"]
            )
        if self.fasttext is None:
            rows.append(["fastText", NOT_INSTALLED])
        head = ["lines of text", f"noise caught at {LOSS:.1%} of content words lost"]
        head += ["right label", "right label of noise lines", "CPU against noisefilter"]
        yield from markdown(head, rows)
        yield "must, aim: none set"


def _timed(rival: Rival) -> Callable[[Prepared], object]:
    return lambda item: rival.run(item.page.lines)
