"""The linear model: weights from a file, scores with numpy alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noisefilter import features
from noisefilter.errors import ModelError
from noisefilter.features import Features
from noisefilter.features.columns import first_of_run
from noisefilter.features.label_sequence import label_columns, softmax, told_by_label
from noisefilter.features.sequence import sequence_columns
from noisefilter.labels import PRESETS
from noisefilter.linear import Parts, product, weighed, weighed_by_label
from noisefilter.model_files import LABELS, read_arrays, read_info

DEFAULT_MODEL = "default"
MODELS = Path(__file__).parent / "models"


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model says of the blocks of one page or text.

    Attributes:
        noise: calibrated probability of not being content, shape (n_blocks,).
        label: given noise, probability of each label, shape (n_blocks, 16); column 0 is zero.
        logits: log-odds of noise from the first pass, shape (n_blocks,).
    """

    noise: NDArray[np.float32]
    label: NDArray[np.float32]
    logits: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights for one kind of input, page or text.

    Attributes:
        noise: of the dense columns for noise against content, shape (n_columns,).
        labels: of the dense columns for the labels of noise, shape (n_columns, 15).
        bias: shape (16,), noise first.
        sequence: of the second pass, shape (n_sequence_columns + 1,), the last one the bias.
        label_sequence: of the labels' second pass, shape (n_columns + 1, 15), the last row the bias.
    """

    noise: NDArray[np.float32]
    labels: NDArray[np.float32]
    bias: NDArray[np.float32]
    sequence: NDArray[np.float32]
    label_sequence: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A trained model.

    Attributes:
        name: of the folder it came from.
        description: `model.json`: version, thresholds, metrics and more.
        path: the folder it came from.
        grams: weights of n-grams for noise against content as steps, int8, shape (`features.BUCKETS`,).
        gram_step: what a step of theirs is worth.
        tokens: weights of tokens for the same as steps, int8, shape (`features.BUCKETS`,).
        label_tokens: the same and weights for the labels of noise, int8, shape (`features.BUCKETS`, 16).
        steps: what a step of each of these columns is worth, shape (16,).
        page: weights for pages.
        text: weights for plain text.
        limits: thresholds by kind of input and policy.
    """

    name: str
    description: str
    path: Path
    grams: NDArray[np.int8]
    gram_step: np.float32
    tokens: NDArray[np.int8]
    label_tokens: NDArray[np.int8]
    steps: NDArray[np.float32]
    page: Weights
    text: Weights
    limits: Mapping[tuple[str, str], tuple[float, float]]

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return load_model, (self.reference,)

    @property
    def info(self) -> dict[str, Any]:
        """What `model.json` says; a copy, since the model itself cannot be changed."""
        info: dict[str, Any] = json.loads(self.description)
        return info

    def thresholds(self, marked: bool, policy: str) -> tuple[float, float]:
        """Thresholds of a policy for dropping and for putting back, for pages or for plain text."""
        return self.limits["page" if marked else "text", policy]

    @property
    def reference(self) -> str:
        """What `load_model` takes: a shipped model's name, which holds on any machine, or a path."""
        return self.name if self.path == MODELS / self.name else str(self.path)

    def weights(self, marked: bool) -> Weights:
        """The weights for pages, or for plain text."""
        return self.page if marked else self.text

    def score(self, found: Features, marked: bool, labels_from: float | NDArray[np.float32] = 0.0) -> Scores:
        """Scores blocks.

        Args:
            found: features of the blocks.
            marked: whether they are a page's, with markup.
            labels_from: probability of noise from which labels are worked out, for all blocks or for each.
        """
        weights = self.weights(marked)
        logits = self._first_pass(found, marked)
        noise = second_pass(logits, found, weights)
        # Sums and maxima over the labels are faster where each label's column is contiguous.
        label = np.zeros((len(LABELS), len(noise)), dtype=np.float32)
        asked = noise >= labels_from
        if asked.any():
            label[1:, asked] = self._labels(found, noise, asked, marked).T
        return Scores(noise, label.T, logits)

    def _first_pass(self, found: Features, marked: bool) -> NDArray[np.float32]:
        """Log-odds of noise from each block's own evidence."""
        weights, tokens = self.weights(marked), found.tokens
        token_steps = self.tokens.take(tokens.bucket) * tokens.value
        table = np.bincount(tokens.row, weights=token_steps, minlength=len(found.words)) * self.steps[0]
        table += found.gram_sums(self.grams) * self.gram_step
        table += weighed(found, *_by_distance(self, marked, found.segments))
        table += weights.bias[0]
        return np.asarray(table, dtype=np.float32)

    def _labels(
        self, found: Features, noise: NDArray[np.float32], asked: NDArray[np.bool_], marked: bool
    ) -> NDArray[np.float32]:
        """Probabilities of the labels of noise of the blocks asked for, shape (n_asked, 15)."""
        weights = self.weights(marked)
        logits = weighed_by_label(found, _by_columns(self, marked, found.segments), len(LABELS) - 1)
        logits += weights.bias[1:]
        tokens = found.tokens
        picked = told_by_label(noise, asked)[tokens.row].nonzero()[0]
        if picked.size:
            row = tokens.row[picked]
            order = row.argsort(kind="stable")
            row, picked = row[order], picked[order]
            starts = first_of_run(row).nonzero()[0]
            values = self.label_tokens.take(tokens.bucket[picked], axis=0).astype(np.float32)
            values *= tokens.value[picked][:, None]
            sums = np.add.reduceat(values, starts, axis=0)
            sums *= self.steps
            logits[row[starts]] += sums[:, 1:]
        second = product(label_columns(noise, logits), weights.label_sequence[:-1])
        return softmax(second.T[:, asked].T + weights.label_sequence[-1])


