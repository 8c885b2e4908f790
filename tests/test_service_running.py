"""Running the service: settings, token, queue, metrics, worker processes, and its end."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import ROOT, FreshProcess
from service_helpers import (
    PAGE,
    PATTERN,
    PROBLEM,
    TEXT,
    Answer,
    Server,
    children_of,
    running,
    slow_page,
    wait_for,
)

pytest.importorskip("flask")
pytest.importorskip("gunicorn")
if sys.platform != "linux":
    pytest.skip("finds processes in /proc", allow_module_level=True)

from noisefilter.service.settings import Settings, SettingsError, unknown_variables, variable_of

TOKEN = "correct-horse-battery"


def serve(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "noisefilter", "serve", *arguments],
        capture_output=True, encoding="utf-8", timeout=30,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


# -- Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "eighty"), ("port", "70000"), ("port", "tcp://10.0.0.1:80"), ("workers", "0"),
        ("children", "1.5"), ("deadline_s", "0"), ("deadline_s", "nan"), ("deadline_s", "inf"),
        ("max_waiting", "-1"), ("max_body_bytes", "1MB"), ("token", "short"), ("host", "a b"),
        ("token", "with a blank in it"), ("host", "[::1]"), ("host", "10.0.0.1:80"), ("host", "10.0.0.256"),
    ],
)  # fmt: skip
def test_wrong_settings_are_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable_of(name)) as caught:
        Settings.from_environment({variable_of(name): value})
    if name == "token":
        assert value not in str(caught.value)


def test_all_wrong_settings_are_told_at_start() -> None:
    done = serve(NOISEFILTER_PORT="x", NOISEFILTER_WORKERS="none")
    assert done.returncode == 2
    assert "NOISEFILTER_PORT" in done.stderr and "NOISEFILTER_WORKERS" in done.stderr
    assert "Traceback" not in done.stderr
    config = ["-m", "gunicorn", "--config", "python:noisefilter.service.gunicorn_conf"]
    env = {**os.environ, "NOISEFILTER_PORT": "x"}
    direct = subprocess.run(
        [sys.executable, *config], capture_output=True, encoding="utf-8", timeout=30, env=env
    )
    assert direct.returncode != 0
    assert "NOISEFILTER_PORT" in direct.stderr and "Traceback" not in direct.stderr


@pytest.mark.parametrize("host", ["::1", "0.0.0.0", "localhost", "web-1.example.org"])
def test_addresses_to_listen_at(host: str) -> None:
    assert Settings.from_environment({"NOISEFILTER_HOST": host}).host == host


def test_empty_variables_are_not_there_and_unknown_ones_are_found() -> None:
    given = {"NOISEFILTER_PORT": "", "NOISEFILTER_PROT": "1", "PORT": "1"}
    assert Settings.from_environment(given).port == 8000
    assert unknown_variables(given) == ["NOISEFILTER_PROT"]


def test_the_documented_table_is_complete() -> None:
    text = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(NOISEFILTER_\w+)` \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    assert [name for name, _, _ in rows] == [variable_of(name) for name in Settings.model_fields]
    for (_, default, meaning), field in zip(rows, Settings.model_fields.values(), strict=True):
        assert meaning == field.description
        if field.default is not None and field.default_factory is None:
            assert default == f"{field.default}"


def test_a_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = serve("--port", str(taken.getsockname()[1]))
    assert done.returncode != 0
    assert "in use" in done.stderr and "Traceback" not in done.stderr


def test_what_is_not_installed(fresh_process: FreshProcess) -> None:
    code = (
        "import sys; sys.modules['flask'] = None\n"
        "from noisefilter.cli import main\n"
        "try: main(['serve'])\nexcept SystemExit as end: print(end.code, file=sys.stderr)"
    )
    said = fresh_process(code).stderr
    assert "pip install 'noisefilter[service]'" in said
    assert said.split()[-1] == "2"


def test_children_need_no_web_framework(fresh_process: FreshProcess) -> None:
    code = "import sys, noisefilter.service.work; print('flask' in sys.modules, 'pydantic' in sys.modules)"
    assert fresh_process(code).stdout.split() == ["False", "False"]


# -- Token


def test_token() -> None:
    with running(token=TOKEN) as server:
        for path in ("/healthz", "/readyz", "/docs", "/openapi.json", "/", "/page/page.js"):
            assert server.get(path).status == 200
        body, html = PAGE, {"Content-Type": "text/html"}
        wrong = (None, "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xe9", TOKEN)
        for value in wrong:
            headers = html if value is None else {**html, "Authorization": value}
            answer = server.call("POST", "/v1/clean", body, headers)
            assert (answer.status, answer.headers["Content-Type"]) == (401, PROBLEM)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        for path in ("/v1/labels", "/v1/model", "/metrics", "/nothing"):
            assert server.get(path).status == 401
        for scheme in ("Bearer", "bearer"):
            headers = {**html, "Authorization": f"{scheme} {TOKEN}"}
            assert server.call("POST", "/v1/clean", body, headers).status == 200
        assert TOKEN not in server.out.read_text() + server.err.read_text()
        assert server.get("/openapi.json").json()["paths"]["/v1/clean"]["post"]["security"] == [{"token": []}]


# -- Queue


def number(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def present(server: Server, count: int) -> None:
    """Waits until as many requests are being cleaned or wait for it."""
    wait_for(lambda: number(server.get("/metrics").body.decode(), "noisefilter_present_requests") == count)


def test_busy_only_when_more_wait_than_may() -> None:
    with running(children=1) as server:
        answers: list[Answer] = []

        def ask(page: str, keep: list[str]) -> None:
            answers.append(server.clean({"html": page, "keep": keep}))

        slow = threading.Thread(target=ask, args=(slow_page(), [PATTERN]))
        slow.start()
        present(server, 1)
        waiting = [threading.Thread(target=ask, args=(PAGE, [])) for _ in range(64)]
        for thread in waiting:
            thread.start()
        present(server, 65)
        refused = server.clean({"html": PAGE})
        assert (refused.status, refused.json()["type"]) == (429, "/problems/busy")
        assert int(refused.headers["Retry-After"]) >= 1
        assert server.get("/healthz").status == 200
        os.kill(server.cleaners()[0], signal.SIGKILL)
        for thread in [slow, *waiting]:
            thread.join()
        assert sorted(answer.status for answer in answers) == [*[200] * 64, 422]
        assert server.clean({"html": PAGE}).status == 200


def test_nobody_waits_for_ever_in_front_of_long_pages() -> None:
    with running(children=1, deadline_s=2) as server:
        answers: list[Answer] = []

        def ask() -> None:
            answers.append(server.clean({"html": slow_page(), "keep": [PATTERN]}))

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.status for answer in answers] == [504] * 6
        details = [answer.json()["detail"] for answer in answers]
        assert sum("no process was free" in detail for detail in details) >= 3
        assert server.clean({"html": PAGE}).status == 200


def test_ready_while_all_children_are_at_long_pages() -> None:
    with running(children=1, deadline_s=10) as server:
        slow = threading.Thread(target=lambda: server.clean({"html": slow_page(), "keep": [PATTERN]}))
        slow.start()
        present(server, 1)
        time.sleep(2.1)  # so that the last answer is no longer fresh
        assert server.get("/readyz").status == 200
        assert slow.is_alive()
        slow.join()


# -- Slow callers


def sent(server: Server, data: bytes) -> socket.socket:
    """A connection on which so much of a request was sent."""
    sock = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    sock.sendall(data)
    return sock


def whole_answer(sock: socket.socket) -> bytes:
    parts = []
    while part := sock.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_slow_callers_keep_nobody_out() -> None:
    head = b"POST /v1/clean HTTP/1.1\r\nHost: x\r\nContent-Type: text/html\r\n"
    with running(children=1, max_waiting=1, transfer_s=2) as server:
        starts = (
            head,
            head + b"Content-Length: 900\r\n\r\n<p>",
            head + b"Transfer-Encoding: chunked\r\n\r\n9\r\n",
        )
        with contextlib.ExitStack() as open_ones:
            slow = [open_ones.enter_context(sent(server, start)) for start in starts for _ in range(4)]
            for _ in range(5):  # now and then a byte
                time.sleep(0.3)
                for sock in slow:
                    sock.sendall(b"a")
            assert server.clean({"html": PAGE}).status == 200
            answers = [whole_answer(sock) for sock in slow]
        assert answers[:4] == [b""] * 4
        for answer in answers[4:]:
            assert answer.startswith(b"HTTP/1.1 408 ") and b"/problems/slow-body" in answer
        assert "Traceback" not in server.err.read_text() and '"error"' not in server.err.read_text()


def test_an_answer_that_nobody_reads_is_given_up() -> None:
    lines = b"".join(json.dumps({"text": TEXT * 200}).encode() + b"\n" for _ in range(100))
    head = b"POST /v1/clean/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
    settings = {"children": 1, "max_waiting": 0, "transfer_s": 1}
    with running(**settings) as server, socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", server.port))
        sock.sendall(head + b"Content-Length: %d\r\n\r\n" % len(lines) + lines)
        present(server, 1)
        assert server.clean({"html": PAGE}).status == 429
        wait_for(lambda: server.clean({"html": PAGE}).status == 200)
        assert "Traceback" not in server.err.read_text()


# -- Several workers


def test_metrics_of_two_workers_and_one_that_is_killed() -> None:
    with running(workers=2, children=1) as server:
        asked = 0
        clean = 'noisefilter_requests_total{endpoint="/v1/clean",method="POST",status="200"}'
        while asked < 10 or len({line["pid"] for line in server.lines() if line["pages"]}) < 2:
            assert server.clean({"html": PAGE}).status == 200
            asked += 1
        for _ in range(6):  # whichever worker answers
            text = server.get("/metrics").body.decode()
            assert number(text, clean) == asked
            assert number(text, 'noisefilter_pages_total{status="ok"}') == asked
            assert number(text, "noisefilter_present_requests") == 0
        assert number(text, 'noisefilter_request_seconds_count{endpoint="/v1/clean"}') == asked
        before = server.workers()
        os.kill(before[0], signal.SIGKILL)
        wait_for(lambda: len(server.workers()) == 2 and before[0] not in server.workers())
        wait_for(lambda: len(server.cleaners()) == 2)  # those of the dead one are gone
        for _ in range(10):
            assert server.clean({"html": PAGE}).status == 200
        assert number(server.get("/metrics").body.decode(), clean) == asked + 10


def test_the_model_is_loaded_once() -> None:
    """Workers and children are forks: none of them runs a command of its own."""
    with running(workers=2) as server:
        command = Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
        wait_for(lambda: len(server.cleaners()) == 4)
        for pid in server.workers() + server.cleaners():
            assert Path(f"/proc/{pid}/cmdline").read_bytes() == command


# -- Its end


@pytest.mark.parametrize("to_all", [False, True], ids=["to the first process", "to all, as systemd does"])
def test_sigterm_lets_running_requests_finish(to_all: bool) -> None:
    with running(deadline_s=20) as server:
        letters = _letters_for(1.2)
        answers: list[Answer] = []
        thread = threading.Thread(
            target=lambda: answers.append(server.clean({"html": slow_page(letters), "keep": [PATTERN]}))
        )
        thread.start()
        time.sleep(0.4)
        cleaners, workers = server.cleaners(), server.workers()
        nurseries = [pid for worker in workers for pid in children_of(worker)]
        for pid in [*cleaners, *nurseries, *workers] if to_all else []:
            os.kill(pid, signal.SIGTERM)
        server.process.send_signal(signal.SIGTERM)
        wait_for(lambda: refuses(server))
        assert not answers  # new callers are turned away while it still runs
        thread.join()
        assert answers[0].status == 200
        assert server.process.wait(20) == 0
        with contextlib.suppress(ConnectionError):
            server.get("/healthz")
            raise AssertionError("it still listens")
        for pid in cleaners + workers:
            wait_for(lambda pid=pid: not Path(f"/proc/{pid}").exists())
        assert not list(Path("/tmp").glob(f"noisefilter-metrics-*/*_{workers[0]}.db"))


def refuses(server: Server) -> bool:
    try:
        server.get("/healthz")
    except ConnectionRefusedError:
        return True
    except OSError:  # taken just before the end
        pass
    return False


def _letters_for(seconds: float) -> int:
    """How many letters keep `PATTERN` busy for some seconds on this machine."""
    letters, took = 16, 0.0
    while took < seconds:
        letters += 1
        started = time.monotonic()
        re.search(PATTERN.removeprefix("re:"), "a" * letters + "b")
        took = time.monotonic() - started
    return letters


# -- Another server


def test_the_factory_under_another_server(fresh_process: FreshProcess) -> None:
    code = """
import json, threading, urllib.request
from werkzeug.serving import make_server
from noisefilter.service import create_app
from noisefilter.service.settings import Settings
server = make_server("127.0.0.1", 0, create_app(Settings(children=1)), threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
body = json.dumps({"text": "High water comes twice a day, says the harbour master."}).encode()
address = f"http://127.0.0.1:{server.server_port}"
request = urllib.request.Request(address + "/v1/clean", body, {"Content-Type": "application/json"})
print(json.load(urllib.request.urlopen(request))["model"])
print(b"noisefilter_pages_total" in urllib.request.urlopen(address + "/metrics").read())
"""
    assert fresh_process(code).stdout.split() == ["default", "True"]
