"""The gate that a model has to pass, see `quality_gate.py`."""

import json
from pathlib import Path

import numpy as np
import pytest
import quality_gate
from click.testing import CliRunner

FLOORS = quality_gate.floors()["floors"]
VECTORS = json.loads(quality_gate.VECTORS.read_text(encoding="utf-8"))


def test_the_data_are_those_of_the_floors() -> None:
    assert quality_gate.data_checksum() == quality_gate.floors()["checksum"], (
        "the data changed: look at `python tests/quality_gate.py`, then add --write"
    )


def test_every_figure_has_a_floor() -> None:
    assert set(FLOORS) == set(quality_gate.measured())


@pytest.mark.parametrize("name", FLOORS)
def test_figure_is_not_under_its_floor(name: str) -> None:
    assert quality_gate.measured()[name] >= FLOORS[name]


def test_vectors_are_of_this_model() -> None:
    now = quality_gate.vectors()
    assert (now["features"], now["model"]) == (VECTORS["features"], VECTORS["model"])


@pytest.mark.parametrize("name", quality_gate.REFERENCE_INPUTS)
@pytest.mark.parametrize("what", ["features", "noise"])
def test_reference_vectors(name: str, what: str) -> None:
    now, then = quality_gate.vectors()["inputs"][name][what], VECTORS["inputs"][name][what]
    # Sums of many float32 numbers differ a little between machines.
    np.testing.assert_allclose(now, then, atol=5e-3)


def test_a_floor_sinks_only_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "floors.json"
    high = {name: 1.1 if number == 0 else floor for number, (name, floor) in enumerate(FLOORS.items())}
    path.write_text(json.dumps({"checksum": "", "floors": high}), encoding="utf-8")
    monkeypatch.setattr(quality_gate, "FLOORS", path)
    monkeypatch.setattr(quality_gate, "VECTORS", tmp_path / "vectors.json")
    monkeypatch.setattr(quality_gate, "data_checksum", lambda: "")
    first = next(iter(FLOORS))
    refused = CliRunner().invoke(quality_gate.main, ["--write"])
    assert refused.exit_code == 1
    assert first in refused.output.splitlines()[-1]
    assert json.loads(path.read_text(encoding="utf-8"))["floors"] == high
    taken = CliRunner().invoke(quality_gate.main, ["--write", "--allow-lower", first])
    assert taken.exit_code == 0
    assert json.loads(path.read_text(encoding="utf-8"))["floors"][first] < 1.1
