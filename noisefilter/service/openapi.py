"""The description of the API as OpenAPI 3.1, made from the models that check requests."""

from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import noisefilter
from noisefilter.service.answers import (
    JSON,
    MARKDOWN,
    NDJSON,
    TEXT,
    ArticleAnswer,
    HealthAnswer,
    ItemAnswer,
    LabelsAnswer,
    ModelAnswer,
    ProblemAnswer,
)
from noisefilter.service.clean import LINES, PAGES
from noisefilter.service.problems import KINDS, MEDIA_TYPE
from noisefilter.service.requests import CleanRequest, Options
from noisefilter.service.settings import Settings

_PREFIX = "#/components/schemas/"
_CLEANING = (400, 406, 408, 413, 414, 415, 422, 429, 500, 503)
_RETRIED = (429, 503)


def description(settings: Settings) -> dict[str, Any]:
    """The whole description.

    Args:
        settings: of the service; its bounds and whether it asks for a token are part of it.
    """
    names, schemas = _schemas()
    secured = settings.token is not None
    operations = _operations(names, settings)
    for path, operation in operations.items():
        for one in operation.values():
            one["responses"]["default"] = _problem_reference("Problem")
            if secured and path in _TOKEN_PATHS:
                one["security"] = [{"token": []}]
                one["responses"]["401"] = _problem_reference("401")
    components: dict[str, Any] = {"schemas": schemas, "responses": _problem_responses(names["problem"])}
    if secured:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "noisefilter",
            "version": noisefilter.__version__,
            "summary": "Turns web pages and extracted text into clean articles.",
            "description": "Every block of the page comes back with what it is and why it stayed or went. "
            "Bodies may be sent with `Content-Encoding: gzip`. Every answer carries `X-Request-ID`, taken "
            "from the request or made. No address is ever fetched.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": operations,
        "components": components,
    }


_TOKEN_PATHS = frozenset({"/v1/clean", "/v1/clean/batch", "/v1/labels", "/v1/model", "/metrics"})


def _schemas() -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """References by short names, and the schemas that they mean."""
    requests: dict[str, type[BaseModel]] = {"request": CleanRequest, "options": Options}
    answers: dict[str, type[BaseModel]] = {
        "article": ArticleAnswer,
        "item": ItemAnswer,
        "problem": ProblemAnswer,
        "labels": LabelsAnswer,
        "model": ModelAnswer,
        "health": HealthAnswer,
    }
    modes: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((model, "validation") for model in requests.values()),
        *((model, "serialization") for model in answers.values()),
    ]
    found, top = models_json_schema(
        modes,
        ref_template=_PREFIX + "{model}",
    )
    of_model = {model.__name__: reference for (model, _), reference in found.items()}
    names = {name: of_model[model.__name__] for name, model in {**requests, **answers}.items()}
    return names, top["$defs"]


