"""``POST /v1/clean`` and ``POST /v1/clean/batch``."""

import json
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from io import BytesIO
from itertools import islice
from typing import Any

from flask import Blueprint, Response, g, request

from noisefilter.batch.items import Outcome
from noisefilter.service.answers import JSON, MARKDOWN, NDJSON, TEXT, accepted
from noisefilter.service.backend import Backend
from noisefilter.service.body import read_body
from noisefilter.service.problems import FieldError, Problem, wrong_fields
from noisefilter.service.requests import (
    CleanRequest,
    Options,
    checked,
    parsed_json,
    query_options,
)
from noisefilter.service.settings import Settings
from noisefilter.service.work import Job

PAGES = ("text/html", "application/xhtml+xml")
LINES = (NDJSON, "application/ndjson", "application/jsonl")
SINGLE_TYPES = (JSON, *PAGES, TEXT)
BATCH_TYPES = (JSON, *LINES)
_STATUSES = {"deadline": "timeout", "crashed": "crashed", "memory": "memory"}


def blueprint(settings: Settings, backend: Backend) -> Blueprint:
    """The endpoints that clean."""
    routes = Blueprint("clean", __name__)

    @routes.post("/v1/clean")
    def clean() -> Response:
        form = accepted(request, [JSON, TEXT, MARKDOWN])
        mimetype = _mimetype(SINGLE_TYPES)
        options = query_options(request.args)
        body = _body(settings)
        if mimetype == JSON:
            wanted = checked(parsed_json(body), options)
            job = _job(wanted, form, html=wanted.html, text=wanted.text)
        else:
            job = _job(
                options, form, html=body, is_text=mimetype == TEXT,
                charset=request.mimetype_params.get("charset"), limits=settings.limits,
            )  # fmt: skip
        del body
        g.pages = 1
        with backend.turn():
            answer = backend.answer(backend.submit(job), _field(job))
        response = Response(answer, mimetype=form)
        response.vary.add("Accept")
        return response

    @routes.post("/v1/clean/batch")
    def batch() -> Response:
        mimetype = _mimetype(BATCH_TYPES)
        form = accepted(request, [JSON, NDJSON] if mimetype == JSON else [NDJSON, JSON])
        options = query_options(request.args)
        body = _body(settings)
        allowed = settings.max_batch_items
        items = _listed(parsed_json(body)) if mimetype == JSON else _lines(body, allowed)
        if len(items) > allowed:
            raise Problem("too-large", f"more than the {allowed:,} items allowed: send several batches")
        g.pages = len(items)
        turn = ExitStack()
        turn.enter_context(backend.turn())
        results = _results(backend, settings.children, items, options, raw=mimetype != JSON)
        response = Response(_as_lines(results) if form == NDJSON else _as_list(results), mimetype=form)
        response.vary.add("Accept")
        response.call_on_close(turn.close)  # also if the caller went away before the first item
        return response

    return routes


def _mimetype(known: tuple[str, ...]) -> str:
    if request.mimetype not in known:
        types = ", ".join(known)
        raise Problem(
            "unsupported-media-type", f"Content-Type must be one of {types}", headers={"Accept-Post": types}
        )
    return request.mimetype


def _body(settings: Settings) -> bytes:
    body = read_body(request, settings.max_body_bytes, settings.limits)
    g.received_bytes = len(body)
    return body


def _job(options: Options, form: str, **content: Any) -> Job:
    markdown = form == MARKDOWN
    return Job(
        title=options.title,
        url=options.url,
        policy=options.policy,
        keep=options.keep,
        drop=options.drop,
        explain=bool(options.explain) and form == JSON,
        format="markdown" if markdown else options.format or "text",
        bare=form != JSON,
        **content,
    )


def _field(job: Job) -> str:
    return "text" if job.is_text or job.text is not None else "html"


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise wrong_fields([FieldError("", "must be a list of objects, each as for /v1/clean")])
    return value


def _lines(body: bytes, allowed: int) -> list[Any]:
    """The lines that are not blank, and one more than are allowed at most: there may be millions."""
    # Only at line feeds: other separators may stand inside of strings.
    return list(islice(filter(None, map(bytes.rstrip, BytesIO(body))), allowed + 1))


def _results(backend: Backend, ahead: int, items: list[Any], query: Options, raw: bool) -> Iterator[bytes]:
    """What became of each item, in order, as JSON.

    Args:
        backend: cleans them.
        ahead: how many items are with it at once, so that a batch does not keep others from their turn.
        items: as parsed or, if `raw`, as lines.
        query: options for what an item does not say.
        raw: whether items are still to be parsed.
    """
    waiting: deque[tuple[Future[Outcome], str] | Problem] = deque()
    items.reverse()
    index = 0
    try:
        while items or waiting:
            while items and len(waiting) < ahead:
                item = items.pop()  # nobody needs it after this
                try:
                    job = _job_of(checked(parsed_json(item) if raw else item, query))
                    waiting.append((backend.submit(job), _field(job)))
                except Problem as problem:
                    waiting.append(problem)
            yield _result(backend, index, waiting.popleft())
            index += 1
    finally:
        for left in waiting:  # the caller went away
            if isinstance(left, tuple):
                left[0].cancel()


def _job_of(wanted: CleanRequest) -> Job:
    return _job(wanted, JSON, html=wanted.html, text=wanted.text)


def _result(backend: Backend, index: int, item: tuple[Future[Outcome], str] | Problem) -> bytes:
    try:
        if isinstance(item, Problem):
            raise item
        answer = backend.answer(*item)
    except Problem as problem:
        status = _STATUSES.get(problem.kind, "error")
        members = {"index": index, "status": status, "error": problem.to_dict()}
        return json.dumps(members, ensure_ascii=False).encode()
    return b'{"index":%d,"status":"ok","article":%b}' % (index, answer)


def _as_lines(results: Iterator[bytes]) -> Iterator[bytes]:
    for result in results:
        yield result + b"\n"


def _as_list(results: Iterator[bytes]) -> Iterator[bytes]:
    before = b"["
    for result in results:
        yield before + result
        before = b",\n"
    yield b"[]" if before == b"[" else b"]"
