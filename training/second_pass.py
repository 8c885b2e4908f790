"""Fits the second pass, of noise and of labels, and calibrates both."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from noisefilter.features.label_sequence import label_columns
from noisefilter.features.sequence import sequence_columns
from noisefilter.features.structure import structure_of
from training.matrix import Design
from training.pages import LABELS, Sample

NEVER = -20.0
"""Logit of a label that training never saw."""


def scores_by_class(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scikit-learn's scores with a column for each class, also where there are two."""
    return np.stack((-scores / 2, scores / 2), axis=1) if scores.ndim == 1 else scores


def weights_by_class(model: LogisticRegression) -> NDArray[np.float64]:
    """Weights with the bias last, a row for each class, also where there are two."""
    weights = np.append(model.coef_, model.intercept_[:, None], axis=1)
    return np.concatenate((-weights / 2, weights / 2)) if len(weights) == 1 else weights


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
        structure = structure_of(samples[design.sample[run.start]].blocks) if marked else None
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
    scores = scores_by_class(model.decision_function(columns[real]))
    heat = label_temperature(scores, np.searchsorted(classes, y[real]))
    out[:, classes - 1] = weights_by_class(model).T / heat
    return out


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
