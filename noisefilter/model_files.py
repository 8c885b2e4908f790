"""Reads and checks the files of a trained model: `model.json` and `weights.npz`."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noisefilter import features
from noisefilter.errors import ModelError
from noisefilter.features.label_sequence import label_column_count
from noisefilter.features.sequence import PAGE_SEQUENCE, TEXT_SEQUENCE
from noisefilter.labels import Label

FORMAT = 2
LABELS = tuple(Label)
"""Labels by number. Number 0, content, takes the place of the noise column in all weights."""
_ARRAYS = (
    "grams", "grams_step", "tokens", "tokens_step", "dense_text", "dense_page", "bias_text", "bias_page",
    "sequence_text", "sequence_page", "label_sequence_text", "label_sequence_page",
)  # fmt: skip


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


def read_info(folder: Path) -> tuple[str, dict[str, Any]]:
    """The text of `model.json` and what it says.

    Raises:
        ModelError: it is missing, damaged, or of a model that this version cannot read.
    """
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


def read_arrays(folder: Path, info: dict[str, Any]) -> dict[str, NDArray[Any]]:
    """The arrays of `weights.npz` by name.

    Raises:
        ModelError: the file is missing, damaged, or not the one that `model.json` describes.
    """
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
        "sequence_text": (len(TEXT_SEQUENCE) + 1,), "sequence_page": (len(PAGE_SEQUENCE) + 1,),
        "label_sequence_text": (label_column_count(k - 1) + 1, k - 1),
        "label_sequence_page": (label_column_count(k - 1) + 1, k - 1),
    }  # fmt: skip
    for name, shape in expected.items():
        if arrays[name].shape != shape:
            raise ModelError(
                f"{path}: {name} has the shape {arrays[name].shape}, not {shape}; train it again"
            )
    return arrays
