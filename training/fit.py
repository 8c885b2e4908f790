"""Fits the model: both passes, labels, calibration and thresholds, all on training hosts alone."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import joblib
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from noisefilter.features.label_sequence import label_columns
from noisefilter.features.sequence import sequence_columns
from noisefilter.features.structure import structure_of
from training.matrix import CONTENT, Design, Layout
from training.metrics import calibration_error, caught_at_loss
from training.pages import LABELS, UNLABELLED, Sample, host_share

Scorer = Callable[[NDArray[np.bool_], NDArray[np.bool_]], NDArray[np.floating]]
NEVER = -20.0
"""Logit of a label that training never saw."""

_LOST = {
    "text": {"precision": 0.015, "balanced": 0.0035, "recall": 0.001},
    "page": {"precision": 0.02, "balanced": 0.006, "recall": 0.002},
}
_PUT_BACK = {"precision": 0.0005, "balanced": 0.003, "recall": 0.012}


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the fit; how the values were found is in docs/evaluation.md.

    Attributes:
        c_noise: inverse regularisation of the first pass.
        c_labels: inverse regularisation of the labels.
        tolerance: of the optimiser.
        label_tolerance: the same for the labels.
        max_iterations: of the optimiser.
        folds: in which the first pass is scored for the second one; models of more folds are closer to the
            final one.
        label_folds: the same of the labels.
        words_per_weight: a content block weighs its words divided by this, within `weight_bounds`, against
            1 for a noise block: what counts is words lost and blocks left.
        weight_bounds: see there.
        rounds: articles with injected lines a page, as plain text.
        marked_rounds: the same with the page's markup.
        min_per_language: about how many articles with injected lines a language has at least, as plain text:
            most of its templates are seen then. A language with few pages uses them more often.
        lost: share of content words that a policy may lose, by kind of input and policy; sets the
            thresholds. On pages it is counted against what Trafilatura kept, what is put back left out; on
            plain text over real pages and articles with generated lines together.
        put_back: share of a page's noise blocks that may be put back with the content that Trafilatura left
            out, by policy.
    """

    c_noise: float = 0.1
    c_labels: float = 0.3
    tolerance: float = 2e-4
    label_tolerance: float = 2e-3
    max_iterations: int = 400
    folds: int = 6
    label_folds: int = 3
    words_per_weight: float = 10.0
    weight_bounds: tuple[float, float] = (0.3, 8.0)
    rounds: int = 2
    marked_rounds: int = 1
    min_per_language: int = 200
    lost: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: _LOST)
    put_back: Mapping[str, float] = field(default_factory=lambda: _PUT_BACK)


@dataclass(slots=True)
class Fitted:
    """What training found, as arrays in the layout of `Design`.

    Attributes:
        coefficients: shape (16, n_columns); row 0 is noise against content.
        sequence: weights of the second pass with the bias last, by "text" and "page".
        label_sequence: the same of the labels, shape (n_columns + 1, 15), by "text" and "page".
        thresholds: by "text" and "page", then policy, then "threshold" and "recovery".
        metrics: by "text" and "page": figures out of fold, on training hosts.
    """

    coefficients: NDArray[np.float64]
    sequence: dict[str, NDArray[np.float64]]
    label_sequence: dict[str, NDArray[np.float64]]
    thresholds: dict[str, dict[str, dict[str, float]]]
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)


def fold_of(sample: Sample, folds: int) -> int:
    """The fold of a sample, by its host."""
    return int(host_share("fold " + sample.host) * folds)


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
    """Fits the labels of noise against each other.

    Raises:
        ValueError: there are fewer than two.
    """
    if len(np.unique(y)) < 2:
        raise ValueError("blocks of at least two labels of noise are needed in every fold")
    model = LogisticRegression(
        C=settings.c_labels, max_iter=settings.max_iterations, tol=settings.label_tolerance
    )
    return model.fit(x, y, sample_weight=weights)


def all_labels(model: LogisticRegression, x: sparse.csr_matrix) -> NDArray[np.float32]:
    """Logits of all labels of noise, shape (n_rows, 15); those that the model never saw get `NEVER`."""
    out = np.full((x.shape[0], len(LABELS) - 1), NEVER, dtype=np.float32)
    out[:, np.asarray(model.classes_) - 1] = _scores_by_class(model.decision_function(x))
    return out


