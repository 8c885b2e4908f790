"""gunicorn's threaded worker, with the errors of this service for what never reaches the application."""

import contextlib
import json
import math
import socket
import struct
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

from gunicorn import util
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker

from noisefilter.service import problems
from noisefilter.service.body import ARRIVED
from noisefilter.service.logs import REQUESTS, SERVICE
from noisefilter.service.problems import Problem


def problem_of(error: BaseException) -> Problem:
    """What to tell of an error that gunicorn met while it read a request, or passed on."""
    if isinstance(error, LimitRequestLine):
        return Problem("address-too-long", "send options as JSON in the body, not in the query")
    if isinstance(error, LimitRequestHeaders):
        return Problem("headers-too-large", "send fewer or shorter headers")
    if isinstance(error, ParseException):
        return Problem("bad-request", f"this is no well-formed HTTP ({type(error).__name__})")
    return problems.internal()


class Worker(ThreadWorker):
    """A worker that waits for its callers only so long, and answers what is no HTTP with problem details.

    gunicorn gives a thread to every request from its first byte on, and waits for the rest for ever: as many
    slow callers as there are threads would keep everybody else out.
    """

    transfer_s = 60.0
    """As the setting; `gunicorn_conf` puts it here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: dict[socket.socket, float] = {}  # when the request on it must be here

    def load_wsgi(self) -> None:
        """Puts in front of the application what tells when a request has arrived."""
        super().load_wsgi()
        application = self.wsgi

        def watched(environ: MutableMapping[str, Any], start_response: Any) -> Any:
            sock = environ["gunicorn.socket"]
            environ[ARRIVED] = lambda: self._arriving.pop(sock, None) is not None
            return application(environ, start_response)

        self.wsgi = watched

    def handle(self, conn: Any) -> Any:
        """Reads a request and answers it; waits for the caller to hang up if it is the connection's last.

        Else gunicorn waits, up to two seconds and in its main thread, which takes nobody else's connection
        meanwhile.
        """
        sock = conn.sock
        self._arriving[sock] = time.monotonic() + self.transfer_s
        try:
            stays = super().handle(conn)
        finally:
            self._arriving.pop(sock, None)
        if not stays:
            with contextlib.suppress(OSError):
                util.close_graceful(sock.dup())
                sock.shutdown(socket.SHUT_RD)  # nothing is left to wait for
        return stays

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answers a request whose headers are here."""
        stall = struct.pack("@ll", math.ceil(self.transfer_s), 0)  # a timeval is two longs
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, stall)
        try:
            return super().handle_request(req, conn)
        except BlockingIOError:  # the caller does not read its answer
            return False

    def set_accept_enabled(self, enabled: Any) -> None:
        """Takes connections or not; at the end it refuses them, where gunicorn would let them wait for it."""
        if not self.alive:
            for listener in self.sockets:
                before = -1
                while before < self.nr_conns:  # those that the system has taken already
                    before = self.nr_conns
                    self.accept(listener)
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def notify(self) -> None:
        """Tells gunicorn, once a second, that this worker lives, and gives up on slow callers."""
        super().notify()
        now = time.monotonic()
        for sock, end in list(self._arriving.items()):
            if now > end and self._arriving.pop(sock, None) is not None:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RD)  # reading finds an end; an answer can still be sent

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answers a request that cannot be read."""
        problem = problem_of(exc)
        request_id = uuid.uuid4().hex
        if problem.status == 500:
            SERVICE.error("a request failed", exc_info=exc, extra={"fields": {"request_id": request_id}})
        fields = {"request_id": request_id, "method": "other", "endpoint": "none", "status": problem.status}
        REQUESTS.info("request", extra={"fields": fields})
        body = json.dumps(problem.to_dict(request_id)).encode()
        head = (
            f"HTTP/1.1 {problem.status} {problems.KINDS[problem.kind].title}\r\nConnection: close\r\n"
            f"Content-Type: {problems.MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n"
            f"X-Request-ID: {request_id}\r\n\r\n"
        )
        try:
            util.write_nonblock(client, head.encode() + body)
        except OSError:  # it is gone already
            return
