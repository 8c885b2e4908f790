"""The WSGI application: endpoints, and what holds of every request."""

import hmac
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from noisefilter.service import about, clean, problems
from noisefilter.service.backend import Backend
from noisefilter.service.logs import REQUESTS, SERVICE
from noisefilter.service.metrics import METHODS, Metrics
from noisefilter.service.problems import Problem
from noisefilter.service.settings import Settings

EXTENSION = "noisefilter"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._~+/=:-]{1,128}", re.ASCII)
_KIND_OF_STATUS = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def build(settings: Settings | None) -> Flask:
    """Makes the application; see `noisefilter.service.create_app`."""
    settings = settings or Settings.from_environment()
    metrics = Metrics()
    backend = Backend(settings, metrics)
    backend.load()
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the provider is Flask's own
    app.url_map.merge_slashes = False  # else `//` is redirected, to whatever host the caller names
    app.extensions[EXTENSION] = backend
    app.register_blueprint(clean.blueprint(settings, backend))
    app.register_blueprint(about.blueprint(settings, backend, metrics))
    _add_token(app, settings)
    _add_errors(app)
    _add_headers_and_log(app, metrics)
    return app


def _add_token(app: Flask, settings: Settings) -> None:
    @app.before_request
    def identify() -> None:
        g.started = time.monotonic()
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex

    if settings.token is None:
        return
    expected = settings.token.get_secret_value().encode()

    @app.before_request
    def authorize() -> None:
        if request.endpoint in about.PUBLIC:
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given = token.strip().encode("utf-8", "replace")
        if not hmac.compare_digest(given, expected) or scheme.lower() != "bearer":
            raise Problem(
                "unauthorized", "send the header `Authorization: Bearer` with the token of this service",
                headers={"WWW-Authenticate": "Bearer"},
            )  # fmt: skip


def _add_errors(app: Flask) -> None:
    @app.errorhandler(Problem)
    def told(problem: Problem) -> Response:
        if problem.status == 500 and problem.__cause__ is not None:
            _log_error(problem.__cause__)
        text = app.json.dumps(problem.to_dict(g.request_id))
        return Response(text, status=problem.status, headers=problem.headers, mimetype=problems.MEDIA_TYPE)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        status = error.code or 500
        kind = _KIND_OF_STATUS.get(status, "bad-request" if status < 500 else "internal")
        if kind == "not-found":
            detail = "there is nothing at this address: see /docs"
        elif kind == "method-not-allowed":
            detail = f"this address does not take {request.method[:20]}: use a method that Allow names"
        else:
            detail = problems.KINDS[kind].advice
        allow = {name: value for name, value in error.get_headers() if name == "Allow"}
        return told(Problem(kind, detail, headers=allow))

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        _log_error(error)
        return told(problems.internal())


def _log_error(error: BaseException) -> None:
    SERVICE.error("a request failed", exc_info=error, extra={"fields": {"request_id": g.request_id}})


def _add_headers_and_log(app: Flask, metrics: Metrics) -> None:
    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.request_id
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        # The context of the request may be gone when the answer has been sent.
        started, status = g.started, response.status_code
        method = request.method if request.method in METHODS else "other"
        endpoint = request.url_rule.rule if request.url_rule is not None else "none"
        received: int = g.get("received_bytes", 0)
        fields: dict[str, Any] = {
            "request_id": g.request_id,
            "method": method,
            "endpoint": endpoint,  # not the path: it and the query are the caller's
            "status": status,
            "pages": g.get("pages", 0),
            "received_bytes": received,
            "sent_bytes": 0,
        }
        if response.is_sequence:
            if request.method != "HEAD":
                fields["sent_bytes"] = response.calculate_content_length()
        else:
            # A file or a batch, sent piece by piece: werkzeug would make a list of it to measure it, and what
            # it passes through to the server tells nobody when it has been sent.
            response.direct_passthrough = False
            if close := getattr(response.response, "close", None):
                response.call_on_close(close)
            response.response = _counted(response.iter_encoded(), fields)

        def sent() -> None:
            seconds = time.monotonic() - started
            metrics.count(method, endpoint, status, seconds)
            metrics.received_bytes.inc(received)
            fields["ms"] = round(seconds * 1000, 1)
            REQUESTS.info("request", extra={"fields": fields})

        response.call_on_close(sent)
        return response


def _counted(parts: Iterable[bytes], fields: dict[str, Any]) -> Iterator[bytes]:
    for part in parts:
        fields["sent_bytes"] += len(part)
        yield part
