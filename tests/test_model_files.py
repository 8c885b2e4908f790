"""Model files that are missing, damaged, changed or of another format, and a model loaded by its path."""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import noisefilter
from noisefilter import Cleaner, ModelError
from noisefilter.model import MODELS
from noisefilter.model_files import checksum_of

SHIPPED = MODELS / "default"
WEIGHTS, DESCRIPTION = "weights.npz", "model.json"
PAGE = Path(__file__).parents[1] / "seeds" / "pages" / "news_de.html"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "model"))


def describe(folder: Path, **changes: Any) -> None:
    path = folder / DESCRIPTION
    info = json.loads(path.read_text(encoding="utf-8")) | changes
    info = {key: value for key, value in info.items() if value is not None}
    path.write_text(json.dumps(info | {"checksum": checksum_of(info)}), encoding="utf-8")


def put_weights(folder: Path, data: bytes) -> None:
    (folder / WEIGHTS).write_bytes(data)
    describe(folder, sha256=hashlib.sha256(data).hexdigest())


def arrays_of(folder: Path) -> dict[str, NDArray[Any]]:
    with np.load(folder / WEIGHTS, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def archive(arrays: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=True, **arrays)
    return out.getvalue()


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


FILE_FAULTS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "description missing": (DESCRIPTION, lambda folder: (folder / DESCRIPTION).unlink()),
    "description empty": (DESCRIPTION, lambda folder: (folder / DESCRIPTION).write_bytes(b"")),
    "description cut": (DESCRIPTION, lambda folder: cut(folder / DESCRIPTION)),
    "description not UTF-8": (
        DESCRIPTION,
        lambda folder: (folder / DESCRIPTION).write_bytes(b'{"a": "\xe9"}'),
    ),
    "description a list": (DESCRIPTION, lambda folder: (folder / DESCRIPTION).write_bytes(b"[]")),
    "description of another format": (DESCRIPTION, lambda folder: describe(folder, format=999)),
    "description without format": (DESCRIPTION, lambda folder: describe(folder, format=None)),
    "weights missing": (WEIGHTS, lambda folder: (folder / WEIGHTS).unlink()),
    "weights a folder": (WEIGHTS, lambda folder: make_a_folder(folder / WEIGHTS)),
    "weights empty": (WEIGHTS, lambda folder: (folder / WEIGHTS).write_bytes(b"")),
    "weights cut": (WEIGHTS, lambda folder: cut(folder / WEIGHTS)),
    "weights changed": (WEIGHTS, lambda folder: flip_a_byte(folder / WEIGHTS)),
    "weights of another training": (WEIGHTS, lambda folder: describe(folder, sha256="0" * 64)),
    "weights without a sum": (WEIGHTS, lambda folder: describe(folder, sha256=None)),
    "weights no archive": (WEIGHTS, lambda folder: put_weights(folder, b"not an archive")),
    "weights one bare array": (WEIGHTS, lambda folder: put_weights(folder, b"\x93NUMPY\x01\x00")),
    "weights cut, sum right": (
        WEIGHTS,
        lambda folder: put_weights(folder, (folder / WEIGHTS).read_bytes()[:-100]),
    ),
    "weights without arrays": (WEIGHTS, lambda folder: put_weights(folder, archive({}))),
}


@pytest.mark.parametrize(("named", "harm"), FILE_FAULTS.values(), ids=FILE_FAULTS)
def test_faulty_files_raise_model_error_naming_the_file(
    folder: Path, named: str, harm: Callable[[Path], object]
) -> None:
    harm(folder)
    with pytest.raises(ModelError) as caught:
        Cleaner(model=folder)
    assert str(folder / named) in str(caught.value)


@pytest.mark.parametrize("name", [WEIGHTS, DESCRIPTION])
@given(data=st.data())
@settings(max_examples=60)
def test_a_changed_or_cut_file_is_told(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: Any
) -> None:
    original = (SHIPPED / name).read_bytes()
    at = data.draw(st.integers(0, len(original) - 1))
    other = original[:at]
    if data.draw(st.booleans()):
        other += bytes([original[at] ^ data.draw(st.integers(1, 255))]) + original[at + 1 :]
    folder = tmp_path_factory.mktemp("model")
    for file in (WEIGHTS, DESCRIPTION):
        (folder / file).write_bytes(other if file == name else (SHIPPED / file).read_bytes())
    if name == DESCRIPTION and says_the_same(other, original):  # only white space differs
        assert Cleaner(model=folder)
        return
    with pytest.raises(ModelError) as caught:
        Cleaner(model=folder)
    assert str(folder / name) in str(caught.value)


def says_the_same(one: bytes, other: bytes) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def test_exchanged_files_are_told(folder: Path) -> None:
    weights, description = ((folder / name).read_bytes() for name in (WEIGHTS, DESCRIPTION))
    (folder / WEIGHTS).write_bytes(description)
    (folder / DESCRIPTION).write_bytes(weights)
    with pytest.raises(ModelError, match=DESCRIPTION):
        Cleaner(model=folder)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"format": ' + "9" * 10_000 + "}"])
def test_descriptions_made_to_break_readers_are_told(folder: Path, text: str) -> None:
    (folder / DESCRIPTION).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=DESCRIPTION):
        Cleaner(model=folder)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf"), "many", None, [], {}])
def test_thresholds_that_are_no_probabilities_are_told(folder: Path, value: object) -> None:
    thresholds = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))["thresholds"]
    thresholds["page"]["balanced"]["threshold"] = value
    describe(folder, thresholds=thresholds)
    with pytest.raises(ModelError, match=DESCRIPTION):
        Cleaner(model=folder)