def second_pass(logits: NDArray[np.float32], found: Features, weights: Weights) -> NDArray[np.float32]:
    """Calibrated probabilities of noise from the first pass's log-odds and those of the blocks around."""
    columns = sequence_columns(logits, found.words, found.structure)
    second = product(columns, weights.sequence[:-1]) + weights.sequence[-1]
    return np.asarray(1 / (1 + np.exp(-second)), dtype=np.float32)


@lru_cache(maxsize=16)
def _by_distance(
    model: Model, marked: bool, segments: features.Segments
) -> tuple[NDArray[np.float32], tuple[int, ...]]:
    """The weights for noise as of `Features.base`, a column for each distance, and the distances."""
    distances = tuple(sorted({distance for _, _, distance in segments}))
    weights = model.weights(marked).noise
    table = np.zeros((max(end for _, end, _ in segments), len(distances)), dtype=np.float32)
    start = 0
    for first, end, distance in segments:
        table[first:end, distances.index(distance)] += weights[start : start + end - first]
        start += end - first
    return table, distances


@lru_cache(maxsize=16)
def _by_columns(model: Model, marked: bool, segments: features.Segments) -> Parts:
    """The weights for labels as of `Features.base`, those of all distances side by side."""
    table = model.weights(marked).labels
    parts: dict[tuple[int, int], dict[int, NDArray[np.float32]]] = {}
    start = 0
    for first, end, distance in segments:
        parts.setdefault((first, end), {})[distance] = table[start : start + end - first]
        start += end - first
    return tuple(
        (first, end, tuple(of), np.concatenate(list(of.values()), axis=1))
        for (first, end), of in parts.items()
    )


def load_model(model: str = DEFAULT_MODEL) -> Model:
    """Loads a model, once for the same files.

    Args:
        model: name of a model that noisefilter ships, or the path of a folder with `weights.npz` and
            `model.json`.

    Raises:
        ModelError: a file is missing, damaged, changed, or of another format.
    """
    try:
        folder = MODELS / model if (MODELS / model).is_dir() else Path(model).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a name too long, NUL
        raise ModelError(f"the model {model!r} cannot be read: {error}") from error
    text, _ = read_info(folder)
    return _load(folder, text)


@lru_cache(maxsize=4)
def _load(folder: Path, text: str) -> Model:
    info = json.loads(text)
    arrays = read_arrays(folder, info)
    try:
        return _model_of(folder, text, info, arrays)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{folder / 'model.json'} is damaged (see {error!s:.200}); install noisefilter again"
        ) from error


def _model_of(folder: Path, text: str, info: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    def weights(kind: str) -> Weights:
        return Weights(
            noise=np.ascontiguousarray(arrays[f"dense_{kind}"][:, 0]),
            labels=np.ascontiguousarray(arrays[f"dense_{kind}"][:, 1:]),
            bias=arrays[f"bias_{kind}"],
            sequence=arrays[f"sequence_{kind}"],
            label_sequence=arrays[f"label_sequence_{kind}"],
        )

    limits = {}
    for policy in PRESETS:
        page, line = info["thresholds"]["page"][policy], info["thresholds"]["text"][policy]
        limits["page", policy] = (_probability(page["threshold"]), _probability(page["recovery"]))
        limits["text", policy] = (_probability(line["threshold"]), 0.0)
    name = info["name"]
    if not isinstance(name, str) or not name.isprintable():
        raise ValueError(f"{name!r} is no name")
    tokens = arrays["tokens"]
    model = Model(
        name=name,
        description=text,
        path=folder,
        grams=arrays["grams"][:, 0],
        gram_step=arrays["grams_step"][0],
        tokens=np.ascontiguousarray(tokens[:, 0]),
        label_tokens=np.ascontiguousarray(tokens),
        steps=arrays["tokens_step"],
        page=weights("page"),
        text=weights("text"),
        limits=MappingProxyType(limits),
    )
    # Threads share the model.
    own = [array for kind in (model.page, model.text) for array in (kind.noise, kind.labels)]
    for array in (*arrays.values(), *own, model.grams, model.tokens, model.label_tokens):
        array.setflags(write=False)
    return model


def _probability(value: Any) -> float:
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{value!r} is no probability")
    return float(value)