def _scores_by_class(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scikit-learn's scores with a column for each class, also where there are two."""
    return np.stack((-scores / 2, scores / 2), axis=1) if scores.ndim == 1 else scores


def _weights_by_class(model: LogisticRegression) -> NDArray[np.float64]:
    """Weights with the bias last, a row for each class, also where there are two."""
    weights = np.append(model.coef_, model.intercept_[:, None], axis=1)
    return np.concatenate((-weights / 2, weights / 2)) if len(weights) == 1 else weights


def out_of_fold(
    fit_and_score: Scorer, fold: NDArray[np.int64], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """Scores of every row from a model that never saw its host.

    Args:
        fit_and_score: fits on the rows of a mask and scores those of another one.
        fold: of each row.
        shape: of the scores.
    """
    numbers = np.unique(fold)
    # Threads: the matrix is large and scipy's products let go of the lock.
    parts = joblib.Parallel(n_jobs=2, backend="threading")(
        joblib.delayed(fit_and_score)(fold != number, fold == number) for number in numbers
    )
    scores = np.zeros(shape, dtype=np.float32)
    for number, part in zip(numbers, parts, strict=True):
        scores[fold == number] = part
    return scores


def sequences(design: Design) -> Iterator[slice]:
    """The runs of rows that are one sample in one view; rows must not have been left out."""
    border = (np.diff(design.sample) != 0) | (np.diff(design.view) != 0)
    edges = np.concatenate(([0], np.flatnonzero(border) + 1, [len(design.y)]))
    for start, end in itertools.pairwise(edges):
        yield slice(int(start), int(end))


def second_pass_matrix(
    design: Design, samples: Sequence[Sample], logits: NDArray[np.float32], marked: bool
) -> NDArray[np.float32]:
    """The columns of the second pass for all rows of pages, or all of plain text."""
    parts = []
    for run in sequences(design):
        if design.markup[run.start] != marked:
            continue
        markup = samples[design.sample[run.start]].blocks.markup
        structure = structure_of(markup) if marked and markup is not None else None
        parts.append(sequence_columns(logits[run], design.words[run], structure))
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


def label_matrix(
    design: Design, noise: NDArray[np.float32], logits: NDArray[np.float32], marked: bool
) -> NDArray[np.float32]:
    """The columns of the labels' second pass for all rows of pages, or all of plain text."""
    runs = [run for run in sequences(design) if design.markup[run.start] == marked]
    return np.concatenate([label_columns(noise[run], logits[run]) for run in runs])


def fit_label_pass(
    columns: NDArray[np.float32], y: NDArray[np.int8], weights: NDArray[np.float64], real: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Fits the labels' second pass, and a temperature on the real pages.

    Returns:
        Shape (n_columns + 1, 15), the last row the bias.
    """
    out = np.zeros((columns.shape[1] + 1, len(LABELS) - 1))
    out[-1] = NEVER
    if len(np.unique(y)) < 2:
        out[-1, np.unique(y) - 1] = 0
        return out
    model = LogisticRegression(C=0.3, max_iter=500, tol=1e-3).fit(columns, y, sample_weight=weights)
    classes = np.asarray(model.classes_)
    scores = _scores_by_class(model.decision_function(columns[real]))
    heat = label_temperature(scores, np.searchsorted(classes, y[real]))
    out[:, classes - 1] = _weights_by_class(model).T / heat
    return out


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
    kind = "text" if extracted is None else "page"
    for policy, share in settings.lost[kind].items():
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
    junk = labelled & noise
    without_grams = design.x[:, : layout.grams]
    real = np.array(["#" not in sample.key for sample in samples])[design.sample]

    def noise_scorer(train: NDArray[np.bool_], test: NDArray[np.bool_]) -> NDArray[np.float64]:
        inside = labelled & train
        model = fit_noise(design.x[inside], noise[inside], weights[inside], settings)
        return np.asarray(model.decision_function(design.x[test]))

    def label_scorer(train: NDArray[np.bool_], test: NDArray[np.bool_]) -> NDArray[np.float32]:
        inside = junk & train
        model = fit_labels(without_grams[inside], design.y[inside], weights[inside], settings)
        return all_labels(model, without_grams[test])

    fold = np.array([fold_of(sample, settings.folds) for sample in samples])[design.sample]
    logits = out_of_fold(noise_scorer, fold, fold.shape)
    fold = np.array([fold_of(sample, settings.label_folds) for sample in samples])[design.sample]
    label_logits = out_of_fold(label_scorer, fold, (len(fold), len(LABELS) - 1))

    sequence, label_sequence, thresholds, metrics = {}, {}, {}, {}
    judged = np.zeros(len(design.y), dtype=np.float32)
    for kind, marked in (("text", False), ("page", True)):
        rows = np.flatnonzero(design.markup == marked)
        columns = second_pass_matrix(design, samples, logits, marked)
        own = labelled[rows]
        # Pages with lines put in are all content but for these, which would pass for the way of whole pages.
        fitted_on = own & real[rows] if marked else own
        sequence[kind] = fit_second_pass(
            columns[fitted_on], noise[rows][fitted_on], weights[rows][fitted_on], real[rows][fitted_on]
        )
        judged[rows] = found = probability(columns, sequence[kind])
        of_real = own & real[rows]
        metrics[kind] = metrics_of(found[of_real], noise[rows][of_real], design.words[rows][of_real])
        # Plain text comes as dumps of pages and as articles with a few stray lines: both count.
        own = of_real if marked else own
        rows, found = rows[own], found[own]
        extracted = _extracted(design, samples, rows) if marked else None
        thresholds[kind] = thresholds_of(found, design.y[rows], design.words[rows], extracted, settings)
    for kind, marked in (("text", False), ("page", True)):
        rows = np.flatnonzero(design.markup == marked)
        columns = label_matrix(design, judged, label_logits, marked)
        own = junk[rows]
        label_sequence[kind] = fit_label_pass(
            columns[own], design.y[rows][own], weights[rows][own], real[rows][own]
        )

    first = fit_noise(design.x[labelled], noise[labelled], weights[labelled], settings)
    labels = fit_labels(without_grams[junk], design.y[junk], weights[junk], settings)
    coefficients = np.zeros((len(LABELS), design.x.shape[1] + 1))
    coefficients[0] = np.append(first.coef_[0], first.intercept_[0])
    coefficients[1:, -1] = NEVER
    weights_of = _weights_by_class(labels)
    coefficients[labels.classes_, : layout.grams] = weights_of[:, :-1]
    coefficients[labels.classes_, -1] = weights_of[:, -1]
    return Fitted(coefficients, sequence, label_sequence, thresholds, metrics)
