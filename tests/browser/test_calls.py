"""The curl command and the Python call do what the page shows, whatever the input."""

import ast
import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import noisefilter
from browser.conftest import OpenPage
from browser.test_page import DROP, SEEDS, shown

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


def test_long_pasted_text_names_a_file(open_page: OpenPage, tmp_path: Path) -> None:
    text = (SEEDS / "autoblog_twin_en.txt").read_text(encoding="utf-8")
    page = open_page()
    page.fill("#input", text)
    page.click("button[type=submit]:has-text('Clean')")
    shown(page)
    assert "save it as article.txt" in page.inner_text("#calls-about")
    (tmp_path / "article.txt").write_text(text, encoding="utf-8")
    by_curl, by_python = run_both(page.inner_text("#curl"), page.inner_text("#python"), tmp_path)
    assert by_curl == by_python == noisefilter.clean_text(text).text
