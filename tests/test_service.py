"""The service's API: the real server on a free port, and the standard library's HTTP."""

import contextlib
import gzip
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from service_helpers import (
    PAGE,
    PATTERN,
    PROBLEM,
    SENTENCES,
    TEXT,
    Answer,
    Server,
    children_of,
    running,
    slow_page,
    wait_for,
)

import noisefilter
from noisefilter.labels import Label

pytest.importorskip("flask")
pytest.importorskip("gunicorn")
if sys.platform != "linux":
    pytest.skip("finds processes in /proc", allow_module_level=True)

MAX_BODY, MAX_PAGE, MAX_BLOCKS, MAX_ITEMS, DEADLINE_S = 200_000, 400_000, 500, 10, 1.5
HTML = {"Content-Type": "text/html"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(
        deadline_s=DEADLINE_S, max_body_bytes=MAX_BODY, max_page_bytes=MAX_PAGE, max_blocks=MAX_BLOCKS,
        max_batch_items=MAX_ITEMS,
    ) as started:  # fmt: skip
        yield started


def expected(article: noisefilter.Article, **changes: object) -> dict[str, Any]:
    members = json.loads(json.dumps(article.to_dict()))
    return {**members, "format": "text", **changes}


def problem_of(answer: Answer, status: int, kind: str) -> dict[str, Any]:
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"] == PROBLEM
    members: dict[str, Any] = answer.json()
    assert members["type"] == f"/problems/{kind}"
    assert members["status"] == status
    assert members["detail"] and members["title"]
    assert members["request_id"] == answer.headers["X-Request-ID"]
    assert "Traceback" not in answer.body.decode() and "/site-packages/" not in answer.body.decode()
    return members


def fields_of(answer: Answer) -> set[str]:
    members = problem_of(answer, 422, "wrong-fields")
    assert all(error["message"] for error in members["errors"])
    return {error["field"] for error in members["errors"]}


# -- One page


def test_a_page_as_json(server: Server) -> None:
    answer = server.clean({"html": PAGE, "url": "https://example.com/a"})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == expected(noisefilter.clean(PAGE, url="https://example.com/a"))


def test_a_text_as_json_and_null_is_absent(server: Server) -> None:
    nothing = dict.fromkeys(("html", "title", "url", "policy", "keep", "drop", "explain", "format"))
    assert server.clean({"text": TEXT, **nothing}).json() == expected(noisefilter.clean_text(TEXT))
    titled = server.clean({"text": TEXT, "title": "Bridge closed"}).json()
    assert titled == expected(noisefilter.clean_text(TEXT, title="Bridge closed"))


def test_a_title_of_a_page_is_used_where_it_declares_none(server: Server) -> None:
    bare = "".join(f"<p>{one}</p>" for one in SENTENCES)
    assert server.clean({"html": bare, "title": "Mine"}).json()["title"] == "Mine"
    assert server.clean({"html": PAGE, "title": "Mine"}).json()["title"] == "Harbour bridge closed"


@pytest.mark.parametrize("policy", ["precision", "balanced", "recall"])
def test_options(server: Server, policy: str) -> None:
    options: dict[str, Any] = {"policy": policy, "keep": ["legal", "re:^Home"], "drop": ["re:island"]}
    same = expected(noisefilter.clean(PAGE, **options))
    assert server.clean({"html": PAGE, **options}).json() == same
    query = f"/v1/clean?policy={policy}&keep=legal&keep=re:%5EHome&drop=re:island"
    assert server.call("POST", query, PAGE, HTML).json() == same
    assert server.clean({"html": PAGE}, query).json() == same
    assert server.clean({"html": PAGE, **options}, "/v1/clean?policy=recall&keep=ad").json() == same


def test_formats(server: Server) -> None:
    article = noisefilter.clean(PAGE)
    for form, text in (("text", article.text), ("markdown", article.markdown()), ("html", article.html())):
        answer = server.clean({"html": PAGE, "format": form}).json()
        assert (answer["text"], answer["format"]) == (text, form)


def test_explain(server: Server) -> None:
    article = noisefilter.clean(PAGE)
    blocks = server.clean({"html": PAGE, "explain": True}).json()["blocks"]
    for block, told in zip(article.blocks, blocks, strict=True):
        first = article.explain(block)[0]
        assert told["evidence"][0] == {"name": first.name, "weight": round(first.weight, 4)}
        assert len(told["evidence"]) <= 10
    assert server.call("POST", "/v1/clean?explain=true", PAGE, HTML).json()["blocks"] == blocks
    assert "evidence" not in server.call("POST", "/v1/clean?explain=false", PAGE, HTML).json()["blocks"][0]


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", "text/html"),
        ("windows-1252", "text/html; charset=iso-8859-1"),
        ("windows-1251", "text/html; charset=windows-1251"),
        ("utf-8", "text/html; charset=windows-1251"),
        ("utf-8", "text/html; charset=klingon"),
        ("utf-8", "application/xhtml+xml"),
    ],
)
def test_a_raw_page_and_its_charset(server: Server, encoding: str, content_type: str) -> None:
    words = "Мост закрыт" if encoding == "windows-1251" else "Brücke “geschlossen”"
    page = PAGE.replace("<meta charset='utf-8'>", "").replace("island", words)
    answer = server.call("POST", "/v1/clean", page.encode(encoding), {"Content-Type": content_type})
    assert words in answer.json()["text"]


