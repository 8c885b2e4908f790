"""Model files that are missing, damaged, changed or of another format, and a model loaded by its path."""

import hashlib
import io
import json
import os
import pickle
import re
import shutil
import struct
import tracemalloc
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
MEGABYTE = 1 << 20
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
    np.savez(out, allow_pickle=True, **arrays)
    return out.getvalue()


def put_part(folder: Path, name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED, more: int = 0) -> None:
    """Puts bytes, and so many megabytes of zeros, where an array is, or beside the arrays."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(folder / WEIGHTS) as parts,
        zipfile.ZipFile(out, "w", method, compresslevel=1) as target,
    ):
        for part in parts.namelist():
            if part != f"{name}.npy":
                target.writestr(part, parts.read(part), zipfile.ZIP_STORED)
        with target.open(f"{name}.npy", "w") as file:
            file.write(data)
            for _ in range(more):
                file.write(bytes(MEGABYTE))
    put_weights(folder, out.getvalue())


def part_of(folder: Path, name: str) -> bytes:
    with zipfile.ZipFile(folder / WEIGHTS) as parts:
        return parts.read(f"{name}.npy")


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


def link_to(path: Path, target: Path | str) -> None:
    path.unlink()
    path.symlink_to(target)


def make_a_pipe(path: Path) -> None:
    path.unlink()
    if hasattr(os, "mkfifo"):  # else it is missing
        os.mkfifo(path)


def make_unreadable(path: Path) -> None:
    path.chmod(0)
    if os.access(path, os.R_OK):  # for root a file whose first byte cannot be read
        link_to(path, "/proc/self/mem")


def say_twice(path: Path) -> None:
    """The key and value that readers take stay the same."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("{", '{"name": "other",', 1), encoding="utf-8")


FILE_FAULTS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "description missing": (DESCRIPTION, lambda folder: (folder / DESCRIPTION).unlink()),
    "description a pipe": (DESCRIPTION, lambda folder: make_a_pipe(folder / DESCRIPTION)),
    "weights a pipe": ("weights.npz", lambda folder: make_a_pipe(folder / "weights.npz")),
    "description empty": (DESCRIPTION, lambda folder: (folder / DESCRIPTION).write_bytes(b"")),
    "description cut": (DESCRIPTION, lambda folder: cut(folder / DESCRIPTION)),
    "description not UTF-8": (
        DESCRIPTION,
        lambda folder: (folder / DESCRIPTION).write_bytes(b'{"a": "\xe9"}'),
    ),
    "description a list": (DESCRIPTION, lambda folder: (folder / DESCRIPTION).write_bytes(b"[]")),
    "description a folder": (DESCRIPTION, lambda folder: make_a_folder(folder / DESCRIPTION)),
    "description unreadable": (DESCRIPTION, lambda folder: make_unreadable(folder / DESCRIPTION)),
    "description a loop": (DESCRIPTION, lambda folder: link_to(folder / DESCRIPTION, DESCRIPTION)),
    "description a link to nothing": (DESCRIPTION, lambda folder: link_to(folder / DESCRIPTION, "gone")),
    "description with a key twice": (DESCRIPTION, lambda folder: say_twice(folder / DESCRIPTION)),
    "description with NaN": (DESCRIPTION, lambda folder: describe(folder, metrics=float("nan"))),
    "description of other features": (DESCRIPTION, lambda folder: describe(folder, features=999)),
    "description of other labels": (DESCRIPTION, lambda folder: describe(folder, labels=["content"])),
    "description of another format": (DESCRIPTION, lambda folder: describe(folder, format=999)),
    "description without format": (DESCRIPTION, lambda folder: describe(folder, format=None)),
    "weights missing": (WEIGHTS, lambda folder: (folder / WEIGHTS).unlink()),
    "weights a folder": (WEIGHTS, lambda folder: make_a_folder(folder / WEIGHTS)),
    "weights unreadable": (WEIGHTS, lambda folder: make_unreadable(folder / WEIGHTS)),
    "weights a loop": (WEIGHTS, lambda folder: link_to(folder / WEIGHTS, WEIGHTS)),
    "weights a link to nothing": (WEIGHTS, lambda folder: link_to(folder / WEIGHTS, "gone")),
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
    assert re.search("(install noisefilter|train it) again", str(caught.value))


def test_no_file_is_left_out_here() -> None:
    assert {path.name for path in SHIPPED.iterdir()} == {WEIGHTS, DESCRIPTION}


@pytest.mark.parametrize("name", [WEIGHTS, DESCRIPTION])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
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


def places_of(path: Path) -> list[int]:
    """Where an archive says what it holds: the start of each part, and the directory at the end."""
    data = path.read_bytes()
    with zipfile.ZipFile(path) as parts:
        starts = [part.header_offset for part in parts.infolist()]
    return [start + i for start in starts for i in range(60)] + [*range(data.index(b"PK\1\2"), len(data))]


@given(
    st.dictionaries(
        st.sampled_from(places_of(SHIPPED / WEIGHTS)), st.integers(0, 255), min_size=1, max_size=3
    )
)
@settings(max_examples=80, deadline=None)
def test_a_harmed_archive_with_the_right_sum_is_told_or_reads_the_same(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[int, int]
) -> None:
    data = bytearray((SHIPPED / WEIGHTS).read_bytes())
    for place, value in changes.items():
        data[place] = value
    folder = tmp_path_factory.mktemp("model")
    shutil.copy(SHIPPED / DESCRIPTION, folder)
    put_weights(folder, bytes(data))
    try:
        article = Cleaner(model=folder).clean(PAGE.read_bytes())
    except ModelError as error:
        assert str(folder / WEIGHTS) in str(error)
    else:
        assert article == noisefilter.clean(PAGE.read_bytes())


ENTRIES: dict[str, tuple[int, str, int]] = {
    "encrypted": (8, "<H", 1),
    "patched": (8, "<H", 1 << 5),
    "strongly encrypted": (8, "<H", 1 << 6),
    "of a version to come": (6, "<H", 255),
    "compressed as nobody does": (10, "<H", 99),
    "with another sum": (16, "<I", 0),
    "said to be empty": (24, "<I", 0),
    "behind the end": (42, "<I", 1 << 31),
}


@pytest.mark.parametrize(("offset", "form", "value"), ENTRIES.values(), ids=ENTRIES)
def test_parts_that_cannot_be_unpacked_are_told(folder: Path, offset: int, form: str, value: int) -> None:
    data = bytearray((folder / WEIGHTS).read_bytes())
    struct.pack_into(form, data, data.index(b"PK\1\2") + offset, value)
    put_weights(folder, bytes(data))
    with pytest.raises(ModelError, match=WEIGHTS):
        Cleaner(model=folder)


def test_a_part_that_begins_beyond_all_numbers_is_told(folder: Path) -> None:
    data = bytearray((folder / WEIGHTS).read_bytes())
    entry, end = data.index(b"PK\1\2"), data.index(b"PK\5\6")
    struct.pack_into("<I", data, end + 12, end - entry + 12)  # the directory grows by 12 bytes
    struct.pack_into("<H", data, entry + 30, 12)
    struct.pack_into("<I", data, entry + 42, 0xFFFFFFFF)  # as the 12 bytes say
    at = entry + 46 + len("grams.npy")
    data[at:at] = struct.pack("<HHQ", 1, 8, 2**64 - 1)
    put_weights(folder, bytes(data))
    with pytest.raises(ModelError, match=WEIGHTS):
        Cleaner(model=folder)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_told(folder: Path, method: int) -> None:
    put_part(folder, "grams", part_of(folder, "grams"), method)
    with pytest.raises(ModelError, match=f"{WEIGHTS} .*method {method}"):
        Cleaner(model=folder)


def test_exchanged_files_are_told(folder: Path) -> None:
    weights, description = ((folder / name).read_bytes() for name in (WEIGHTS, DESCRIPTION))
    (folder / WEIGHTS).write_bytes(description)
    (folder / DESCRIPTION).write_bytes(weights)
    with pytest.raises(ModelError, match=DESCRIPTION):
        Cleaner(model=folder)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, '{"format": ' + "9" * 10_000 + "}", '{"format": 1e999}', "9" * 10_000],
    ids=["lists", "objects", "number", "infinite", "bare number"],
)
def test_descriptions_made_to_break_readers_are_told(folder: Path, text: str) -> None:
    (folder / DESCRIPTION).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=DESCRIPTION):
        Cleaner(model=folder)


