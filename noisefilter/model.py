"""The linear model: weights from a file, scores with numpy alone."""

import hashlib
import io
import json
import zipfile
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
from noisefilter.features.sequence import SEQUENCE_COLUMNS, sequence_columns
from noisefilter.labels import PRESETS, Label

FORMAT = 1
DEFAULT_MODEL = "default"
LABELS = tuple(Label)
"""Labels by number. Number 0, content, takes the place of the noise column in all weights."""
MODELS = Path(__file__).parent / "models"
_ARRAYS = (
    "grams", "grams_step", "tokens", "tokens_step", "dense_text", "dense_page", "bias_text", "bias_page",
    "sequence_text", "sequence_page",
)  # fmt: skip


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
        hashed_scale: factor of the hashed part.
        temperature: by which the logits of the labels are divided.
    """

    noise: NDArray[np.float32]
    labels: NDArray[np.float32]
    bias: NDArray[np.float32]
    sequence: NDArray[np.float32]
    hashed_scale: float
    temperature: float


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A trained model.

    Attributes:
        name: of the folder it came from.
        description: `model.json`: version, thresholds, metrics and more.
        path: the folder it came from.
        grams: weights of n-grams for noise against content, shape (`features.BUCKETS`,).
        tokens: weights of tokens for the same, shape (`features.BUCKETS`,).
        label_tokens: weights of tokens for the labels of noise as steps, int8, shape
            (`features.BUCKETS`, 15).
        step: what a step of each label is worth, shape (15,).
        page: weights for pages.
        text: weights for plain text.
        limits: thresholds by kind of input and policy.
    """

    name: str
    description: str
    path: Path
    grams: NDArray[np.float32]
    tokens: NDArray[np.float32]
    label_tokens: NDArray[np.int8]
    step: NDArray[np.float32]
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

    def score(self, found: Features, marked: bool) -> Scores:
        """Scores blocks.

        Args:
            found: features of the blocks.
            marked: whether they are a page's, with markup.
        """
        weights = self.weights(marked)
        n = len(found.words)
        table = np.zeros(n)
        for entries, column in ((found.grams, self.grams), (found.tokens, self.tokens)):
            table += np.bincount(entries.row, weights=column[entries.bucket] * entries.value, minlength=n)
        first = product(found.dense, weights.noise) + weights.hashed_scale * table + weights.bias[0]
        logits = first.astype(np.float32)
        noise = self.second_pass(logits, found.words, marked)
        return Scores(noise, self._labels(found, noise, weights), logits)

    def second_pass(
        self, logits: NDArray[np.float32], words: NDArray[np.float32], marked: bool
    ) -> NDArray[np.float32]:
        """Calibrated probabilities of noise from the first pass's log-odds and those of the neighbours."""
        sequence = self.weights(marked).sequence
        second = product(sequence_columns(logits, words).matrix(), sequence[:-1]) + sequence[-1]
        return np.asarray(1 / (1 + np.exp(-second)), dtype=np.float32)

    def _labels(self, found: Features, noise: NDArray[np.float32], weights: Weights) -> NDArray[np.float32]:
        entries = found.tokens
        order = np.argsort(entries.row, kind="stable")
        row = entries.row[order]
        weighed = self.label_tokens[entries.bucket[order]] * entries.value[order, None]
        logits = product(found.dense, weights.labels) + weights.bias[1:]
        if row.size:
            starts = np.flatnonzero(np.diff(row, prepend=-1))
            logits[row[starts]] += np.add.reduceat(weighed, starts, axis=0) * (
                self.step * weights.hashed_scale
            )
        logits /= weights.temperature
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits)
        shares /= shares.sum(axis=1, keepdims=True)
        return np.concatenate(
            (np.zeros((len(noise), 1), dtype=np.float32), shares.astype(np.float32)), axis=1
        )


def product(matrix: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Matrix product in slices that are too small for BLAS to start threads.

    Threads cost more than they save on a page, take another core, and make the last bits of a sum depend on
    the machine. OpenBLAS multiplies with one thread up to 9,216 entries by a vector and 262,144 products of a
    matrix (interface/gemv.c and gemm.c).
    """
    columns = matrix.shape[1]
    size = 9_000 // columns if weights.ndim == 1 else 260_000 // (columns * weights.shape[1])
    size = max(size, 1)
    out = np.empty((len(matrix), *weights.shape[1:]), dtype=np.float32)
    for start in range(0, len(matrix), size):
        out[start : start + size] = matrix[start : start + size] @ weights
    return out


def digest(data: bytes) -> str:
    """The sha256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"the model's {what} {path} cannot be read ({error.strerror}); install noisefilter again, "
            "or give the folder of a trained model"
        ) from error