def _operations(names: dict[str, dict[str, Any]], settings: Settings) -> dict[str, dict[str, Any]]:
    text = {"schema": {"type": "string"}}
    page = {"schema": {"type": "string", "description": "The page, in its own encoding."}}
    options = _query()
    # Anything may be an item: a wrong one is told of in its place.
    item = {"anyOf": [names["request"], {"description": "Anything else fails alone."}]}
    batch = {"type": "array", "items": item, "maxItems": settings.max_batch_items}
    lines = {"type": "string", "description": "An object a line, each as for `/v1/clean`."}
    return {
        "/v1/clean": {
            "post": {
                "operationId": "clean",
                "summary": "Clean a page or a text",
                "description": "As JSON, or the raw page or text with the options in the query. What a JSON "
                "body says wins over the query. With `Accept: text/plain` or `text/markdown` the answer is "
                f"the bare text. A page has {settings.deadline_s:g} seconds, "
                f"and a body may have {settings.max_body_bytes:,} bytes.",
                "parameters": options,
                "requestBody": {
                    "required": True,
                    "content": {
                        JSON: {"schema": names["request"], "example": _EXAMPLE},
                        **dict.fromkeys(PAGES, page),
                        TEXT: text,
                    },
                },
                "responses": {
                    "200": {
                        "description": "The article.",
                        "headers": _ID_HEADER,
                        "content": {JSON: {"schema": names["article"]}, TEXT: text, MARKDOWN: text},
                    },
                    **_problems(*_CLEANING, 504),
                },
            }
        },
        "/v1/clean/batch": {
            "post": {
                "operationId": "cleanBatch",
                "summary": "Clean many pages and texts",
                "description": "A JSON list, or NDJSON: an object a line. The answer has the form of the "
                "body unless `Accept` says other, and the order of the items; it is sent as items are done. "
                "One bad item fails alone. Options in the query hold for items that do not say other. "
                f"At most {settings.max_batch_items:,} items.",
                "parameters": options,
                "requestBody": {
                    "required": True,
                    "content": {
                        JSON: {"schema": batch, "example": [_EXAMPLE]},
                        **{name: {"schema": lines} for name in LINES},
                    },
                },
                "responses": {
                    "200": {
                        "description": "What became of each item.",
                        "headers": _ID_HEADER,
                        "content": {
                            JSON: {"schema": {"type": "array", "items": names["item"]}},
                            NDJSON: {"schema": {"type": "string", "description": "One item a line."}},
                        },
                    },
                    **_problems(*_CLEANING),
                },
            }
        },
        "/v1/labels": _get("labels", "The words that requests and answers use", JSON, names["labels"]),
        "/v1/model": _get("model", "What the model is", JSON, names["model"]),
        "/healthz": _get("alive", "Whether the service is alive", JSON, names["health"]),
        "/readyz": _get(
            "ready", "Whether the model is loaded and children answer", JSON, names["health"], _problems(503)
        ),
        "/metrics": _get("metrics", "Numbers for Prometheus, of all workers", TEXT, {"type": "string"}),
        "/openapi.json": _get("openapi", "This description", JSON, {"type": "object"}),
        "/docs": _get("docs", "This description as a page", "text/html", {"type": "string"}),
    }


_EXAMPLE = {"html": "<h1>Tides</h1><p>High water comes twice a day, says the harbour master.</p>"}
_ID_HEADER = {"X-Request-ID": {"schema": {"type": "string"}, "description": "Also in the log."}}


def _get(
    name: str, summary: str, mimetype: str, schema: dict[str, Any], problems: dict[str, Any] | None = None
) -> dict[str, Any]:
    answer = {
        "description": summary + ".", "headers": _ID_HEADER, "content": {mimetype: {"schema": schema}},
    }  # fmt: skip
    return {
        "get": {"operationId": name, "summary": summary, "responses": {"200": answer, **(problems or {})}}
    }


def _query() -> list[dict[str, Any]]:
    """The options as parameters; in a query nothing is null."""
    found = []
    for name, schema in Options.model_json_schema(ref_template=_PREFIX + "{model}")["properties"].items():
        (own,) = [one for one in schema["anyOf"] if one != {"type": "null"}]
        parameter = {"name": name, "in": "query", "description": schema["description"], "schema": own}
        if own["type"] == "array":
            parameter |= {"style": "form", "explode": True}
        found.append(parameter)
    return found


def _problems(*statuses: int) -> dict[str, Any]:
    return {str(status): _problem_reference(str(status)) for status in statuses}


def _problem_reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/responses/{name}"}


def _problem_responses(schema: dict[str, Any]) -> dict[str, Any]:
    """A response for each status code of a problem, and one for any other."""
    found: dict[str, Any] = {}
    for status in sorted({kind.status for kind in KINDS.values()}):
        titles = [kind.title for kind in KINDS.values() if kind.status == status]
        headers: dict[str, Any] = dict(_ID_HEADER)
        if status in _RETRIED:
            headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds to wait."}
        found[str(status)] = _problem(". ".join(titles) + ".", schema, headers)
    found["Problem"] = _problem("Anything else that is wrong.", schema, _ID_HEADER)
    return found


def _problem(text: str, schema: dict[str, Any], headers: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, "headers": headers, "content": {MEDIA_TYPE: {"schema": schema}}}