@pytest.mark.parametrize(
    "value", [-0.1, 1.1, float("nan"), float("inf"), 10**400, "0.5", "many", None, [], {}]
)
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
    put_part(folder, "grams", claiming(shape))
    with pytest.raises(ModelError, match=WEIGHTS):
        Cleaner(model=folder)


@pytest.mark.parametrize(
    "header",
    [
        b"(" * 300,
        b"-" * 9_000 + b"1",
        b"1+" * 4_500 + b"1",
        b"[" * 60_000,
        b"\xff\0",
        b"{'descr': '|i1', 'fortran_order': False, 'shape': (131072L, 1), }",
        b"{'descr': 'a1', 'fortran_order': False, 'shape': (131072, 1), }",
        b"{'descr': '|i1', 'fortran_order': False, 'shape': (131072, 1), [] : 1}",
        b"{b'descr': '|i1', 3: False, 'shape': (131072, 1), }",
    ],
    ids=lambda header: header[:70].decode("latin-1"),
)
def test_headers_made_to_break_readers_are_told(folder: Path, header: bytes) -> None:
    start = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header))
    put_part(folder, "grams", start + header + bytes(131072))
    with pytest.raises(ModelError, match=f"{WEIGHTS} .*grams"):
        Cleaner(model=folder)


def peak_of_refusal(folder: Path, match: str) -> int:
    """The most bytes that were held until a model was refused."""
    tracemalloc.start()
    try:
        with pytest.raises(ModelError, match=match):
            Cleaner(model=folder)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


