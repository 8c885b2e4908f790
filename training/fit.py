"""Fits the model: both passes, labels, calibration and thresholds, all on training hosts alone."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from noisefilter.features.sequence import sequence_columns
from training.matrix import CONTENT, Design, Layout
from training.metrics import calibration_error, caught_at_loss
from training.pages import LABELS, UNLABELLED, Sample, host_share

FOLDS = 5

_LOST = {
    "text": {"precision": 0.015, "balanced": 0.005, "recall": 0.001},
    "page": {"precision": 0.02, "balanced": 0.005, "recall": 0.002},
}
_PUT_BACK = {"precision": 0.0005, "balanced": 0.004, "recall": 0.012}


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the fit; how the values were found is in docs/evaluation.md.

    Attributes:
        c_noise: inverse regularisation of the first pass.
        c_labels: inverse regularisation of the labels.
        tolerance: of the optimiser.
        max_iterations: of the optimiser.
        hashed_scale: factor of the hashed part, for text and for pages.
        words_per_weight: a content block weighs its words divided by this, within `weight_bounds`, against
            1 for a noise block: what counts is words lost and blocks left.
        weight_bounds: see there.
        rounds: articles with injected lines a page, as plain text.
        marked_rounds: the same with the page's markup.
        min_per_language: a language with fewer pages than this uses them more often.
        lost: share of content words that a policy may lose, by kind of input and policy; sets the
            thresholds. On pages it is counted against what Trafilatura kept, what is put back left out.
        put_back: share of a page's noise blocks that may be put back with the content that Trafilatura left
            out, by policy.
    """

    c_noise: float = 0.1
    c_labels: float = 0.3
    tolerance: float = 1e-4
    max_iterations: int = 400
    hashed_scale: tuple[float, float] = (1.0, 1.0)
    words_per_weight: float = 10.0
    weight_bounds: tuple[float, float] = (0.3, 8.0)
    rounds: int = 3
    marked_rounds: int = 2
    min_per_language: int = 12
    lost: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: _LOST)
    put_back: Mapping[str, float] = field(default_factory=lambda: _PUT_BACK)


@dataclass(slots=True)
class Fitted:
    """What training found, as arrays in the layout of `Design`.

    Attributes:
        coefficients: shape (16, n_columns); row 0 is noise against content.
        sequence: weights of the second pass with the bias last, by "text" and "page".
        temperature: by "text" and "page".
        thresholds: by "text" and "page", then policy, then "threshold" and "recovery".
        metrics: by "text" and "page": figures out of fold, on training hosts.
    """

    coefficients: NDArray[np.float64]
    sequence: dict[str, NDArray[np.float64]]
    temperature: dict[str, float]
    thresholds: dict[str, dict[str, dict[str, float]]]
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)


def fold_of(sample: Sample) -> int:
    """The fold of a sample, by its host."""
    return int(host_share("fold " + sample.host) * FOLDS)


def row_weights(design: Design, samples: Sequence[Sample], settings: Settings) -> NDArray[np.float64]:
    """Weight of each row, see `Settings`."""
    low, high = settings.weight_bounds
    content = design.y == CONTENT
    weights = np.where(content, np.clip(design.words / settings.words_per_weight, low, high), 1.0)
    start = np.cumsum([0, *(len(sample.weight) for sample in samples)])
    weights *= np.concatenate([sample.weight for sample in samples])[start[design.sample] + design.block]
    return np.asarray(weights)


def fit_noise(
    x: sparse.csr_matrix, y: NDArray[np.bool_], weights: NDArray[np.float64], settings: Settings
) -> LogisticRegression:
    """Fits noise against content."""
    model = LogisticRegression(C=settings.c_noise, max_iter=settings.max_iterations, tol=settings.tolerance)
    return model.fit(x, y, sample_weight=weights)