def test_a_raw_text(server: Server) -> None:
    headers = {"Content-Type": "text/plain"}
    answer = server.call("POST", "/v1/clean?title=Bridge", TEXT, headers)
    assert answer.json() == expected(noisefilter.clean_text(TEXT, title="Bridge"))
    assert answer.json()["blocks"][0]["start"] == 0


@pytest.mark.parametrize(
    ("accept", "got"),
    [
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/markdown", "text/markdown; charset=utf-8"),
        ("text/plain;q=0.5, text/markdown", "text/markdown; charset=utf-8"),
        ("application/json;q=0.1, text/plain;q=0.9", "text/plain; charset=utf-8"),
        ("text/*;q=0.5, application/json;q=0", "text/plain; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
        ("text/markdown; variant=GFM; q=0.5", "text/markdown; charset=utf-8"),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "application/json"),  # Java's own client
    ],
)
def test_negotiation(server: Server, accept: str, got: str) -> None:
    answer = server.call("POST", "/v1/clean", PAGE, {**HTML, "Accept": accept})
    assert answer.headers["Content-Type"] == got
    assert answer.headers["Vary"] == "Accept"
    article = noisefilter.clean(PAGE)
    if "markdown" in got:
        assert answer.body.decode() == article.markdown()
    elif "plain" in got:
        assert answer.body.decode() == article.text


def test_nothing_acceptable(server: Server) -> None:
    answer = server.call("POST", "/v1/clean", PAGE, {**HTML, "Accept": "image/png"})
    assert "text/markdown" in problem_of(answer, 406, "not-acceptable")["detail"]


def test_lone_surrogates_do_no_harm(server: Server) -> None:
    body = json.dumps({"text": TEXT, "title": "A \ud800 B \U0001f600"})
    answer = server.call("POST", "/v1/clean", body, {"Content-Type": "application/json"})
    assert answer.json()["title"] == "A \ufffd B \U0001f600"


# -- Errors


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"html", "text"}),
        ({"html": None}, {"html", "text"}),
        ({"html": "<p>a", "text": "a"}, {"html", "text"}),
        ({"html": 1}, {"html"}),
        ({"html": PAGE, "policy": "best"}, {"policy"}),
        ({"html": PAGE, "polcy": "recall", "format": "pdf"}, {"polcy", "format"}),
        ({"html": PAGE, "keep": "ad"}, {"keep"}),
        ({"html": PAGE, "keep": ["advert"]}, {"keep"}),
        ({"html": PAGE, "keep": ["re:("]}, {"keep"}),
        ({"html": PAGE, "keep": ["re:a{99999999999999999999}"]}, {"keep"}),
        ({"html": PAGE, "drop": ["content"]}, {"drop"}),
        ({"html": PAGE, "drop": ["ad", 3]}, {"drop.1"}),
        ({"html": PAGE, "explain": "yes"}, {"explain"}),
        ([], {""}),
        ("a", {""}),
        (None, {""}),
    ],
)
def test_wrong_fields_are_named(server: Server, body: object, fields: set[str]) -> None:
    assert fields_of(server.clean(body)) == fields


