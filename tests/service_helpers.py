"""Starts the real service on a free port and talks HTTP to it."""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from conftest import ROOT

SENTENCES = (
    "The old harbour bridge was closed to lorries on Monday after engineers found cracks in two bearings.",
    "Inspectors had been called in because drivers reported a loud knocking whenever a heavy truck crossed.",
    "The city expects the repair to take about six weeks, and buses will be sent over the northern bridge.",
    "Residents on the island say the detour adds twenty minutes to their way to work each morning.",
)
# What a pattern with nested repeats needs a moment, or for ever, to refuse.
PATTERN = "re:(a+)+$"
PAGE = (
    "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Harbour bridge closed</title></head>"
    "<body>"
    "<nav><ul><li><a href='/'>Home</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
    "<article><h1>Harbour bridge closed</h1>" + "".join(f"<p>{one}</p>" for one in SENTENCES) + "</article>"
    "<footer><p>Copyright 2024 Example Media. All rights reserved.</p></footer></body></html>"
)
TEXT = "\n\n".join(SENTENCES)
PROBLEM = "application/problem+json"


def slow_page(letters: int = 40) -> str:
    """A page on which `PATTERN` takes a time that doubles with each letter; with 40 nobody waits for it."""
    return PAGE.replace("</article>", f"<p>{'a' * letters}b</p></article>")


class Answer(NamedTuple):
    """What the service answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        """Its body, parsed."""
        return json.loads(self.body)


class Server:
    """A running service.

    Args:
        process: its gunicorn.
        port: where it listens.
        out: file with its stdout.
        err: file with its stderr.
    """

    def __init__(self, process: subprocess.Popen[bytes], port: int, out: Path, err: Path) -> None:
        self.process = process
        self.port = port
        self.out = out
        self.err = err

    def connect(self, timeout_s: float = 30) -> http.client.HTTPConnection:
        """A new connection."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)

    def call(
        self, method: str, path: str, body: bytes | str | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own."""
        with contextlib.closing(self.connect()) as connection:
            data = body.encode() if isinstance(body, str) else body
            connection.request(method, path, data, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """GET."""
        return self.call("GET", path, None, headers)

    def clean(self, value: object, path: str = "/v1/clean", **headers: str) -> Answer:
        """POST of JSON."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.call("POST", path, json.dumps(value), {"Content-Type": "application/json", **named})

    def lines(self) -> list[dict[str, Any]]:
        """The log of requests, without a line that is just being written."""
        whole, _, _ = self.out.read_text(encoding="utf-8").rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    def workers(self) -> list[int]:
        """Process numbers of the workers."""
        return children_of(self.process.pid)

    def cleaners(self) -> list[int]:
        """Process numbers of the children that clean."""
        return [
            child for worker in self.workers() for nursery in children_of(worker)
            for child in children_of(nursery)
        ]  # fmt: skip


def children_of(pid: int) -> list[int]:
    """Process numbers of a process's children."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(number) for number in task.read_text().split()]
    return found


@contextlib.contextmanager
def running(**settings: object) -> Iterator[Server]:
    """A service with these settings, stopped at the end."""
    names = {f"NOISEFILTER_{name.upper()}": str(value) for name, value in settings.items()}
    environment = {"NOISEFILTER_CHILDREN": "2", **os.environ, "PYTHONPATH": str(ROOT), **names}
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        with out.open("wb") as to_out, err.open("wb") as to_err:
            process = subprocess.Popen(
                [sys.executable, "-m", "noisefilter", "serve", "--port", "0"],
                stdout=to_out, stderr=to_err, env=environment,
            )  # fmt: skip
        try:
            server = Server(process, _port_of(process, err), out, err)
            wait_for(lambda: server.get("/readyz").status == 200)
            yield server
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _port_of(process: subprocess.Popen[bytes], err: Path) -> int:
    for _ in range(300):
        if found := re.search(r"Listening at: http://[\d.]+:(\d+)", err.read_text()):
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"the service did not start: {err.read_text()}")


def wait_for(condition: Any, seconds: float = 20) -> None:
    """Waits until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