def fit_labels(
    x: sparse.csr_matrix, y: NDArray[np.int8], weights: NDArray[np.float64], settings: Settings
) -> LogisticRegression:
    """Fits the labels of noise against each other."""
    model = LogisticRegression(
        C=settings.c_labels, max_iter=settings.max_iterations, tol=settings.tolerance * 10
    )
    return model.fit(x, y, sample_weight=weights)


def out_of_fold(
    design: Design, samples: Sequence[Sample], weights: NDArray[np.float64], settings: Settings
) -> NDArray[np.float32]:
    """First-pass log-odds of every row from a model that never saw its host, shape (n_rows,)."""
    fold = np.array([fold_of(sample) for sample in samples])[design.sample]
    labelled = design.y != UNLABELLED
    logits = np.zeros(len(design.y), dtype=np.float32)
    for number in np.unique(fold):
        inside = labelled & (fold != number)
        model = fit_noise(design.x[inside], design.y[inside] != CONTENT, weights[inside], settings)
        logits[fold == number] = model.decision_function(design.x[fold == number])
    return logits


def sequences(design: Design) -> Iterator[slice]:
    """The runs of rows that are one sample in one view; rows must not have been left out."""
    border = (np.diff(design.sample) != 0) | (np.diff(design.view) != 0)
    edges = np.concatenate(([0], np.flatnonzero(border) + 1, [len(design.y)]))
    for start, end in itertools.pairwise(edges):
        yield slice(int(start), int(end))