def test_a_pattern_that_nests_as_deep_as_it_may_is_no_mistake_of_the_service(server: Server) -> None:
    answer = server.clean({"html": PAGE, "keep": ["re:" + "(" * 498 + ")" * 498]})
    assert answer.status == 200 or fields_of(answer) == {"keep"}  # as this Python compiles it or not


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("policy=best", {"policy"}),
        ("policy=recall&policy=recall", {"policy"}),
        ("explain=maybe", {"explain"}),
        ("nothing=1", {"nothing"}),
        ("html=%3Cp%3E", {"html"}),
        ("drop=content", {"drop"}),
    ],
)
def test_wrong_queries_are_named(server: Server, query: str, fields: set[str]) -> None:
    assert fields_of(server.call("POST", f"/v1/clean?{query}", PAGE, HTML)) == fields
    assert fields_of(server.clean({"html": PAGE}, f"/v1/clean?{query}")) == fields


def test_what_is_cleaned_stands_in_the_body(server: Server) -> None:
    assert fields_of(server.clean({}, "/v1/clean?text=High%20water")) == {"text"}


def test_an_answer_names_some_of_many_wrong_fields(server: Server) -> None:
    answer = server.clean({"html": PAGE, **{f"field{number}": 0 for number in range(10_000)}})
    assert len(fields_of(answer)) == 20
    assert len(answer.body) < 10_000
    answer = server.clean(
        {"html": PAGE, **{f"field{number}": 0 for number in range(10_000)}, "policy": "best"}
    )
    assert "policy" in fields_of(answer)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"html": "a"', b"\xff\xfe\xfd", b'{"html": NaN}', b"[" * 100_000, b"1" * 5000, b'"\xe9"'],
)
def test_what_cannot_be_parsed(server: Server, body: bytes) -> None:
    answer = server.call("POST", "/v1/clean", body, {"Content-Type": "application/json"})
    problem_of(answer, 400, "unreadable-body")


@pytest.mark.parametrize(
    ("content", "field", "said"),
    [
        ({"html": ""}, "html", "empty"),
        ({"html": "Only words."}, "html", "send it as text"),
        ({"html": '{"a": 1}'}, "html", "JSON"),
        ({"text": " "}, "text", "empty"),
        ({"text": "\0\1\2\3" * 50}, "text", "binary"),
        ({"html": "<b>" * 6000 + "a"}, "html", "nested"),
    ],
)
def test_what_cannot_be_cleaned(server: Server, content: dict[str, str], field: str, said: str) -> None:
    members = problem_of(server.clean(content), 422, "unreadable-page")
    assert said in members["detail"]
    assert "clean_text" not in members["detail"] and "Limits" not in members["detail"]
    assert [error["field"] for error in members["errors"]] == [field]


def test_a_pdf_is_no_page(server: Server) -> None:
    answer = server.call("POST", "/v1/clean", b"%PDF-1.7 \0\1", HTML)
    assert "PDF" in problem_of(answer, 422, "unreadable-page")["detail"]


