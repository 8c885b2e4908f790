"""Fetching the pages of a manifest, from a server of the test's own."""

import gzip
import threading
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from manifest_helpers import COMMIT, HTML, LABELLED, OTHER, PAGES, Folder, make_folder, rows

from training.download import DownloadError, Source, decode, download, sha256_of, unpack
from training.manifest import append_record, fetch_missing
from training.pages import labelled_pages, read_labels


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return make_folder(tmp_path)


@dataclass
class Server:
    base: str
    files: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urllib.parse.unquote(self.path).lstrip("/")
            found.asked.append(path)
            waiting = found.statuses.get(path)
            status = waiting.pop(0) if waiting else 200 if path in found.files else 404
            body = found.files[path] if status == 200 else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        found = Server(f"http://127.0.0.1:{http.server_address[1]}")
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        http.shutdown()
        thread.join()


@pytest.fixture
def full_server(server: Server) -> Server:
    server.files = {
        f"someone/pages/{COMMIT}/x/html/1.html.gz": gzip.compress(PAGES[0]["html"].encode()),
        f"someone/pages/{COMMIT}/x/html/2.html.gz": gzip.compress(PAGES[1]["html"].encode()),
        f"other/data/{OTHER}/old/b ü.html": HTML.encode("cp1252"),
        "other/data/HEAD/old/c.html": HTML.encode(),
    }
    return server


def test_fetch_downloads_what_training_reads(folder: Folder, full_server: Server) -> None:
    result = folder.run("fetch", "--base", full_server.base + "/", data="new")
    assert result.exit_code == 0, result.output
    assert rows(result.output) == {"one": [2, 0, 0], "two": [2, 0, 0]}
    assert folder.run("check", data="new").exit_code == 0
    labels = read_labels(folder.path / "labels.gz")
    pages = {page.key: page for page in labelled_pages(folder.path / "new" / "corpora", labels)}
    assert sorted(pages) == LABELLED
    first = pages["one/x/1"]
    assert (first.html, first.url, first.gold, first.page_type) == (HTML, "https://a.example/", None, "forum")


def test_fetch_asks_only_for_what_is_missing(folder: Folder, full_server: Server) -> None:
    folder.write(PAGES[:1] + PAGES[2:], data="part")
    assert folder.run("fetch", "--base", full_server.base, data="part").exit_code == 0
    assert full_server.asked == [f"someone/pages/{COMMIT}/x/html/2.html.gz"]
    assert folder.run("check", data="part").exit_code == 0
    assert folder.run("fetch", "--base", full_server.base, data="part").exit_code == 0
    assert len(full_server.asked) == 1


def test_fetch_goes_on_after_failures_and_says_them(folder: Folder, full_server: Server) -> None:
    first, second, third, _ = full_server.files
    del full_server.files[first]
    full_server.files[second] = gzip.compress(b"<p>something else</p>")
    full_server.files[third] = b"\xff" + full_server.files[third]
    result = folder.run("fetch", "--base", full_server.base, data="new")
    assert result.exit_code == 1
    assert "one/x/1: " in result.output
    assert "answers 404" in result.output
    assert "one/x/2: sha256 differs" in result.output
    assert rows(result.output) == {"one": [0, 0, 2], "two": [1, 0, 1]}


def test_fetch_leaves_differing_pages_alone(folder: Folder, full_server: Server) -> None:
    folder.write([{**PAGES[0], "html": HTML + " "}, *PAGES[1:]])
    result = folder.run("fetch", "--base", full_server.base)
    assert result.exit_code == 1
    assert full_server.asked == []
    assert rows(result.output)["one"] == [1, 1, 0]


def test_fetch_tries_again_after_a_fault_that_may_pass(folder: Folder, full_server: Server) -> None:
    first, second, *_ = full_server.files
    full_server.statuses = {first: [503, 429], second: [403]}
    lines: list[str] = []
    source = Source(full_server.base, pause=0.0)
    states = fetch_missing(folder.path / "new", folder.entries(), source, lines.append)
    assert states == dict(zip(LABELLED, ["right", "missing", "right", "right"], strict=True))
    assert full_server.asked[:4] == [first, first, first, second]


def test_fetch_gives_up_when_nobody_answers(folder: Folder) -> None:
    lines: list[str] = []
    source = Source("http://127.0.0.1:1", attempts=2, pause=0.0, timeout=2)
    states = fetch_missing(folder.path / "new", folder.entries(), source, lines.append)
    assert set(states.values()) == {"missing"}
    assert len(lines) == 4
    assert "gave up with 1 untried" in lines[-1]


def test_fetch_refuses_another_kind_of_address(folder: Folder) -> None:
    assert folder.run("fetch", "--base", "file:///etc").exit_code == 2


def test_a_file_has_a_largest_size(folder: Folder, full_server: Server) -> None:
    packed = gzip.compress(b" " * 5000)
    full_server.files["big"] = b" " * 5000
    source = Source(full_server.base, max_bytes=4000)
    with pytest.raises(DownloadError, match="more than 4000 bytes"):
        download(f"{full_server.base}/big", source)
    assert len(packed) < 4000
    with pytest.raises(DownloadError, match="more than 4000 bytes"):
        unpack(packed, "gzip", 4000)


@pytest.mark.parametrize(
    ("data", "pack", "message"),
    [
        (b"<html>", "gzip", "not a gzip file"),
        (gzip.compress(b"<html>" * 9)[:-4], "gzip", "cut short"),
        (b"<html>", "zip", "neither plain nor gzip"),
    ],
)
def test_a_file_that_cannot_be_unpacked_is_refused(data: bytes, pack: str, message: str) -> None:
    with pytest.raises(DownloadError, match=message):
        unpack(data, pack, 1000)


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("Größe".encode("cp1252"), "cp1252", "Größe"),
        (b"\xef\xbb\xbfa\r\nb", "utf-8-sig", "a\r\nb"),
        (b"a\r\nb", "utf-8", "a\nb"),
        (b"a\xffb", "utf-8", "a\ufffdb"),
    ],
)
def test_the_hash_decides_how_a_file_is_read(data: bytes, charset: str, text: str) -> None:
    assert decode(data, charset, sha256_of(text)) == text


def test_a_write_that_fails_leaves_the_pages_before_it(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpora, entry = folder.path / "full" / "corpora", folder.entries()[0]
    before = (corpora / "one.jsonl.gz").read_bytes()
    real = Path.open

    class Full:
        def __init__(self, path: Path) -> None:
            self.out = real(path, "ab")

        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *_: object) -> None:
            self.out.close()

        def write(self, data: bytes) -> None:
            self.out.write(data[:10])
            raise OSError("disk full")

    def opened(path: Path, mode: str = "r", **more: Any) -> Any:
        return Full(path) if mode == "ab" else real(path, mode, **more)

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(OSError, match="disk full"):
        append_record(corpora, entry, HTML)
    monkeypatch.undo()
    assert (corpora / "one.jsonl.gz").read_bytes() == before