def second_pass_matrix(design: Design, logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """The columns of the second pass for all rows."""
    parts = [sequence_columns(logits[run], design.words[run]).matrix() for run in sequences(design)]
    return np.concatenate(parts)


def fit_second_pass(
    columns: NDArray[np.float32], y: NDArray[np.bool_], weights: NDArray[np.float64], real: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Fits the second pass and calibrates it on the real pages (Platt scaling, unweighted)."""
    model = LogisticRegression(C=1.0, max_iter=500).fit(columns, y, sample_weight=weights)
    scores = model.decision_function(columns[real])
    platt = LogisticRegression(C=1e6, max_iter=500).fit(scores[:, None], y[real])
    slope = float(platt.coef_[0, 0])
    bias = slope * float(model.intercept_[0]) + float(platt.intercept_[0])
    return np.append(slope * model.coef_[0], bias)


def probability(columns: NDArray[np.float32], sequence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of noise from the columns of the second pass."""
    return np.asarray(1 / (1 + np.exp(-(columns @ sequence[:-1] + sequence[-1]))))


def loss_threshold(
    noise: NDArray[np.float64], words: NDArray[np.float32], total: float, share: float
) -> float:
    """The lowest threshold at which content blocks with at most `share` of `total` words are lost."""
    order = np.argsort(-noise, kind="stable")
    lost = np.cumsum(words[order]) / total
    allowed = int(np.searchsorted(lost, share, side="right"))
    return float(np.nextafter(noise[order[allowed]], 2)) if allowed < len(order) else 0.0


def recovery_threshold(noise_of_junk: NDArray[np.float64], allowed: float) -> float:
    """The highest threshold at which no more than `allowed` noise blocks are put back."""
    ranked = np.sort(noise_of_junk)
    number = int(allowed)
    return float(np.nextafter(ranked[number], 0)) if number < len(ranked) else 1.0


def thresholds_of(
    noise: NDArray[np.float64],
    y: NDArray[np.int8],
    words: NDArray[np.float32],
    extracted: NDArray[np.bool_] | None,
    settings: Settings,
) -> dict[str, dict[str, float]]:
    """Thresholds of all policies for one kind of input."""
    content = y == CONTENT
    total = float(words[content].sum())
    inside = content if extracted is None else content & extracted
    found = {}
    for policy, share in settings.lost["text" if extracted is None else "page"].items():
        entry = {"threshold": loss_threshold(noise[inside], words[inside], total, share)}
        if extracted is not None:
            allowed = settings.put_back[policy] * np.count_nonzero(~content)
            entry["recovery"] = recovery_threshold(noise[~content & ~extracted], allowed)
            entry["recovery"] = min(entry["recovery"], entry["threshold"])
        found[policy] = entry
    return found


def metrics_of(
    noise: NDArray[np.float64], junk: NDArray[np.bool_], words: NDArray[np.float32]
) -> dict[str, float]:
    """Figures of one kind of input, for `model.json`."""
    counts = words.astype(np.float64)
    return {
        "blocks": len(noise),
        "noise_caught_at_0.5%_of_content_words_lost": round(caught_at_loss(noise, junk, counts, 0.005), 4),
        "noise_caught_at_1%_of_content_words_lost": round(caught_at_loss(noise, junk, counts, 0.01), 4),
        "calibration_error": round(calibration_error(noise, junk), 4),
    }


def label_temperature(logits: NDArray[np.float64], y: NDArray[np.intp]) -> float:
    """The temperature at which the labels' log-likelihood is highest; 1 without any labels."""
    if not len(y):
        return 1.0

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        shares = scaled[np.arange(len(y)), y] - np.log(np.exp(scaled).sum(axis=1))
        return -float(shares.mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def _extracted(design: Design, samples: Sequence[Sample], rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    kept = []
    for row in rows:
        markup = samples[design.sample[row]].blocks.markup
        kept.append(markup is not None and markup.kept[design.block[row]])
    return np.array(kept, dtype=np.bool_)


def fit(design: Design, layout: Layout, samples: Sequence[Sample], settings: Settings) -> Fitted:
    """Fits everything.

    Args:
        design: of the samples, rows without a label included, since they are neighbours of others.
        layout: of the design.
        samples: of training hosts.
        settings: of the fit.
    """
    weights = row_weights(design, samples, settings)
    labelled = design.y != UNLABELLED
    noise = design.y != CONTENT
    logits = out_of_fold(design, samples, weights, settings)
    columns = second_pass_matrix(design, logits)
    real = np.array(["#" not in sample.key for sample in samples])[design.sample]
    sequence, thresholds, metrics = {}, {}, {}
    for kind, marked in (("text", False), ("page", True)):
        own = labelled & (design.markup == marked)
        sequence[kind] = fit_second_pass(columns[own], noise[own], weights[own], real[own])
        rows = np.flatnonzero(own & real)
        found = probability(columns[rows], sequence[kind])
        extracted = _extracted(design, samples, rows) if marked else None
        metrics[kind] = metrics_of(found, noise[rows], design.words[rows])
        thresholds[kind] = thresholds_of(found, design.y[rows], design.words[rows], extracted, settings)

    first = fit_noise(design.x[labelled], noise[labelled], weights[labelled], settings)
    junk = labelled & noise
    without_grams = design.x[:, : layout.grams]
    labels = fit_labels(without_grams[junk], design.y[junk], weights[junk], settings)
    coefficients = np.zeros((len(LABELS), design.x.shape[1] + 1))
    coefficients[0] = np.append(first.coef_[0], first.intercept_[0])
    for number, row, bias in zip(labels.classes_, labels.coef_, labels.intercept_, strict=True):
        coefficients[number, : layout.grams] = row
        coefficients[number, -1] = bias
    for number in range(1, len(LABELS)):
        if number not in labels.classes_:
            coefficients[number, -1] = -20.0  # never seen, never said

    fold = np.array([fold_of(sample) for sample in samples])[design.sample]
    seen = junk & (fold != 0)
    held = fit_labels(without_grams[seen], design.y[seen], weights[seen], settings)
    temperature = {}
    for kind, marked in (("text", False), ("page", True)):
        own = junk & (fold == 0) & (design.markup == marked) & real & np.isin(design.y, held.classes_)
        positions = np.searchsorted(held.classes_, design.y[own])
        rows = without_grams[own]
        temperature[kind] = label_temperature(held.decision_function(rows) if own.any() else rows, positions)
    return Fitted(coefficients, sequence, temperature, thresholds, metrics)