@pytest.mark.parametrize("content_type", [None, "application/x-www-form-urlencoded", "image/png", "nonsense"])
def test_media_types(server: Server, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    for path, kind in (("/v1/clean", "text/html"), ("/v1/clean/batch", "application/x-ndjson")):
        answer = server.call("POST", path, b"a", headers)
        problem_of(answer, 415, "unsupported-media-type")
        assert kind in answer.headers["Accept-Post"]


def test_addresses_and_methods(server: Server) -> None:
    for path in (
        "/v2",
        "/v1/clean/",
        "/v1//labels",
        "/page/../app.py",
        "/page/%2e%2e/app.py",
        "/problems/none",
        "/page/a.exe",
    ):
        problem_of(server.get(path), 404, "not-found")
    answer = server.get("/v1/clean")
    problem_of(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]
    problem_of(server.call("DELETE", "/v1/labels"), 405, "method-not-allowed")


# -- Sizes


def test_too_large(server: Server) -> None:
    page = PAGE + "<p>" + "a " * (MAX_BODY // 2)
    problem_of(server.call("POST", "/v1/clean", page, HTML), 413, "too-large")
    lines = "\n".join(["A line of text that is short."] * (MAX_BLOCKS + 1))
    detail = problem_of(server.clean({"text": lines}), 413, "too-large")["detail"]
    assert f"{MAX_BLOCKS} blocks" in detail


def test_too_large_in_chunks(server: Server) -> None:
    with contextlib.closing(server.connect()) as connection:
        chunks = iter([b"<p>" + b"a" * 50_000] * 6)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", "/v1/clean", chunks, HTML, encode_chunked=True)
        response = connection.getresponse()
        assert (response.status, response.headers["Content-Type"]) == (413, PROBLEM)


def test_a_body_in_chunks(server: Server) -> None:
    with contextlib.closing(server.connect()) as connection:
        data = PAGE.encode()
        connection.request("POST", "/v1/clean", iter([data[:100], data[100:]]), HTML, encode_chunked=True)
        response = connection.getresponse()
        assert json.loads(response.read()) == expected(noisefilter.clean(PAGE))


@pytest.mark.parametrize(
    ("sent", "status", "kind"),
    [
        (b"nonsense\r\n\r\n", 400, "bad-request"),
        (b"GET /?" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "address-too-long"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"a" * 9000 + b"\r\n\r\n", 431, "headers-too-large"),
        (
            b"POST /v1/clean HTTP/1.1\r\nHost: a\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked"
            b"\r\n\r\nzz\r\n<p>\r\n",
            400,
            "unreadable-body",
        ),
    ],
)
def test_what_is_no_http(server: Server, sent: bytes, status: int, kind: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(sent)
        response = http.client.HTTPResponse(connection)
        response.begin()
        problem_of(Answer(response.status, response.headers, response.read()), status, kind)


def test_who_does_not_hang_up_keeps_nobody_waiting(server: Server) -> None:
    with contextlib.ExitStack() as stack:
        for sent in [
            b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            b"nonsense\r\n\r\n",
        ] * 3:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
            connection.sendall(sent)
            assert connection.recv(10)
        started = time.monotonic()
        assert server.get("/healthz").status == 200
        assert time.monotonic() - started < 1.5


def test_a_body_that_breaks_off(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        head = b"POST /v1/clean HTTP/1.1\r\nHost: a\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\n"
        connection.sendall(head + b"<p>")
        connection.shutdown(socket.SHUT_WR)
        response = http.client.HTTPResponse(connection)
        response.begin()
        problem_of(Answer(response.status, response.headers, response.read()), 400, "unreadable-body")


def test_gzip(server: Server) -> None:
    headers = {**HTML, "Content-Encoding": "gzip"}
    data = gzip.compress(PAGE.encode())
    same = expected(noisefilter.clean(PAGE))
    assert server.call("POST", "/v1/clean", data, headers).json() == same
    halves = gzip.compress(PAGE[:50].encode()) + gzip.compress(PAGE[50:].encode())
    assert server.call("POST", "/v1/clean", halves, headers).json() == same
    # Also without a header, as a page that was stored so.
    assert server.call("POST", "/v1/clean", data, HTML).json() == same
    for wrong in (data[:-10], b"", b"no gzip", data[:50] + b"\0\0\0" + data[53:]):
        problem_of(server.call("POST", "/v1/clean", wrong, headers), 400, "unreadable-body")
    answer = server.call("POST", "/v1/clean", data, {**HTML, "Content-Encoding": "br"})
    problem_of(answer, 415, "unsupported-media-type")
    assert answer.headers["Accept-Encoding"] == "gzip"


def test_a_gzip_bomb(server: Server) -> None:
    bomb = gzip.compress(b"<p>" + b"a" * 100_000_000)
    assert len(bomb) < MAX_BODY
    before = _memory_bytes(server)
    answer = server.call("POST", "/v1/clean", bomb, {**HTML, "Content-Encoding": "gzip"})
    assert "after decompression" in problem_of(answer, 413, "too-large")["detail"]
    problem_of(server.call("POST", "/v1/clean", bomb, HTML), 413, "too-large")
    assert _memory_bytes(server) - before < 30_000_000


def _memory_bytes(server: Server) -> int:
    """The most that any of the worker and its children ever had."""
    peaks = []
    for pid in server.workers() + server.cleaners():
        peaks.append(int(re.findall(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]))
    return max(peaks) * 1024


# -- Batches


ITEMS: list[Any] = [
    {"html": PAGE, "policy": "recall"}, {"text": TEXT, "format": "markdown"}, {"html": ""}, 7, {"html": 7},
    {"text": TEXT, "keep": ["nonsense"]}, {"html": PAGE},
]  # fmt: skip


def check_results(results: list[dict[str, Any]]) -> None:
    assert [result["index"] for result in results] == list(range(7))
    assert [result["status"] for result in results] == ["ok", "ok", *["error"] * 4, "ok"]
    assert results[0]["article"] == expected(noisefilter.clean(PAGE, policy="recall"))
    assert results[1]["article"]["text"] == noisefilter.clean_text(TEXT).markdown()
    assert results[6]["article"] == expected(noisefilter.clean(PAGE))
    kinds = [result["error"]["type"] for result in results[2:6]]
    assert kinds == ["/problems/unreadable-page", *["/problems/wrong-fields"] * 3]
    assert [error["field"] for error in results[4]["error"]["errors"]] == ["html"]


def test_a_batch_as_a_list(server: Server) -> None:
    answer = server.clean(ITEMS, "/v1/clean/batch")
    assert answer.headers["Content-Type"] == "application/json"
    check_results(answer.json())
    assert server.clean([], "/v1/clean/batch").json() == []
    lines = server.clean(ITEMS, "/v1/clean/batch", Accept="application/x-ndjson")
    check_results([json.loads(line) for line in lines.body.splitlines()])


def test_a_batch_as_lines(server: Server) -> None:
    lines = "\n".join(json.dumps(item) for item in ITEMS) + "\n\n"
    headers = {"Content-Type": "application/x-ndjson"}
    answer = server.call("POST", "/v1/clean/batch", lines, headers)
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    check_results([json.loads(line) for line in answer.body.splitlines()])
    answer = server.call("POST", "/v1/clean/batch", lines, {**headers, "Accept": "application/json"})
    check_results(answer.json())
    broken = f'{{"html"\n{json.dumps(ITEMS[6])}'
    first, second = server.call("POST", "/v1/clean/batch", broken, headers).body.splitlines()
    assert json.loads(first)["error"]["type"] == "/problems/unreadable-body"
    assert json.loads(second)["status"] == "ok"
    assert server.call("POST", "/v1/clean/batch", "", headers).body == b""


def test_the_query_of_a_batch_holds_for_its_items(server: Server) -> None:
    results = server.clean(
        [{"html": PAGE}, {"html": PAGE, "format": "text"}], "/v1/clean/batch?format=html"
    ).json()
    assert [result["article"]["format"] for result in results] == ["html", "text"]
    assert fields_of(server.clean(ITEMS, "/v1/clean/batch?format=pdf")) == {"format"}


def test_bounds_of_a_batch(server: Server) -> None:
    many = [{"text": TEXT}] * (MAX_ITEMS + 1)
    problem_of(server.clean(many, "/v1/clean/batch"), 413, "too-large")
    lines = "{}\n" * (MAX_ITEMS + 1)
    answer = server.call("POST", "/v1/clean/batch", lines, {"Content-Type": "application/x-ndjson"})
    problem_of(answer, 413, "too-large")
    answer = server.clean({"html": PAGE}, "/v1/clean/batch")
    problem_of(answer, 422, "wrong-fields")


def test_lines_are_sent_as_they_are_done_and_a_hanging_one_fails_alone(server: Server) -> None:
    items = [{"html": PAGE}, {"html": slow_page(), "keep": [PATTERN]}, {"html": PAGE}]
    lines = "\n".join(json.dumps(item) for item in items)
    with contextlib.closing(server.connect()) as connection:
        started = time.monotonic()
        connection.request("POST", "/v1/clean/batch", lines, {"Content-Type": "application/x-ndjson"})
        response = connection.getresponse()
        assert json.loads(response.readline())["status"] == "ok"
        assert time.monotonic() - started < DEADLINE_S / 2
        assert json.loads(response.readline())["status"] == "timeout"
        assert json.loads(response.readline())["status"] == "ok"


def test_a_batch_ends_when_its_caller_goes_away(server: Server) -> None:
    def timeouts() -> float:
        found = re.search(rb'pages_total{status="timeout"} (\S+)', server.get("/metrics").body)
        return float(found[1]) if found else 0

    before = timeouts()
    items = [{"html": PAGE}, *[{"html": slow_page(), "keep": [PATTERN]}] * (MAX_ITEMS - 1)]
    with contextlib.closing(server.connect()) as connection:
        headers = {"Content-Type": "application/json", "X-Request-ID": "gone-away"}
        connection.request("POST", "/v1/clean/batch", json.dumps(items), headers)
        assert connection.getresponse().read(10)
    wait_for(lambda: any(line["request_id"] == "gone-away" for line in server.lines()))
    assert timeouts() - before < len(items) / 2


# -- What hangs, and what dies


def test_a_page_that_hangs(server: Server) -> None:
    answer = server.clean({"html": slow_page(), "keep": [PATTERN]})
    assert "pattern" in problem_of(answer, 504, "deadline")["detail"]
    assert server.clean({"html": PAGE}).json() == expected(noisefilter.clean(PAGE))


def test_a_pattern_that_compiles_for_minutes(server: Server) -> None:
    rules = ["re:(?i)" + f"[{chr(256 + number)}-\U0010ffff]" * 198 for number in range(16)]
    started = time.monotonic()
    problem_of(server.clean({"html": PAGE, "keep": rules}), 504, "deadline")
    assert time.monotonic() - started < DEADLINE_S * 2


def busy_cleaner(server: Server) -> int:
    """The child that is at a page: the one that uses the processor."""

    def ticks(pid: int) -> int:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])

    before = {pid: ticks(pid) for pid in server.cleaners()}
    time.sleep(0.3)
    return max(before, key=lambda pid: ticks(pid) - before[pid])


def test_a_child_that_dies(server: Server) -> None:
    answers: list[Answer] = []
    thread = threading.Thread(
        target=lambda: answers.append(server.clean({"html": slow_page(), "keep": [PATTERN]}))
    )
    thread.start()
    time.sleep(0.3)
    os.kill(busy_cleaner(server), signal.SIGKILL)
    thread.join()
    problem_of(answers[0], 422, "crashed")
    assert server.clean({"html": PAGE}).json() == expected(noisefilter.clean(PAGE))
    assert server.get("/readyz").status == 200


def test_a_page_that_takes_too_much_memory() -> None:
    large = "<article>" + "".join(f"<p>Entry {i} of the log says fair." for i in range(60_000))
    with running(max_memory_mb=160, children=1) as server:
        problem_of(server.clean({"html": large}), 422, "memory")
        assert server.clean({"html": PAGE}).json() == expected(noisefilter.clean(PAGE))
        batch = server.clean([{"html": PAGE}, {"html": large}], "/v1/clean/batch")
        assert [item["status"] for item in batch.json()] == ["ok", "memory"]
        assert b'noisefilter_pages_total{status="memory"} 2.0' in server.get("/metrics").body


def test_a_nursery_that_dies(server: Server) -> None:
    (worker,) = server.workers()
    (nursery,) = children_of(worker)
    os.kill(nursery, signal.SIGKILL)
    wait_for(lambda: server.clean({"html": PAGE}).status == 200)
    assert server.clean({"html": PAGE}).json() == expected(noisefilter.clean(PAGE))


# -- About the service


def test_words_and_model(server: Server) -> None:
    words = server.get("/v1/labels").json()
    assert [label["name"] for label in words["labels"]] == list(Label)
    assert all(label["meaning"] for label in words["labels"])
    assert words["policies"] == ["precision", "balanced", "recall"]
    assert server.get("/v1/model").json()["name"] == noisefilter.clean(PAGE).model


def test_health(server: Server) -> None:
    assert server.get("/healthz").json() == {"status": "ok"}
    assert server.get("/readyz").json() == {"status": "ok"}


def test_headers_of_every_answer(server: Server) -> None:
    for path in ("/", "/docs", "/healthz", "/nothing", "/v1/labels"):
        headers = server.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy


def test_request_ids(server: Server) -> None:
    assert server.get("/healthz", {"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    for wrong in ("a b", "a" * 200, '"><script>', "{}"):
        assert re.fullmatch(
            "[0-9a-f]{32}", server.get("/healthz", {"X-Request-ID": wrong}).headers["X-Request-ID"]
        )


def test_the_api_page_needs_nothing_from_elsewhere(server: Server) -> None:
    answer = server.get("/docs")
    text = answer.body.decode()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script" not in text and "style=" not in text
    for found in re.findall(r"(?:src|href)=['\"]([^'\"]*)", text):
        assert not found.startswith(("http", "//"))
        if not found.startswith("#"):
            assert server.get(f"/{found}").status == 200
        else:
            assert f"id='{found[1:]}'" in text
    for path in server.get("/openapi.json").json()["paths"]:
        assert path in text


def test_types_of_problems_have_a_page(server: Server) -> None:
    from noisefilter.service.problems import KINDS

    page = server.get("/docs").body.decode()
    for kind in KINDS:
        answer = server.get(f"/problems/{kind}")
        assert answer.status == 302
        assert answer.headers["Location"] == f"/docs#problem-{kind}"
        assert f"id='problem-{kind}'" in page


def test_the_page(server: Server) -> None:
    folder = Path(noisefilter.__file__).parent / "service" / "page"
    assert server.get("/").body == (folder / "index.html").read_bytes()
    for path in folder.rglob("*.*"):
        answer = server.get(f"/page/{path.relative_to(folder).as_posix()}")
        assert answer.body == path.read_bytes()
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_schemathesis(server: Server, tmp_path: Path) -> None:
    """Every operation with generated requests, right and wrong ones, against what the description says."""
    pytest.importorskip("schemathesis")
    # What is wrong may also be too large: a list with too many items, or an address with options that long.
    (tmp_path / "schemathesis.toml").write_text(
        "[checks.negative_data_rejection]\nexpected-statuses = [400, 406, 413, 414, 415, 422]\n"
    )
    done = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{server.port}/openapi.json",
            "--phases", "examples,coverage,fuzzing", "--max-examples", "15",
            "--generation-deterministic", "--no-color",
            # Whether a string is a page that can be cleaned is more than a schema says.
            "--exclude-checks", "positive_data_acceptance",
        ],
        capture_output=True, encoding="utf-8", timeout=120, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr


def test_a_lone_surrogate_in_declared_data(server: Server) -> None:
    data = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Tides \\ud800"}</script>'
    answer = server.clean({"html": PAGE.replace("<title>Harbour bridge closed</title>", data)})
    assert answer.status == 200
    assert answer.json()["title"] == "Tides"


def test_one_line_a_request_and_never_the_text(server: Server) -> None:
    server.clean({"html": PAGE, "title": "Secret"}, X_Request_ID="one")
    server.call("POST", "/v1/clean?title=Secret&keep=re:Secret", PAGE, {**HTML, "X-Request-ID": "two"})
    server.clean({"html": "Secret words", "keep": ["Secret"]}, X_Request_ID="three")
    server.get("/Secret", {"X-Request-ID": "four"})
    server.get("/", {"X-Request-ID": "five"})
    server.call("HEAD", "/docs/style.css", None, {"X-Request-ID": "six"})
    etag = server.get("/page/page.css", {"X-Request-ID": "seven"}).headers["ETag"]
    server.get("/page/page.css", {"X-Request-ID": "eight", "If-None-Match": etag})
    server.call("SECRET", "/", None, {"X-Request-ID": "nine"})
    expected = {
        "one": 200, "two": 200, "three": 422, "four": 404, "five": 200, "six": 200, "seven": 200,
        "eight": 304, "nine": 405,
    }  # fmt: skip
    # Lines come when the answers are through, perhaps in another order.
    wait_for(lambda: expected.keys() <= {line["request_id"] for line in server.lines()})
    lines = {line["request_id"]: line for line in server.lines()}
    assert len(lines) == len(server.lines())
    assert {name: lines[name]["status"] for name in expected} == expected
    line = lines["one"]
    assert (line["method"], line["endpoint"], line["pages"]) == ("POST", "/v1/clean", 1)
    assert line["ms"] > 0 and line["received_bytes"] > len(PAGE) and line["sent_bytes"] > 100
    log = server.out.read_text() + server.err.read_text()
    assert "Secret" not in log and "SECRET" not in log
    assert not any(sentence[:20] in log for sentence in SENTENCES)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/", "/page/page.js", "/docs", "/metrics", "/problems/busy", "/nothing"])
def test_every_request_has_a_line_and_is_counted(server: Server, method: str, path: str) -> None:
    name = f"{method}:{path}"
    answer = server.call(method, path, None, {"X-Request-ID": name})
    wait_for(lambda: any(line["request_id"] == name for line in server.lines()))
    [line] = [line for line in server.lines() if line["request_id"] == name]
    assert (line["method"], line["status"], line["sent_bytes"]) == (method, answer.status, len(answer.body))
    counted = f'{{endpoint="{line["endpoint"]}",method="{method}",status="{answer.status}"}}'
    assert f"noisefilter_requests_total{counted}" in server.get("/metrics").body.decode()


def test_the_line_of_a_batch_tells_what_was_sent(server: Server) -> None:
    answer = server.clean(ITEMS, "/v1/clean/batch", X_Request_ID="whole-batch")
    wait_for(lambda: any(line["request_id"] == "whole-batch" for line in server.lines()))
    [line] = [line for line in server.lines() if line["request_id"] == "whole-batch"]
    assert (line["pages"], line["sent_bytes"]) == (len(ITEMS), len(answer.body))


def test_files_are_asked_for_again_only_if_they_changed(server: Server) -> None:
    tag = server.get("/page/page.js").headers["ETag"]
    assert server.get("/page/page.js", {"If-None-Match": tag})[::2] == (304, b"")
    whole = server.get("/page/page.js", {"Range": "bytes=999999-"})
    assert (whole.status, whole.headers["ETag"]) == (200, tag)


def test_stderr_is_json_too(server: Server) -> None:
    server.clean({"html": PAGE, "keep": ["re:[[a]"]})  # Python warns of it
    assert all(json.loads(line) for line in server.err.read_text().splitlines())


def test_nothing_is_left_on_stderr(server: Server) -> None:
    """Runs last: whatever was asked of this server, it made no mistake."""
    wrong = [line for line in server.err.read_text().splitlines() if '"level": "error"' in line]
    assert wrong == []
