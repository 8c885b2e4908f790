"""Reads and checks the files of a trained model: `model.json` and `weights.npz`."""

import hashlib
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noisefilter import features
from noisefilter.errors import ModelError
from noisefilter.features.label_sequence import label_column_count
from noisefilter.features.sequence import PAGE_SEQUENCE, TEXT_SEQUENCE
from noisefilter.labels import Label

FORMAT = 3
LABELS = tuple(Label)
"""Labels by number. Number 0, content, takes the place of the noise column in all weights."""
_WHOLE = ("grams", "tokens")
"""Arrays of int8; the others are of float32."""


def digest(data: bytes) -> str:
    """The sha256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def checksum_of(info: dict[str, Any]) -> str:
    """The sha256 of what `model.json` says besides its own checksum, whatever its layout."""
    others = {key: value for key, value in info.items() if key != "checksum"}
    return digest(json.dumps(others, sort_keys=True, separators=(",", ":")).encode())


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
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is damaged ({error}); install noisefilter again") from error
    if not isinstance(info, dict) or info.get("format") != FORMAT:
        found = info.get("format") if isinstance(info, dict) else None
        raise ModelError(f"{path} has format {found}, this version of noisefilter reads format {FORMAT}")
    if info.get("checksum") != checksum_of(info):
        raise ModelError(
            f"{path} is not as it was written (its checksum differs): install noisefilter again, or train it "
            "again; for other thresholds there is noisefilter.Policy"
        )
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
    n, k = features.BUCKETS, len(LABELS)
    shapes = {
        "grams": (n, 1), "grams_step": (1,), "tokens": (n, k), "tokens_step": (k,),
        "dense_text": (features.TEXT_COLUMNS, k), "dense_page": (features.PAGE_COLUMNS, k),
        "bias_text": (k,), "bias_page": (k,),
        "sequence_text": (len(TEXT_SEQUENCE) + 1,), "sequence_page": (len(PAGE_SEQUENCE) + 1,),
        "label_sequence_text": (label_column_count(k - 1) + 1, k - 1),
        "label_sequence_page": (label_column_count(k - 1) + 1, k - 1),
    }  # fmt: skip
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: _array(archive, name, shape) for name, shape in shapes.items()}
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"{path} is damaged ({error}); install noisefilter again") from error


def _array(archive: zipfile.ZipFile, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """One array. What its header claims is looked at first: it may claim terabytes, or a pickle.

    Raises:
        ValueError: it is not what it must be.
    """
    dtype = np.dtype(np.int8 if name in _WHOLE else np.float32)
    with archive.open(f"{name}.npy") as file:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"{name} has version {version} of npy")
        found, _, kind = np.lib.format.read_array_header_1_0(file)
    if found != shape or kind != dtype:
        raise ValueError(f"{name} holds {kind} of the shape {found}, not {dtype} of {shape}; train it again")
    with archive.open(f"{name}.npy") as file:
        array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds numbers that are not finite")
    return array
