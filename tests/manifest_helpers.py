"""Authored pages, labels and origins for the tests of the manifest, and the commands on them."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from training.manifest import main, read_manifest

HTML = "<html><body><p>Am Hafen von Überdorf legt ein Boot an.</p></body></html>"
COMMIT, OTHER = "c" * 40, "d" * 40
ORIGINS = {
    "one": {
        "repository": "someone/pages",
        "licence": "MIT",
        "pack": "gzip",
        "paths": ["{folder}/html/{name}.html.gz"],
        "commit": COMMIT,
    },
    "two": {
        "repository": "other/data",
        "licence": "Apache-2.0",
        "pack": "plain",
        "paths": ["new/{id}", "old/{id}"],
        "listed": {OTHER: ["old/b ü.html"]},
        "note": "not looked up",
    },
}
PAGES: list[dict[str, Any]] = [
    {"id": "x/1", "dataset": "one", "url": "https://a.example/", "lang": "de", "html": HTML},
    {"id": "x/2", "dataset": "one", "url": None, "lang": None, "html": HTML.replace("Boot", "Floß")},
    {"id": "b ü.html", "dataset": "two", "url": None, "lang": "de", "html": HTML, "encoding": "cp1252"},
    {"id": "c.html", "dataset": "two", "url": None, "lang": "de", "html": HTML, "encoding": "utf-8~"},
    {"id": "never labelled", "dataset": "two", "url": None, "lang": "de", "html": HTML},
]
PAGES[0]["gold_extra"] = {"page_type": "forum", "author": "nobody"}
LABELLED = ["one/x/1", "one/x/2", "two/b ü.html", "two/c.html"]


def write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


@dataclass
class Folder:
    path: Path

    def run(self, command: str, *more: str, data: str = "full") -> Result:
        arguments = [command, "--data", str(self.path / data), "--manifest", str(self.path / "manifest.gz")]
        if command != "fetch":
            arguments += ["--labels", str(self.path / "labels.gz")]
        if command == "make":
            arguments += ["--origins", str(self.path / "origins.json")]
        return CliRunner().invoke(main, [*arguments, *more])

    def entries(self) -> list[dict[str, Any]]:
        return read_manifest(self.path / "manifest.gz")

    def write(self, pages: list[dict[str, Any]], data: str = "full") -> None:
        for corpus in ("one", "two"):
            rows = [page for page in pages if page["dataset"] == corpus]
            write_lines(self.path / data / "corpora" / f"{corpus}.jsonl.gz", rows)


def rows(output: str) -> dict[str, list[int]]:
    lines = [line.split() for line in output.splitlines()]
    return {
        line[0]: [int(number) for number in line[1:]] for line in lines if line[1:2] and line[1].isdigit()
    }


def make_folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path)
    made.write(PAGES)
    labels = [
        {"corpus": page["dataset"], "page": page["id"], "lang": "de", "blocks": [[0, "0" * 8, "content", 0]]}
        for page in PAGES
        if "never" not in page["id"]
    ]
    write_lines(tmp_path / "labels.gz", labels)
    (tmp_path / "origins.json").write_text(json.dumps(ORIGINS), encoding="utf-8")
    assert made.run("make").exit_code == 0
    return made
