"""The curl command and the Python call do what the page shows, whatever the input."""

import ast
import gzip
import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import noisefilter
from browser.conftest import OpenPage, StartServer
from browser.test_page import DROP, SEEDS, TEXT, copied, example, shown

AWKWARD = [
    "plain",
    'it\'s "quoted" and `ticked` $(touch pwned) ${HOME} !! \\ \\n',
    "@file -d --data",
    "two\nlines\r\nand\ttabs \x7f\x1b[31m",
    "é 漢字 🦩 \u202e\u2028\ufeff\u00ad end",
    "'''\"\"\"\\",
]


@pytest.mark.parametrize("text", AWKWARD)
def test_quoting(open_page: OpenPage, text: str) -> None:
    page = open_page()
    calls = page.evaluate(
        """async ([text]) => {
            const {callsFor} = await import("/page/snippets.js");
            const source = {kind: "text", content: text, name: ""};
            return callsFor(source, {keep: [`re:${text}`], title: text}, false);
        }""",
        [text],
    )
    words = shlex.split(calls["curl"])
    body = json.loads(words[words.index("--data-raw") + 1])
    assert body == {"text": text, "keep": [f"re:{text}"], "title": text}
    call = next(
        node for node in ast.walk(ast.parse(calls["python"])) if isinstance(node, ast.Call) and node.keywords
    )
    assert ast.literal_eval(call.args[0]) == text
    assert {k.arg: ast.literal_eval(k.value) for k in call.keywords} == {
        "keep": [f"re:{text}"],
        "title": text,
    }
    assert calls["python"].replace("\n", "").isprintable()


def run_both(curl: str, python: str, folder: Path) -> tuple[str, str]:
    if shutil.which("curl") is None:
        pytest.skip("no curl here")
    answer = subprocess.run(["sh", "-c", curl], cwd=folder, capture_output=True, check=True, timeout=60)
    printed = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", python], cwd=folder, capture_output=True, check=True, timeout=60
    )
    return json.loads(answer.stdout)["text"], printed.stdout.decode().rstrip("\n")


def test_short_text_runs(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    page.fill(
        "#input", 'Admin\n\nIt\'s a "quiet" harbour; $HOME is where the ferry of the island ties up at night.'
    )
    page.click("button[type=submit]:has-text('Clean')")
    shown(page)
    with page.expect_response("**/v1/clean"):
        page.check("input[name=rule-byline][value=keep]")
    shown(page)
    curl, python = page.inner_text("#curl"), page.inner_text("#python")
    by_curl, by_python = run_both(curl, python, tmp_path)
    assert by_curl == by_python != ""


@pytest.mark.parametrize("name", ["news_en.html", 'it\'s "odd" $(x) ü.html', "-", "@x.html"])
def test_file_runs(open_page: OpenPage, tmp_path: Path, name: str) -> None:
    html = (SEEDS / "news_en.html").read_bytes()
    (tmp_path / name).write_bytes(html)
    page = open_page()
    page.evaluate(DROP, [name, "text/html", list(html)])
    shown(page)
    for choice in ("input[name=policy][value=recall]", "input[name=rule-caption][value=keep]"):
        with page.expect_response("**/v1/clean*"):
            page.check(choice)
    shown(page)
    by_curl, by_python = run_both(page.inner_text("#curl"), page.inner_text("#python"), tmp_path)
    assert by_curl == by_python == noisefilter.clean(html, policy="recall", keep=["caption"]).text


ENCODED = {
    "windows": TEXT.replace("\n", "\r\n").encode(),
    "utf-16": TEXT.encode("utf-16"),
    "with a mark": TEXT.encode("utf-8-sig"),
    "cyrillic": (
        "Старый мост через гавань закрыли в понедельник для всех грузовиков.\n\nРеклама\n" * 4
    ).encode("cp1251"),
    "compressed": gzip.compress(TEXT.encode()),
}


@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED)
def test_text_file_runs_in_any_encoding(open_page: OpenPage, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "article.txt").write_bytes(data)
    page = open_page()
    page.evaluate(DROP, ["article.txt", "text/plain", list(data)])
    shown(page)
    assert "the folder that holds article.txt" in page.inner_text("#calls-about")
    by_curl, by_python = run_both(page.inner_text("#curl"), page.inner_text("#python"), tmp_path)
    assert by_curl == by_python == copied(page, "Copy as text") != ""


@pytest.mark.parametrize(
    ("name", "file"), [("Local news", "news_en.html"), ("Auto-blog", "autoblog_twin_en.txt")]
)
def test_example_is_saved_and_runs(open_page: OpenPage, tmp_path: Path, name: str, file: str) -> None:
    page = open_page()
    example(page, name)
    assert f"save it as {file}" in page.inner_text("#calls-about")
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == file
    download.value.save_as(tmp_path / file)
    assert (tmp_path / file).read_bytes() == (SEEDS / file).read_bytes()
    by_curl, by_python = run_both(page.inner_text("#curl"), page.inner_text("#python"), tmp_path)
    assert by_curl == by_python == copied(page, "Copy as text") != ""


def test_call_with_a_token_runs(
    open_page: OpenPage, start_server: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "long-enough-secret"
    monkeypatch.setenv("NOISEFILTER_TOKEN", token)
    with start_server(NOISEFILTER_TOKEN=token) as guarded:
        page = open_page(at=guarded)
        page.fill("#input", "Admin\n\nThe ferry of the island ties up at the quiet harbour every night.")
        page.click("button[type=submit]:has-text('Clean')")
        page.fill("#token", token)
        page.keyboard.press("Enter")
        shown(page)
        by_curl, by_python = run_both(page.inner_text("#curl"), page.inner_text("#python"), tmp_path)
        assert by_curl == by_python == copied(page, "Copy as text") != ""


def test_long_pasted_text_names_a_file(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    page.fill("#input", TEXT)
    page.click("button[type=submit]:has-text('Clean')")
    shown(page)
    assert "save it as article.txt" in page.inner_text("#calls-about")
    (tmp_path / "article.txt").write_text(TEXT, encoding="utf-8")
    by_curl, by_python = run_both(page.inner_text("#curl"), page.inner_text("#python"), tmp_path)
    assert by_curl == by_python == noisefilter.clean_text(TEXT).text
