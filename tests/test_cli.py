"""The command line, on small pages written here."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import noisefilter
from noisefilter.cli import main
from noisefilter.labels import Label

SENTENCES = (
    "The old harbour bridge was closed to lorries on Monday after engineers found cracks in two bearings.",
    "Inspectors had been called in because drivers reported a loud knocking whenever a heavy truck crossed.",
    "The city expects the repair to take about six weeks, and buses will be sent over the northern bridge.",
    "Residents on the island say the detour adds twenty minutes to their way to work each morning.",
    "A spokesman for the port said that freight would move by rail at night until the bearings are replaced.",
)


def page(*sentences: str, title: str = "Harbour bridge closed to lorries") -> str:
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in sentences or SENTENCES)
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title}</title></head><body>"
        "<nav><ul><li><a href='/'>Home</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
        f"<article><h1>{title}</h1>{paragraphs}</article>"
        "<footer><p>Copyright 2024 Example Media. All rights reserved.</p></footer></body></html>"
    )


TEXT = "\n\n".join(SENTENCES) + "\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(noisefilter.__file__).parents[1]))
    (tmp_path / "a.html").write_text(page(), encoding="utf-8")
    (tmp_path / "b.html").write_text(page(*reversed(SENTENCES)), encoding="utf-8")
    (tmp_path / "c.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def article_of(
    text: str,
    *,
    kept: bool = True,
    reason: noisefilter.Reason = noisefilter.Reason.CONTENT,
    evidence: tuple[noisefilter.Evidence, ...] = (),
) -> noisefilter.Article:
    """An article of one block, whatever a model says."""
    block = noisefilter.Block(
        text=text, kind=noisefilter.Kind.PARAGRAPH, level=0, label=Label.CONTENT, score=1.0, noise=0.0,
        kept=kept, reason=reason,
    )  # fmt: skip
    return noisefilter.Article(
        text=text if kept else "", title=None, authors=(), date=None, tags=(), source=None, language=None,
        url=None, quality=1.0, flags=frozenset(), blocks=(block,), model="m", _explainer=lambda _: evidence,
    )  # fmt: skip


def run(*args: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, list(args), input=stdin, catch_exceptions=False)


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "noisefilter", *args]


# -- Output


def test_text(here: Path) -> None:
    result = run("clean", "a.html")
    assert result.exit_code == 0
    assert result.stdout == noisefilter.clean(page()).text + "\n"
    assert all(sentence in result.stdout for sentence in SENTENCES)
    assert "All rights reserved" not in result.stdout
    assert result.stderr == ""


def test_markdown_and_html(here: Path) -> None:
    article = noisefilter.clean(page())
    assert run("clean", "a.html", "--format", "markdown").stdout == article.markdown() + "\n"
    assert run("clean", "a.html", "--format", "html").stdout == article.html() + "\n"


def test_json_of_one_file_and_of_several(here: Path) -> None:
    expected = json.loads(json.dumps(noisefilter.clean(page()).to_dict()))
    assert json.loads(run("clean", "a.html", "--format", "json").stdout) == expected
    several = json.loads(run("clean", "a.html", "b.html", "--format", "json").stdout)
    assert [article["file"] for article in several] == ["a.html", "b.html"]
    assert several[0] == {"file": "a.html", **expected}
    assert run("clean", "x.html", "y.html", "--format", "json").stdout == "[]\n"


def test_jsonl_is_one_line_for_each_file(here: Path) -> None:
    sentence = (
        "Line separators \u2028 and \u2029 stand inside of this one, which talks about bridges and harbours."
    )
    (here / "b.html").write_text(page(*SENTENCES, sentence), encoding="utf-8")
    result = run("clean", "a.html", "b.html", "--format", "jsonl", "--keep", "content")
    lines = result.stdout.splitlines()
    assert [json.loads(line)["file"] for line in lines] == ["a.html", "b.html"]
    assert json.loads(lines[0])["schema"] == 1


def test_several_files_get_a_header_each(here: Path) -> None:
    a, c = run("clean", "a.html").stdout, run("clean", "c.txt").stdout
    assert run("clean", "a.html", "c.txt").stdout == f"==> a.html <==\n{a}\n==> c.txt <==\n{c}"
    a, c = run("clean", "--format=html", "a.html").stdout, run("clean", "--format=html", "c.txt").stdout
    expected = f"<!-- ==&gt; a.html &lt;== -->\n{a}\n<!-- ==&gt; c.txt &lt;== -->\n{c}"
    assert run("clean", "--format=html", "a.html", "c.txt").stdout == expected


def test_output_is_utf8_whatever_the_locale(here: Path) -> None:
    sentence = "Die Brücke über den Hafen – „alt“ und schön – bleibt für Lastwagen bis zum Frühjahr gesperrt."
    (here / "d.html").write_text(page(*SENTENCES, sentence), encoding="utf-8")
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(
        command("clean", "d.html", "--keep", "re:Brücke", "--explain"),
        capture_output=True, env=environment, check=True,
    )  # fmt: skip
    assert sentence in done.stdout.decode("utf-8")
    assert b"\r" not in done.stdout


@pytest.mark.parametrize("output_format", ["text", "markdown", "html", "json", "jsonl"])
def test_a_lone_surrogate_in_the_result_does_no_harm(
    here: Path, monkeypatch: pytest.MonkeyPatch, output_format: str
) -> None:
    # No input gives one today, but a caller of the library can.
    article = article_of("a \ud800 b")
    monkeypatch.setattr(noisefilter, "clean", lambda *args, **kwargs: article)
    result = run("clean", "a.html", "--format", output_format)
    assert result.exit_code == 0
    assert "a \ufffd b" in result.stdout_bytes.decode("utf-8")


# -- Input


def test_stdin(here: Path) -> None:
    expected = run("clean", "a.html").stdout
    assert run("clean", stdin=page()).stdout == expected
    assert run("clean", "-", stdin=page()).stdout == expected
    done = subprocess.run(command("clean"), input=page().encode(), capture_output=True, check=True)
    assert done.stdout.decode() == expected


def test_stdin_from_a_terminal_is_misuse(here: Path) -> None:
    pty = pytest.importorskip("pty")
    parent, child = pty.openpty()
    done = subprocess.run(command("clean"), stdin=child, capture_output=True, timeout=20)
    os.close(parent)
    os.close(child)
    assert done.returncode == 2
    assert b"Usage: noisefilter clean" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("x.html", page(), "page"),
        ("x.HTM", page(), "page"),
        ("x.txt", TEXT, "text"),
        ("x.text", page(), "text"),  # the suffix decides
        ("x", page(), "page"),
        ("x.com", TEXT, "text"),
    ],
)
def test_auto_goes_by_suffix_then_content(here: Path, name: str, content: str, kind: str) -> None:
    (here / name).write_text(content, encoding="utf-8")
    blocks = json.loads(run("clean", name, "--format", "json").stdout)["blocks"]
    # Only blocks of plain text know their place in the input.
    assert (blocks[0]["start"] is None) == (kind == "page")


def test_input_type_given(here: Path) -> None:
    (here / "page").write_text(page(), encoding="utf-8")
    assert "<p>" in run("clean", "page", "--input", "text", "--keep", "re:<p>").stdout
    result = run("clean", "c.txt", "--input", "html")
    assert result.exit_code == 2
    assert result.stderr.startswith("noisefilter: c.txt: ")


def test_text_in_another_encoding(here: Path) -> None:
    (here / "d.txt").write_bytes(("\ufeff" + TEXT).encode("utf-16"))
    result = run("clean", "d.txt")
    assert result.exit_code == 0
    assert SENTENCES[0] in result.stdout


def test_unreadable_inputs_do_not_stop_the_others(here: Path) -> None:
    (here / "empty.html").write_bytes(b"")
    (here / "image").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)))
    (here / "directory").mkdir()
    result = run("clean", "missing.html", "a.html", "empty.html", "image", "directory", "b.html")
    assert result.exit_code == 2
    assert "==> a.html <==" in result.stdout and "==> b.html <==" in result.stdout
    named = [line.split(": ")[1] for line in result.stderr.splitlines()]
    assert named == ["missing.html", "empty.html", "image", "directory"]
    assert "noisefilter: missing.html: No such file or directory" in result.stderr
    assert "noisefilter: directory: Is a directory" in result.stderr


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission(here: Path) -> None:
    (here / "a.html").chmod(0)
    result = run("clean", "a.html")
    assert (result.exit_code, result.stderr) == (2, "noisefilter: a.html: Permission denied\n")


def test_an_address_is_not_fetched(here: Path) -> None:
    result = run("clean", "https://example.com/")
    assert result.exit_code == 2
    assert "curl -sL https://example.com/ | noisefilter clean" in result.stderr


def test_messages_are_single_harmless_lines(here: Path) -> None:
    result = run("clean", "no\x1b[2Jsuch\nfile")
    assert result.stderr == "noisefilter: no\ufffd[2Jsuch file: No such file or directory\n"


def test_limit_bytes(here: Path) -> None:
    size = len(page())
    assert run("clean", "a.html", "--limit", f"input_bytes={size}").exit_code == 0
    result = run("clean", "a.html", "c.txt", "--limit", f"input_bytes={size - 1}")
    assert result.exit_code == 2
    assert "a.html: larger than" in result.stderr and "--limit input_bytes=" in result.stderr
    assert "==> c.txt <==" in result.stdout


# -- Rules, policy, title, explanations


def test_keep_and_drop(here: Path) -> None:
    assert "All rights reserved" in run("clean", "a.html", "--keep", "re:All rights").stdout
    assert SENTENCES[1] not in run("clean", "a.html", "--drop", "re:^Inspectors").stdout
    both = run(
        "clean", "a.html", "--drop", "re:Inspectors", "--drop", "re:city", "--keep", "re:knocking"
    ).stdout
    assert SENTENCES[1] in both and SENTENCES[2] not in both


@pytest.mark.parametrize("option", ["--keep", "--drop"])
@pytest.mark.parametrize("value", ["adverts", "re:(", "", "re", "CONTENT"])
def test_a_wrong_rule_is_misuse(here: Path, option: str, value: str) -> None:
    result = run("clean", "a.html", option, value)
    assert result.exit_code == 2
    assert result.stdout == ""
    if not value.startswith("re:"):
        assert all(label in result.stderr for label in Label)


def test_content_cannot_be_dropped(here: Path) -> None:
    result = run("clean", "missing.html", "--drop", "content")
    assert result.exit_code == 2
    assert "Usage: " in result.stderr and "missing.html" not in result.stderr


@pytest.mark.parametrize("policy", ["precision", "balanced", "recall"])
def test_policy(here: Path, policy: str) -> None:
    expected = noisefilter.clean(page(), policy=policy).text
    assert run("clean", "a.html", "--policy", policy).stdout == expected + "\n"


def test_wrong_values_are_misuse(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("clean", "a.html", "--policy", "strict").exit_code == 2
    assert run("clean", "a.html", "--format", "pdf").exit_code == 2
    assert run("clean", "a.html", "--output-dir", "c.txt").exit_code == 2
    assert run("clean", "a.html", "--input", "html", "--title", "x").exit_code == 2
    assert run("clean", "a.html", "b.html", "--url", "https://example.com").exit_code == 2
    assert run("clean", "a.html", "--limit", "input_bytes=0").exit_code == 2

    def refuse(*args: object, **kwargs: object) -> None:
        raise ValueError("not like that")

    monkeypatch.setattr(noisefilter, "clean", refuse)
    result = run("clean", "a.html")
    assert result.exit_code == 2 and "not like that" in result.stderr


def test_title_and_url(here: Path) -> None:
    result = run(
        "clean", "c.txt", "--title", "A bridge", "--url", "https://example.com/1", "--format", "json"
    )
    article = json.loads(result.stdout)
    assert (article["title"], article["url"]) == ("A bridge", "https://example.com/1")
    result = run("clean", "a.html", "--title", "A bridge")
    assert result.exit_code == 0 and "brings its own" in result.stderr


def test_explain(here: Path) -> None:
    sentence = (
        "[bold]Inspectors[/bold] had [/] been \x1b[31mcalled in :smile: because " + "the bridge shook " * 30
    )
    (here / "d.txt").write_text("\n".join([*SENTENCES, sentence]), encoding="utf-8")
    result = run("clean", "d.txt", "--drop", "re:bold", "--explain")
    assert result.exit_code == 0
    assert result.stdout == run("clean", "d.txt", "--drop", "re:bold").stdout
    shown = result.stderr
    assert "d.txt: 1 of 6 blocks dropped" in shown
    assert "[bold]Inspectors[/bold]" in shown and ":smile:" in shown and "drop_rule" in shown and "…" in shown
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 120
    assert any(sign in shown for sign in "+-")


@pytest.mark.parametrize(
    ("reason", "shown"), [("noise", ["+0.80 a", "+0.30 c"]), ("drop_rule", ["-0.90 b", "+0.80 a", "+0.30 c"])]
)
def test_explain_shows_what_decided(
    here: Path, monkeypatch: pytest.MonkeyPatch, reason: str, shown: list[str]
) -> None:
    # What says the same of all blocks is no reason for this one.
    weights = {"a": 0.8, "b": -0.9, "c": 0.3, "d": -0.1, "the page as a whole": 0.95}
    evidence = tuple(noisefilter.Evidence(name, weight) for name, weight in weights.items())
    article = article_of("x", kept=False, reason=noisefilter.Reason(reason), evidence=evidence)
    monkeypatch.setattr(noisefilter, "clean", lambda *args, **kwargs: article)
    assert re.findall(r"[+-]0\.\d\d \w", run("clean", "a.html", "--explain").stderr) == shown


def test_explain_without_anything_dropped(here: Path) -> None:
    result = run("clean", "c.txt", "--keep", "re:.", "--explain")
    assert "c.txt: 0 of 5 blocks dropped" in result.stderr


# -- Files


def test_output_dir(here: Path) -> None:
    (here / "other").mkdir()
    for name in ("other/a.html", "other/A.htm", "example.com", "page.v1.2"):
        (here / name).write_text(page(), encoding="utf-8")
    names = ["a.html", "other/a.html", "other/A.htm", "example.com", "page.v1.2", "-"]
    result = run("clean", *names, "--output-dir", "new/out", "--format", "markdown", stdin=page())
    assert result.exit_code == 0
    assert result.stdout == ""
    written = sorted(path.name for path in (here / "new/out").iterdir())
    assert written == ["A-3.md", "a-2.md", "a.md", "example.com.md", "page.v1.2.md", "stdin.md"]
    assert {path.read_text("utf-8") for path in (here / "new/out").iterdir()} == {
        noisefilter.clean(page()).markdown() + "\n"
    }
    assert "other/a.html: written to new/out/a-2.md" in result.stderr
    again = run("clean", *names, "--output-dir", "new/out", "--format", "markdown", stdin=page())
    assert again.exit_code == 0
    assert sorted(path.name for path in (here / "new/out").iterdir()) == written


def test_output_dir_never_overwrites_an_input(here: Path) -> None:
    (here / "c.html").write_text(page(), encoding="utf-8")
    assert run("clean", "c.txt", "c.html", "--output-dir", ".").exit_code == 0
    assert (here / "c.txt").read_text("utf-8") == TEXT
    assert (here / "c-2.txt").exists() and (here / "c-3.txt").exists()


@pytest.mark.parametrize("output_format", ["text", "json", "jsonl"])
def test_output_dir_formats(here: Path, output_format: str) -> None:
    assert run("clean", "a.html", "c.txt", "--output-dir", "out", "--format", output_format).exit_code == 0
    suffix = {"text": "txt", "json": "json", "jsonl": "jsonl"}[output_format]
    content = (here / "out" / f"a.{suffix}").read_text("utf-8")
    assert (here / "out" / f"c.{suffix}").exists()
    if output_format == "json":
        assert json.loads(content) == json.loads(json.dumps(noisefilter.clean(page()).to_dict()))
    elif output_format == "jsonl":
        assert json.loads(content)["file"] == "a.html" and content.count("\n") == 1


def test_output_that_cannot_be_written(here: Path) -> None:
    (here / "out" / "a.txt").mkdir(parents=True)
    result = run("clean", "a.html", "b.html", "--output-dir", "out")
    assert result.exit_code == 2
    assert result.stderr.startswith("noisefilter: a.html: ")
    assert (here / "out" / "b.txt").exists()


def test_a_progress_bar_only_at_a_terminal_with_many_files(here: Path) -> None:
    pty = pytest.importorskip("pty")

    def stderr_of(count: int) -> bytes:
        names = [f"{number}.txt" for number in range(count)]
        for name in names:
            (here / name).write_text(SENTENCES[0], encoding="utf-8")
        parent, child = pty.openpty()
        process = subprocess.Popen(
            command("clean", *names, "missing.txt", "--output-dir", "out"),
            stderr=child,
            env={**os.environ, "TERM": "xterm-256color"},
        )
        os.close(child)
        data = b""
        with contextlib.suppress(OSError):  # how Linux tells that the other end is closed
            while chunk := os.read(parent, 65536):
                data += chunk
        os.close(parent)
        process.wait(20)
        return data

    few, many = stderr_of(3), stderr_of(21)
    assert b"cleaning" not in few and b"cleaning" in many
    assert b"missing.txt: No such file" in few and b"missing.txt: No such file" in many


def test_a_page_cannot_steer_the_terminal(here: Path) -> None:
    pty = pytest.importorskip("pty")
    steering = TEXT.replace("bearings", "bea\x1b[31mrings\x9b2J\x07", 1)
    (here / "steering.txt").write_text(steering, encoding="utf-8")
    parent, child = pty.openpty()
    process = subprocess.Popen(command("clean", "steering.txt"), stdout=child)
    os.close(child)
    data = b""
    with contextlib.suppress(OSError):
        while chunk := os.read(parent, 65536):
            data += chunk
    os.close(parent)
    process.wait(20)
    shown = data.decode().replace("\r\n", "\n")
    assert shown == re.sub("[\x1b\x9b\x07]", "\ufffd", steering)
    # Whoever reads it from a pipe gets the text as it is.
    assert run("clean", "steering.txt").stdout == steering


# -- Exit codes


def test_no_article(here: Path) -> None:
    result = run("clean", "a.html", "--drop", "re:.")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("noisefilter: a.html: no article found")
    assert json.loads(run("clean", "a.html", "--drop", "re:.", "--format", "json").stdout)["text"] == ""
    assert run("clean", "a.html", "--drop", "re:.", "--output-dir", "out").exit_code == 1
    assert (here / "out" / "a.txt").read_bytes() == b""


def test_the_worst_exit_code_wins(here: Path) -> None:
    drop_c = ["--drop", "re:.", "--keep", "re:<p>"]
    (here / "d.txt").write_text("<p>" + SENTENCES[0], encoding="utf-8")
    assert run("clean", "d.txt", *drop_c).exit_code == 0
    assert run("clean", "c.txt", "d.txt", *drop_c).exit_code == 1
    assert run("clean", "c.txt", "missing.html", "d.txt", *drop_c).exit_code == 2


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_reader_that_goes_away_is_no_error(here: Path) -> None:
    process = subprocess.Popen(
        command("clean", "a.html", "b.html"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    with process.stderr as stderr:
        assert stderr.read() == b""
    assert process.wait(20) == 141


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_reader_that_goes_away_amid_an_article(here: Path) -> None:
    (here / "long.txt").write_text("\n".join(f"{i}. {SENTENCES[0]}" for i in range(10_000)), encoding="utf-8")
    process = subprocess.Popen(command("clean", "long.txt"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    assert len(process.stdout.read(1)) == 1
    process.stdout.close()
    with process.stderr as stderr:
        assert stderr.read() == b""
    assert process.wait(20) == 141


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.skipif(signal.getsignal(signal.SIGINT) is signal.SIG_IGN, reason="run in the background")
def test_ctrl_c(here: Path) -> None:
    os.mkfifo("pipe.html")
    process = subprocess.Popen(command("clean", "pipe.html"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    # Can be opened for writing from when the command reads.
    writer, deadline = None, time.monotonic() + 20
    while writer is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            writer = os.open("pipe.html", os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.02)
    assert writer is not None
    process.send_signal(signal.SIGINT)
    output, messages = process.communicate(timeout=20)
    os.close(writer)
    assert (process.returncode, output, messages) == (130, b"", b"")


# -- model info, help, version


def test_model_info() -> None:
    result = run("model", "info", "--json")
    assert result.exit_code == 0
    info = json.loads(result.stdout)
    shown = run("model", "info").stdout
    for key in info:
        assert key in shown
    assert max(map(len, shown.splitlines())) <= 120


def test_model_info_of_any_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loaded:
        name = "m-1"
        info = {  # noqa: RUF012
            "metrics": {"[red]": 0.5, "by": {"page": {"f": [1, 2]}}}, "many": list(range(100)), "none": None,
            "labels": ["content", "ad"], "empty": {}, "sha256": "0123456789abcdef" * 4,
        }  # fmt: skip

    monkeypatch.setattr("noisefilter.model.load_model", Loaded)
    shown = run("model", "info").stdout
    assert [line.split("  ")[0].strip() for line in shown.splitlines()] == [
        "name", "labels", "sha256", "metrics.[red]", "metrics.by.page.f", "many", "none", "empty",
    ]  # fmt: skip
    assert "0123456789abcdef" * 4 in shown and "1, 2" in shown and "100 values" in shown


def test_a_damaged_model_is_one_line(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise noisefilter.errors.ModelError("weights.npz has changed")

    monkeypatch.setattr("noisefilter.model.load_model", refuse)
    monkeypatch.setattr(noisefilter, "clean", refuse)
    for args in (["model", "info"], ["clean", "a.html", "b.html"]):
        result = run(*args)
        assert (result.exit_code, result.stderr) == (2, "noisefilter: weights.npz has changed\n")


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["clean", "--help"], ["model", "--help"]])
def test_help_and_version_import_nothing_slow(args: list[str]) -> None:
    code = (
        "import sys\n"
        "from noisefilter.cli import main\n"
        f"main({args!r}, prog_name='noisefilter', standalone_mode=False)\n"
        "slow = {'numpy', 'trafilatura', 'rich', 'lxml'} & set(sys.modules)\n"
        "assert not slow, slow\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "noisefilter" in done.stdout


def test_version() -> None:
    try:
        expected = f"noisefilter {version('noisefilter')}\n"
    except PackageNotFoundError:
        expected = "noisefilter, not installed\n"
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, expected)


# -- Training data


def test_with_source_holds_the_input_beside_the_blocks(here: Path) -> None:
    out = run("clean", "--format", "jsonl", "--with-source", "a.html", "c.txt").stdout
    first, second = [json.loads(line) for line in out.splitlines()]
    assert first["input"] == {"type": "html", "content": page()}
    assert second["input"] == {"type": "text", "content": TEXT}
    assert "input" not in json.loads(run("clean", "--format", "jsonl", "a.html").stdout)


@pytest.mark.parametrize("output_format", ["text", "markdown", "html"])
def test_with_source_needs_a_format_that_has_room_for_it(here: Path, output_format: str) -> None:
    result = CliRunner().invoke(main, ["clean", "--format", output_format, "--with-source", "a.html"])
    assert result.exit_code == 2
    assert "--format json or jsonl" in result.output
