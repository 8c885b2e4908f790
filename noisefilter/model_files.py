"""Reads and checks the files of a trained model: `model.json` and `weights.npz`."""

import errno
import hashlib
import io
import json
import math
import zipfile
import zlib
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

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
_MOST_BYTES = {"model.json": 1_000_000, "weights.npz": 5_000_000}
"""Of each file; the arrays take 2,400,000 without compression."""
_ZIP_ERRORS = (EOFError, KeyError, OSError, OverflowError, RuntimeError, ValueError, BadZipFile, zlib.error)
"""What zipfile raises; what it does not support is a RuntimeError."""
_MOST_HEADER = 1_000
"""Bytes of an array's file before its numbers; numpy writes 128."""


def digest(data: bytes) -> str:
    """The sha256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def checksum_of(info: dict[str, Any]) -> str:
    """The sha256 of what `model.json` says besides its own checksum, whatever its layout."""
    others = {key: value for key, value in info.items() if key != "checksum"}
    return digest(json.dumps(others, sort_keys=True, separators=(",", ":")).encode())


def _read(path: Path, what: str) -> bytes:
    most = _MOST_BYTES[path.name]
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise OSError(errno.EINVAL, "it is no file")  # to open a pipe would wait for ever
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise ModelError(
            f"the model's {what} {path} cannot be read ({error.strerror}); install noisefilter again, "
            "or give the folder of a trained model"
        ) from error
    if len(data) > most:
        raise ModelError(
            f"the model's {what} {path} is damaged (more than {most:,} bytes); install noisefilter again"
        )
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, each key once: of two, other readers may take the other one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def read_info(folder: Path) -> tuple[str, dict[str, Any]]:
    """The text of `model.json` and what it says.

    Raises:
        ModelError: it is missing, damaged, or of a model that this version cannot read.
    """
    path = folder / "model.json"
    try:
        text = _read(path, "description").decode()
        info = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        if not isinstance(info, dict):
            raise ValueError("it holds no object")
        checksum = checksum_of(info)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is damaged ({error}); install noisefilter again") from error
    if info.get("format") != FORMAT:
        raise ModelError(
            f"{path} has format {info.get('format')!s:.100}, this version of noisefilter reads format "
            f"{FORMAT}; train it again"
        )
    if info.get("checksum") != checksum:
        raise ModelError(
            f"{path} is not as it was written (its checksum differs): install noisefilter again, or train it "
            "again; for other thresholds there is noisefilter.Policy"
        )
    for key, expected in (
        ("features", features.VERSION),
        ("buckets", features.BUCKETS),
        ("labels", [str(label) for label in LABELS]),
    ):
        if info.get(key) != expected:
            raise ModelError(
                f"{path} is of a model trained with {key} {info.get(key)!s:.200}, this version of "
                f"noisefilter has {expected}; train it again"
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
            arrays = {name: _array(archive, name, shape) for name, shape in shapes.items()}
            if len(archive.namelist()) != len(arrays):
                raise ValueError("it holds more than the arrays of a model")
            return arrays
    except _ZIP_ERRORS as error:
        raise ModelError(
            f"{path} is damaged ({error}); install noisefilter again, or train it again"
        ) from error


def _array(archive: zipfile.ZipFile, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """One array.

    Its header is compared, not evaluated as numpy does, and no more is unpacked than the array takes: the
    file may claim terabytes, hold a pickle, or unpack to any size.

    Raises:
        ValueError: it is not what it must be.
    """
    dtype = np.dtype("|i1" if name in _WHOLE else "<f4")
    size = math.prod(shape) * dtype.itemsize
    member = archive.getinfo(f"{name}.npy")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others unpack without bound
        raise ValueError(f"{name} is compressed by method {member.compress_type}")
    with archive.open(member) as file:
        data = file.read(_MOST_HEADER + size + 1)
    start = 10 + int.from_bytes(data[8:10], "little")
    header, numbers = data[10:start].rstrip(), data[start:]
    by_column = header == _header(dtype, True, shape)
    known = by_column or header == _header(dtype, False, shape)
    if not known or not data.startswith(b"\x93NUMPY\x01\x00"):
        raise ValueError(f"{name} holds {header[:200]!r}, not {dtype} of the shape {shape}")
    if len(numbers) != size:
        raise ValueError(f"{name} does not hold {size:,} bytes")
    array: NDArray[Any] = np.frombuffer(numbers, dtype).reshape(shape, order="F" if by_column else "C")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds numbers that are not finite")
    return array


def _header(dtype: np.dtype[Any], by_column: bool, shape: tuple[int, ...]) -> bytes:
    return f"{{'descr': '{dtype.str}', 'fortran_order': {by_column}, 'shape': {shape}, }}".encode()
