"""Load from a process of its own: `python -m benchmarks.load`, with an order as JSON on stdin."""

import hashlib
import http.client
import itertools
import json
import sys
import threading
import time
from typing import Any

TIMEOUT_S = 60.0
# The connection of a worker that died is found out only when it is used.
GONE = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


class Client(threading.Thread):
    """Sends one page after the other on one connection.

    Args:
        order: port, path, pages and number of requests.
        numbers: of requests, shared by all clients.
    """

    def __init__(self, order: dict[str, Any], numbers: "itertools.count[int]") -> None:
        super().__init__()
        self.port: int = order["port"]
        self.path: str = order["path"]
        self.pages = [page.encode() for page in order["pages"]]
        self.requests: int = order["requests"]
        self.numbers = numbers
        self.latencies: list[float] = []
        self.failed: list[str] = []
        self.answers: dict[int, tuple[str, str]] = {}
        self.changed = 0

    def run(self) -> None:
        """Sends pages until all clients together have sent as many as they were to."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        while (number := next(self.numbers)) < self.requests:
            page = number % len(self.pages)
            started = time.perf_counter()
            try:
                connection.request("POST", self.path, self.pages[page], {"Content-Type": "text/html"})
                response = connection.getresponse()
                body = response.read()
            except GONE:
                connection.close()
                self.failed.append("connection lost")
                continue
            except OSError as error:
                connection.close()
                self.failed.append(type(error).__name__)
                continue
            self.latencies.append(time.perf_counter() - started)
            if response.status != 200:
                self.failed.append(str(response.status))
                continue
            seen = hashlib.sha256(body).hexdigest()
            first, _ = self.answers.setdefault(page, (seen, body.decode()))
            self.changed += seen != first
        connection.close()


def main() -> None:
    """Runs the order and writes what came of it."""
    order = json.load(sys.stdin)
    numbers = itertools.count()
    clients = [Client(order, numbers) for _ in range(order["clients"])]
    started = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    seconds = time.perf_counter() - started
    answers = {str(page): body for client in clients for page, (_, body) in client.answers.items()}
    firsts: dict[int, set[str]] = {}
    for client in clients:
        for page, (seen, _) in client.answers.items():
            firsts.setdefault(page, set()).add(seen)
    found = {
        "seconds": seconds,
        "latencies": [latency for client in clients for latency in client.latencies],
        "failed": [failure for client in clients for failure in client.failed],
        "changed": sum(client.changed for client in clients) + sum(len(s) - 1 for s in firsts.values()),
        "answers": answers,
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
