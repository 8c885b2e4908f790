"""The command that looks for what grows with the number of pages."""

import sys
from mmap import mmap

import pytest
from click.testing import CliRunner

from noisefilter import Cleaner, NoiseFilterError
from tools import soak

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_it_runs_and_leaves_nothing_behind() -> None:
    result = CliRunner().invoke(soak.main, ["--pages", "24"])
    assert "One Cleaner in one process, 24 inputs" in result.output
    assert "A pool of 2 children" in result.output
    assert "processes left behind: 0" in result.output
    assert result.exit_code in (0, 1), result.exception  # so few pages say nothing of growth


def test_no_input_comes_twice() -> None:
    given = list(soak.inputs(['<p class="a">One.</p>', "<p>Two.</p>"], 300))
    assert len(set(given)) == 300


def test_a_leak_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[mmap] = []

    def leak(self: Cleaner, page: object) -> None:
        kept.append(mmap(-1, 2_000_000))  # from the system, not from what earlier tests gave back
        kept[-1].write(b"x" * 2_000_000)
        raise NoiseFilterError

    monkeypatch.setattr(Cleaner, "clean", leak)
    lines, fine = soak.verdict(list(soak.in_this_process(["<p>One.</p>"], 24)))
    assert not fine
    assert any(line.startswith("  mb") and line.endswith("GROWS") for line in lines)


@pytest.mark.parametrize("what", ["mb", "objects", "files"])
def test_each_thing_is_watched(what: str) -> None:
    flat = [soak.Sample(100, 50_000, 9)] * 40
    assert soak.verdict(flat)[1]
    grown = {"mb": 106, "objects": 53_000, "files": 10}
    values = {"mb": 100, "objects": 50_000, "files": 9}
    last = [soak.Sample(**{**values, what: grown[what]})] * 10
    assert not soak.verdict(flat[:30] + last)[1]