def claiming(shape: tuple[int, ...]) -> bytes:
    """An array's file whose header claims a shape, and that ends there."""
    out = io.BytesIO()
    header = {"descr": "|i1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(out, header)
    return out.getvalue()


@pytest.mark.parametrize("shape", [(10**13, 1), (131072, 1), (2**62, 2**62)])
def test_arrays_that_are_not_there_are_told(folder: Path, shape: tuple[int, ...]) -> None:
    """Among them one that would be ten terabytes."""
    out = io.BytesIO(archive(arrays_of(folder)))
    parts = zipfile.ZipFile(out)
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as target:
        for name in parts.namelist():
            target.writestr(name, claiming(shape) if name == "grams.npy" else parts.read(name))
    put_weights(folder, other.getvalue())
    with pytest.raises(ModelError, match=WEIGHTS):
        Cleaner(model=folder)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_told(folder: Path, number: float) -> None:
    arrays = arrays_of(folder)
    arrays["dense_page"][3, 5] = number
    put_weights(folder, archive(arrays))
    with pytest.raises(ModelError, match="dense_page"):
        Cleaner(model=folder)


def test_weights_of_another_type_are_told(folder: Path) -> None:
    arrays = arrays_of(folder)
    put_weights(folder, archive(arrays | {"tokens": arrays["tokens"].astype(np.float64)}))
    with pytest.raises(ModelError, match="tokens"):
        Cleaner(model=folder)


@pytest.mark.parametrize("path", ["\0", "a" * 5_000, "\ud800", "loop"])
def test_paths_that_lead_nowhere_are_told(tmp_path: Path, path: str) -> None:
    if path == "loop":
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        path = str(tmp_path / "loop")
    with pytest.raises(ModelError):
        Cleaner(model=path)


@pytest.mark.parametrize("name", sorted(arrays_of(SHIPPED)))
def test_every_array_is_needed(folder: Path, name: str) -> None:
    arrays = arrays_of(folder)
    del arrays[name]
    put_weights(folder, archive(arrays))
    with pytest.raises(ModelError, match=WEIGHTS):
        Cleaner(model=folder)


def test_other_features_raise_model_error(folder: Path) -> None:
    describe(folder, features=999)
    with pytest.raises(ModelError, match="features 999") as caught:
        Cleaner(model=folder)
    assert str(folder) in str(caught.value)


def test_no_such_model_raises_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nowhere"):
        Cleaner(model=tmp_path / "nowhere")
    with pytest.raises(ModelError, match="no-such-model"):
        Cleaner(model="no-such-model")


class Trap:
    """Leaves a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", sorted(arrays_of(SHIPPED)))
def test_pickles_are_refused_and_not_run(folder: Path, name: str) -> None:
    trap = np.empty(1, dtype=object)
    trap[0] = Trap(folder / "sprung")
    put_weights(folder, archive(arrays_of(folder) | {name: trap}))
    with pytest.raises(ModelError, match=WEIGHTS):
        Cleaner(model=folder)
    assert not (folder / "sprung").exists()


@pytest.mark.parametrize("key", ["name", "thresholds"])
def test_descriptions_without_a_key_raise_model_error(folder: Path, key: str) -> None:
    describe(folder, **{key: None})
    with pytest.raises(ModelError, match=DESCRIPTION):
        Cleaner(model=folder).clean(PAGE.read_bytes())


@pytest.mark.parametrize("name", ["dense_page", "bias_page", "sequence_page"])
def test_arrays_of_wrong_shape_raise_model_error(folder: Path, name: str) -> None:
    arrays = arrays_of(folder)
    put_weights(folder, archive(arrays | {name: arrays[name][:-1]}))
    with pytest.raises(ModelError, match=WEIGHTS):
        Cleaner(model=folder)


@pytest.mark.parametrize("as_type", [str, Path])
def test_a_model_is_loaded_by_its_path(folder: Path, as_type: Callable[[Path], str | Path]) -> None:
    article = Cleaner(model=as_type(folder)).clean(PAGE.read_bytes())
    assert article == noisefilter.clean(PAGE.read_bytes())


def test_a_model_is_loaded_by_its_name() -> None:
    article = Cleaner(model="default").clean(PAGE.read_bytes())
    assert article == noisefilter.clean(PAGE.read_bytes())
    assert article.model == "default"


def test_a_model_names_itself(folder: Path) -> None:
    describe(folder, name="of-our-own")
    assert Cleaner(model=folder).clean(PAGE.read_bytes()).model == "of-our-own"


def test_description_holds_what_readers_need() -> None:
    info = json.loads((SHIPPED / DESCRIPTION).read_text(encoding="utf-8"))
    assert info["labels"] == [str(label) for label in noisefilter.Label]
    assert info["sha256"] == hashlib.sha256((SHIPPED / WEIGHTS).read_bytes()).hexdigest()
    for kind in ("page", "text"):
        presets = info["thresholds"][kind]
        assert set(presets) == {"precision", "balanced", "recall"}
        order = [presets[name]["threshold"] for name in ("precision", "balanced", "recall")]
        assert order == sorted(order)
        assert 0 < order[0] <= order[-1] < 1
    presets = info["thresholds"]["page"]
    recoveries = [presets[name]["recovery"] for name in ("precision", "balanced", "recall")]
    assert recoveries == sorted(recoveries)


def test_weights_are_small_and_numbers_only() -> None:
    assert (SHIPPED / WEIGHTS).stat().st_size < 5_000_000
    for name, array in arrays_of(SHIPPED).items():
        assert array.dtype in (np.int8, np.float32), name
        assert np.isfinite(array).all(), name
