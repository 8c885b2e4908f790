"""``noisefilter clean --jobs`` and ``--timeout``: as without, but in child processes."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from known_misses import PAGES
from test_cli import command, here, page, run

__all__ = ["here"]

ENDLESS = "a" * 64 + "!"
ENDLESS_PATTERN = "re:^(a+)+$"


def both(*args: str, stdin: str | None = None) -> Result:
    """What the command gives, the same with and without children."""
    alone, children = run("clean", *args, stdin=stdin), run("clean", *args, "--jobs", "2", stdin=stdin)
    assert (children.stdout, children.stderr, children.exit_code) == (
        alone.stdout,
        alone.stderr,
        alone.exit_code,
    )
    return children


@pytest.mark.parametrize("output_format", ["text", "json", "jsonl"])
def test_the_same_output_in_the_same_order(here: Path, output_format: str) -> None:
    names = [str(path) for path in sorted(PAGES.glob("*_en.*")) if path.suffix in (".html", ".txt")]
    assert both(*names, "--format", output_format).exit_code == 0


def test_the_same_messages_and_exit_codes(here: Path) -> None:
    (here / "empty.html").write_bytes(b"")
    (here / "image").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)))
    names = ["missing.html", "a.html", "empty.html", "image", ".", "b.html", "nowhere"]
    result = both(*names)
    assert result.exit_code == 2
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == [
        "missing.html", "empty.html", "image", ".", "nowhere",
    ]  # fmt: skip
    assert both("a.html", "--drop", "re:.").exit_code == 1
    assert "--limit input_bytes=NUMBER" in both("a.html", "--limit", "input_bytes=9").stderr
    assert "--limit blocks=NUMBER" in both("a.html", "b.html", "--limit", "blocks=2").stderr


def test_the_same_explanations_sources_and_titles(here: Path) -> None:
    assert "blocks dropped" in both("a.html", "c.txt", "--explain").stderr
    line = both("a.html", "--with-source", "--format", "jsonl").stdout
    assert json.loads(line)["input"] == {"type": "html", "content": page()}
    assert json.loads(both("c.txt", "--title", "Bridge", "--format", "json").stdout)["title"] == "Bridge"
    assert "this page brings its own" in both("a.html", "--title", "Bridge").stderr
    assert both("-", stdin=page()).exit_code == 0


def test_files_in_a_directory(here: Path) -> None:
    assert run("clean", "a.html", "b.html", "--output-dir", "one").exit_code == 0
    assert run("clean", "a.html", "b.html", "--output-dir", "two", "--jobs", "2").exit_code == 0
    written = {path.name: path.read_bytes() for path in (here / "two").iterdir()}
    assert written == {path.name: path.read_bytes() for path in (here / "one").iterdir()}
    assert set(written) == {"a.txt", "b.txt"}


def test_an_input_over_its_time_is_told_and_the_others_are_cleaned(here: Path) -> None:
    (here / "endless.txt").write_text(ENDLESS, encoding="utf-8")
    names = ("a.html", "endless.txt", "b.html")
    result = run("clean", *names, "--timeout", "1.5", "--keep", ENDLESS_PATTERN)
    assert result.exit_code == 2
    assert "==> a.html <==" in result.stdout and "==> b.html <==" in result.stdout
    assert result.stderr.startswith("noisefilter: endless.txt: not done after 1.5 s")
    assert result.stderr.endswith("(here: --timeout SECONDS)\n")
    assert result.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds children in /proc")
def test_an_input_that_takes_too_much_memory_is_told_and_the_others_are_cleaned(here: Path) -> None:
    large = "<article>" + "".join(f"<p>Entry {i} of the log says fair." for i in range(60_000))
    (here / "large.html").write_text(large, encoding="utf-8")
    result = run("clean", "a.html", "large.html", "b.html", "--max-memory", "160")
    assert result.exit_code == 2
    assert "==> a.html <==" in result.stdout and "==> b.html <==" in result.stdout
    assert "more than the 160 MB allowed" in result.stderr
    assert result.stderr.endswith("(here: --max-memory MB)\n")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds children in /proc")
def test_a_child_that_dies_is_told_and_the_others_are_cleaned(here: Path) -> None:
    from test_batch import busy, descendants, parent_of, until

    (here / "endless.txt").write_text(ENDLESS, encoding="utf-8")
    process = subprocess.Popen(
        command("clean", "endless.txt", "a.html", "--timeout", "60", "--keep", ENDLESS_PATTERN),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip

    def children() -> list[int]:
        return [
            pid for pid in descendants(process.pid) if parent_of(pid) not in (None, process.pid) and busy(pid)
        ]

    until(lambda: bool(children()))
    os.kill(children()[0], signal.SIGSEGV)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"==> a.html <==" in stdout
    assert stderr.startswith(b"noisefilter: endless.txt: the child process that cleaned this was ended by si")


@pytest.mark.parametrize(
    "wrong",
    [
        "--jobs=0",
        "--jobs=-1",
        "--jobs=x",
        "--timeout=0",
        "--timeout=-1",
        "--timeout=nan",
        "--timeout=inf",
        "--max-memory=0",
        "--max-memory=-5",
        "--max-memory=x",
        "--max-memory=nan",
        "--max-memory=inf",
    ],
)
def test_wrong_numbers_are_misuse(here: Path, wrong: str) -> None:
    result = run("clean", "a.html", wrong)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"Invalid value for '{wrong.partition('=')[0]}'" in result.stderr


@pytest.mark.skipif(signal.getsignal(signal.SIGINT) is signal.SIG_IGN, reason="run in the background")
def test_ctrl_c_ends_it(here: Path) -> None:
    (here / "endless.txt").write_text(ENDLESS, encoding="utf-8")
    arguments = ("a.html", "endless.txt", "endless.txt", "--jobs", "2", "--keep", ENDLESS_PATTERN)
    process = subprocess.Popen(
        command("clean", *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"==> a.html <==\n"
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)  # at the end of stderr, so when all children are gone
    assert (process.returncode, stderr) == (130, b"")


def test_a_reader_that_goes_away_ends_it(here: Path) -> None:
    (here / "endless.txt").write_text(ENDLESS, encoding="utf-8")
    names = ("a.html", "big.txt", "endless.txt")
    big = "\n\n".join([page()] * 400)
    (here / "big.txt").write_text(big, encoding="utf-8")
    process = subprocess.Popen(
        command("clean", *names, "--jobs=2", "--format=json", "--keep", ENDLESS_PATTERN),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 141


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_progress_bar_where_stdout_is_no_terminal(here: Path, jobs: str) -> None:
    pty = pytest.importorskip("pty")
    parent, child = pty.openpty()
    process = subprocess.Popen(
        command("clean", *["c.txt"] * 21, "missing.txt", "--jobs", jobs),
        stdout=subprocess.DEVNULL,
        stderr=child,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    os.close(child)
    data = b""
    with contextlib.suppress(OSError):  # how Linux tells that the other end is closed
        while chunk := os.read(parent, 65536):
            data += chunk
    os.close(parent)
    assert process.wait(60) == 2
    assert b"cleaning" in data
    assert b"\x1b[2Knoisefilter: missing.txt: " in data  # on a line of its own, not after the bar


def test_a_wrong_model_is_told_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import noisefilter
    from noisefilter.batch import many

    def missing(*_: object) -> noisefilter.Cleaner:
        raise noisefilter.ModelError("the model is gone")

    monkeypatch.setattr(many, "Cleaner", missing)
    result = run("clean", "a.html", "b.html", "--jobs", "2")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "noisefilter: the model is gone\n"


def test_help_does_not_load_the_pool() -> None:
    code = (
        "import sys; from noisefilter.cli import main; print({'numpy', 'multiprocessing'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"set()"