def _read_info(folder: Path) -> tuple[str, dict[str, Any]]:
    path = folder / "model.json"
    try:
        text = _read(path, "description").decode()
        info = json.loads(text)
    except ValueError as error:
        raise ModelError(f"{path} is damaged ({error}); install noisefilter again") from error
    if not isinstance(info, dict) or info.get("format") != FORMAT:
        found = info.get("format") if isinstance(info, dict) else None
        raise ModelError(f"{path} has format {found}, this version of noisefilter reads format {FORMAT}")
    for key, expected in (
        ("features", features.VERSION),
        ("buckets", features.BUCKETS),
        ("labels", list(LABELS)),
    ):
        if info.get(key) != expected:
            raise ModelError(
                f"the model {folder} was trained with {key} {info.get(key)}, this version of noisefilter has "
                f"{expected}; train it again"
            )
    return text, info


def _read_arrays(folder: Path, info: dict[str, Any]) -> dict[str, NDArray[Any]]:
    path = folder / "weights.npz"
    data = _read(path, "weights file")
    if digest(data) != info.get("sha256"):
        raise ModelError(
            f"{path} is not the file that {folder / 'model.json'} describes (its sha256 differs); "
            "it was cut or changed: install noisefilter again"
        )
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in _ARRAYS}
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} is damaged ({error}); install noisefilter again") from error
    n, k = features.BUCKETS, len(LABELS)
    expected = {
        "grams": (n, 1), "grams_step": (1,), "tokens": (n, k), "tokens_step": (k,),
        "dense_text": (features.TEXT_COLUMNS, k), "dense_page": (features.PAGE_COLUMNS, k),
        "bias_text": (k,), "bias_page": (k,),
        "sequence_text": (SEQUENCE_COLUMNS + 1,), "sequence_page": (SEQUENCE_COLUMNS + 1,),
    }  # fmt: skip
    for name, shape in expected.items():
        if arrays[name].shape != shape:
            raise ModelError(
                f"{path}: {name} has the shape {arrays[name].shape}, not {shape}; train it again"
            )
    return arrays


def load_model(model: str = DEFAULT_MODEL) -> Model:
    """Loads a model, once for the same files.

    Args:
        model: name of a model that noisefilter ships, or the path of a folder with `weights.npz` and
            `model.json`.

    Raises:
        ModelError: a file is missing, damaged, changed, or of another format.
    """
    folder = MODELS / model if (MODELS / model).is_dir() else Path(model).resolve()
    text, _ = _read_info(folder)
    return _load(folder, text)


@lru_cache(maxsize=4)
def _load(folder: Path, text: str) -> Model:
    info = json.loads(text)
    arrays = _read_arrays(folder, info)
    try:
        return _model_of(folder, text, info, arrays)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{folder / 'model.json'} is damaged (see {error}); install noisefilter again"
        ) from error


def _model_of(folder: Path, text: str, info: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    def weights(kind: str) -> Weights:
        return Weights(
            noise=np.ascontiguousarray(arrays[f"dense_{kind}"][:, 0]),
            labels=np.ascontiguousarray(arrays[f"dense_{kind}"][:, 1:]),
            bias=arrays[f"bias_{kind}"],
            sequence=arrays[f"sequence_{kind}"],
            hashed_scale=float(info["hashed_scale"][kind]),
            temperature=float(info["temperature"][kind]),
        )

    limits = {}
    for policy in PRESETS:
        page, line = info["thresholds"]["page"][policy], info["thresholds"]["text"][policy]
        limits["page", policy] = (float(page["threshold"]), float(page["recovery"]))
        limits["text", policy] = (float(line["threshold"]), 0.0)
    tokens, step = arrays["tokens"], arrays["tokens_step"]
    model = Model(
        name=str(info["name"]),
        description=text,
        path=folder,
        grams=arrays["grams"][:, 0].astype(np.float32) * arrays["grams_step"][0],
        tokens=tokens[:, 0].astype(np.float32) * step[0],
        label_tokens=np.ascontiguousarray(tokens[:, 1:]),
        step=step[1:],
        page=weights("page"),
        text=weights("text"),
        limits=MappingProxyType(limits),
    )
    # Threads share the model.
    for array in (*arrays.values(), model.grams, model.tokens, model.label_tokens):
        array.setflags(write=False)
    return model