BOMBS: dict[str, tuple[str, Callable[[Path], bytes], int, int]] = {
    "array that goes on": ("grams", lambda folder: part_of(folder, "grams"), zipfile.ZIP_DEFLATED, 200),
    "array of another shape": ("grams", lambda _: claiming((200 * MEGABYTE, 1)), zipfile.ZIP_DEFLATED, 200),
    "one more array": ("more", lambda _: claiming((200 * MEGABYTE, 1)), zipfile.ZIP_DEFLATED, 200),
    "bzip2": ("grams", lambda folder: part_of(folder, "grams"), zipfile.ZIP_BZIP2, 60),
}


@pytest.mark.parametrize(("name", "start", "method", "megabytes"), BOMBS.values(), ids=BOMBS)
def test_bombs_are_told_and_not_unpacked(
    folder: Path, name: str, start: Callable[[Path], bytes], method: int, megabytes: int
) -> None:
    put_part(folder, name, start(folder), method, megabytes)
    peak = peak_of_refusal(folder, f"{WEIGHTS} is damaged .(grams|it holds more)")
    assert (folder / WEIGHTS).stat().st_size < peak < 20 * MEGABYTE


@pytest.mark.parametrize("name", [WEIGHTS, DESCRIPTION])
def test_files_much_too_long_are_told_and_not_read(folder: Path, name: str) -> None:
    with (folder / name).open("r+b") as file:
        file.truncate(300 * MEGABYTE)
    assert peak_of_refusal(folder, f"{name} is damaged .more than") < 20 * MEGABYTE


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_told(folder: Path, number: float) -> None:
    arrays = arrays_of(folder)
    for name in sorted(set(arrays) - {"grams", "tokens"}):
        harmed = arrays[name].copy()
        harmed.flat[-1] = number
        put_weights(folder, archive(arrays | {name: harmed}))
        with pytest.raises(ModelError, match=f"{WEIGHTS} .*{name} holds numbers that are not finite"):
            Cleaner(model=folder)


def test_weights_of_another_type_are_told(folder: Path) -> None:
    arrays = arrays_of(folder)
    put_weights(folder, archive(arrays | {"tokens": arrays["tokens"].astype(np.uint8)}))
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


def test_the_trap_springs(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Trap(tmp_path / "sprung")))
    assert (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", [WEIGHTS, DESCRIPTION])
def test_a_pickle_in_place_of_a_file_is_refused_and_not_run(folder: Path, name: str) -> None:
    data = pickle.dumps(Trap(folder / "sprung"))
    if name == WEIGHTS:
        put_weights(folder, data)
    else:
        (folder / DESCRIPTION).write_bytes(data)
    with pytest.raises(ModelError, match=name):
        Cleaner(model=folder)
    assert not (folder / "sprung").exists()


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


@pytest.mark.parametrize("name", sorted(arrays_of(SHIPPED)))
def test_arrays_of_wrong_shape_raise_model_error(folder: Path, name: str) -> None:
    arrays = arrays_of(folder)
    for wrong in (arrays[name][:-1], arrays[name][None], arrays[name].reshape(-1)[0]):
        put_weights(folder, archive(arrays | {name: wrong}))
        with pytest.raises(ModelError, match=f"{WEIGHTS} .*{name} holds"):
            Cleaner(model=folder)


@pytest.mark.parametrize("name", [5, ["a"], {}, "\ud800", "two\nlines"])
def test_names_that_are_none_are_told(folder: Path, name: object) -> None:
    describe(folder, name=name)
    with pytest.raises(ModelError, match=DESCRIPTION):
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
