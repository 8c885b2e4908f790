"""The linear model: weights from a file, scores with numpy alone."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noisefilter import features
from noisefilter.errors import ModelError
from noisefilter.features import Features
from noisefilter.features.sequence import sequence_columns
from noisefilter.labels import Label

FORMAT = 1
DEFAULT_MODEL = "default"
LABELS = tuple(Label)
"""Labels by number. Number 0, content, takes the place of the noise column in all weights."""
MODELS = Path(__file__).parent / "models"
_ARRAYS = (
    "hashed", "hashed_step", "dense_text", "dense_page", "bias_text", "bias_page",
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
        dense: shape (n_columns, 16); column 0 is noise against content, the others the labels of noise.
        bias: shape (16,).
        sequence: of the second pass, shape (n_sequence_columns + 1,), the last one the bias.
        hashed_scale: factor of the hashed part.
        temperature: by which the logits of the labels are divided.
    """

    dense: NDArray[np.float32]
    bias: NDArray[np.float32]
    sequence: NDArray[np.float32]
    hashed_scale: float
    temperature: float


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A trained model.

    Attributes:
        name: of the folder it came from.
        info: what `model.json` says: version, thresholds, metrics and more.
        path: the folder it came from.
        hashed: weights of the hashed table as steps, int8, shape (`features.BUCKETS`, 16).
        step: what a step of each column is worth, shape (16,).
        page: weights for pages.
        text: weights for plain text.
    """

    name: str
    info: dict[str, Any]
    path: Path
    hashed: NDArray[np.int8]
    step: NDArray[np.float32]
    page: Weights
    text: Weights
    # The noise column in a piece of memory of its own: all blocks need it.
    noise_column: NDArray[np.float32] = field(repr=False)

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return load_model, (str(self.path),)

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
        entries = found.hashed
        table = np.bincount(
            entries.row, weights=self.noise_column[entries.bucket] * entries.value, minlength=n
        )
        first = found.dense @ weights.dense[:, 0] + weights.hashed_scale * table + weights.bias[0]
        logits = first.astype(np.float32)
        noise = self.second_pass(logits, found.words, marked)
        return Scores(noise, self._labels(found, noise, weights), logits)

    def second_pass(self, logits: NDArray[np.float32], words: NDArray[np.float32], marked: bool) -> NDArray[np.float32]:
        """Calibrated probabilities of noise from the first pass's log-odds and those of the neighbours."""
        sequence = self.weights(marked).sequence
        second = sequence_columns(logits, words).matrix() @ sequence[:-1] + sequence[-1]
        return np.asarray(1 / (1 + np.exp(-second)), dtype=np.float32)

    def _labels(self, found: Features, noise: NDArray[np.float32], weights: Weights) -> NDArray[np.float32]:
        n = len(noise)
        entries = found.hashed
        order = np.argsort(entries.row, kind="stable")
        bucket, value = entries.bucket[order], entries.value[order]
        starts = np.searchsorted(entries.row[order], np.arange(n))
        rows = self.hashed[bucket].astype(np.float32)
        rows *= value[:, None]
        sums = np.add.reduceat(np.concatenate((rows, np.zeros((1, rows.shape[1]), np.float32))), starts, axis=0)
        sums[np.diff(np.append(starts, len(bucket))) == 0] = 0
        logits = found.dense @ weights.dense + weights.bias + sums * self.step * weights.hashed_scale
        logits = logits[:, 1:] / weights.temperature
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits)
        shares /= shares.sum(axis=1, keepdims=True)
        return np.concatenate((np.zeros((n, 1), dtype=np.float32), shares.astype(np.float32)), axis=1)


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


def _read_info(folder: Path) -> dict[str, Any]:
    path = folder / "model.json"
    try:
        info = json.loads(_read(path, "description"))
    except ValueError as error:
        raise ModelError(f"{path} is damaged ({error}); install noisefilter again") from error
    if not isinstance(info, dict) or info.get("format") != FORMAT:
        found = info.get("format") if isinstance(info, dict) else None
        raise ModelError(f"{path} has format {found}, this version of noisefilter reads format {FORMAT}")
    if info.get("features") != features.VERSION:
        raise ModelError(
            f"the model {folder} was trained on features version {info.get('features')}, this version of "
            f"noisefilter has {features.VERSION}; train it again"
        )
    return info


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
            return {name: archive[name] for name in _ARRAYS}
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} is damaged ({error}); install noisefilter again") from error


@lru_cache(maxsize=8)
def load_model(model: str = DEFAULT_MODEL) -> Model:
    """Loads a model once and keeps it.

    Args:
        model: name of a model that noisefilter ships, or the path of a folder with `weights.npz` and
            `model.json`.

    Raises:
        ModelError: a file is missing, damaged, changed, or of another format.
    """
    folder = MODELS / model if (MODELS / model).is_dir() else Path(model)
    info = _read_info(folder)
    arrays = _read_arrays(folder, info)

    def weights(kind: str) -> Weights:
        return Weights(
            dense=arrays[f"dense_{kind}"],
            bias=arrays[f"bias_{kind}"],
            sequence=arrays[f"sequence_{kind}"],
            hashed_scale=float(info["hashed_scale"][kind]),
            temperature=float(info["temperature"][kind]),
        )

    for array in arrays.values():
        array.setflags(write=False)
    step = arrays["hashed_step"]
    noise_column = arrays["hashed"][:, 0].astype(np.float32) * step[0]
    return Model(
        str(info["name"]), info, folder, arrays["hashed"], step, weights("page"), weights("text"), noise_column
    )
