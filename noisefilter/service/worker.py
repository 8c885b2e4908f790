"""gunicorn's threaded worker, with the errors of this service for what never reaches the application."""

import json
import uuid
from typing import Any

from gunicorn import util
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker

from noisefilter.service import problems
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
    """A worker that answers what is no HTTP with problem details, and does not quote it in the log."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answers a request that cannot be read."""
        problem = problem_of(exc)
        request_id = uuid.uuid4().hex
        if problem.status == 500:
            SERVICE.error("a request failed", exc_info=exc, extra={"fields": {"request_id": request_id}})
        fields = {"request_id": request_id, "endpoint": "none", "status": problem.status}
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
