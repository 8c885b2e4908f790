"""Fits the model: both passes, labels, calibration and thresholds, all on training hosts alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import joblib
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from training.matrix import CONTENT, Design, Layout
from training.metrics import calibration_error, caught_at_loss
from training.pages import LABELS, UNLABELLED, Sample, host_share
from training.second_pass import (
    NEVER,
    fit_label_pass,
    fit_second_pass,
    label_matrix,
    probability,
    scores_by_class,
    second_pass_matrix,
    weights_by_class,
)
from training.settings import Settings
from training.thresholds import thresholds_of

Scorer = Callable[[NDArray[np.bool_], NDArray[np.bool_]], NDArray[np.floating]]


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


def column_scale(layout: Layout, settings: Settings) -> NDArray[np.float32]:
    """Factor of each column in the first pass, see `Settings.hashed_scale`."""
    scale = np.ones(layout.width, dtype=np.float32)
    scale[layout.tokens : layout.kinds] = scale[layout.grams :] = settings.hashed_scale
    return scale


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
    out[:, np.asarray(model.classes_) - 1] = scores_by_class(model.decision_function(x))
    return out


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
    scale = column_scale(layout, settings)
    scaled = sparse.csr_matrix(
        (design.x.data * scale[design.x.indices], design.x.indices, design.x.indptr), design.x.shape
    )

    def noise_scorer(train: NDArray[np.bool_], test: NDArray[np.bool_]) -> NDArray[np.float64]:
        inside = labelled & train
        model = fit_noise(scaled[inside], noise[inside], weights[inside], settings)
        return np.asarray(model.decision_function(scaled[test]))

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

    first = fit_noise(scaled[labelled], noise[labelled], weights[labelled], settings)
    labels = fit_labels(without_grams[junk], design.y[junk], weights[junk], settings)
    coefficients = np.zeros((len(LABELS), design.x.shape[1] + 1))
    coefficients[0] = np.append(first.coef_[0] * scale, first.intercept_[0])
    coefficients[1:, -1] = NEVER
    weights_of = weights_by_class(labels)
    coefficients[labels.classes_, : layout.grams] = weights_of[:, :-1]
    coefficients[labels.classes_, -1] = weights_of[:, -1]
    return Fitted(coefficients, sequence, label_sequence, thresholds, metrics)
