"""The API page: the OpenAPI description as HTML, without scripts and without anything from elsewhere."""

import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from noisefilter.service.problems import KINDS, TYPE_PREFIX

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>noisefilter: API</title>
<link rel="icon" href="page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="docs/style.css">
</head>
<body>
<main>
"""


def api_page(description: dict[str, Any]) -> str:
    """The page.

    Args:
        description: as OpenAPI has it.
    """
    return _HEAD + "\n".join(_parts(description)) + "\n</main>\n</body>\n</html>\n"


def _parts(description: dict[str, Any]) -> Iterator[str]:
    info = description["info"]
    yield f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>"
    yield f"<p>{_prose(info['description'])}</p>"
    yield "<p>The same for programs: <a href='openapi.json'>openapi.json</a>.</p>"
    yield "<nav aria-label='Endpoints'><ul>"
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            name = f"<code>{method.upper()} {escape(path)}</code>"
            about = escape(operation["summary"])
            yield f"<li><a href='#{escape(operation['operationId'])}'>{name}</a> {about}</li>"
    yield "<li><a href='#problems'>Problems</a></li><li><a href='#schemas'>Schemas</a></li></ul></nav>"
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            yield from _operation(path, method, operation)
    yield from _problems()
    yield "<h2 id='schemas'>Schemas</h2>"
    for name, schema in description["components"]["schemas"].items():
        yield f"<h3 id='schema-{escape(name)}'>{escape(name)}</h3>"
        yield f"<p>{_prose(schema.get('description', ''))}</p>"
        if "properties" in schema:
            yield from _fields(schema)
        else:
            yield f"<p>{_type(schema)}</p>"


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield (
        f"<section aria-labelledby='{escape(operation['operationId'])}'>"
        f"<h2 id='{escape(operation['operationId'])}'><code>{method.upper()} {escape(path)}</code></h2>"
    )
    yield f"<p>{_prose(operation.get('description', operation['summary'] + '.'))}</p>"
    if "security" in operation:
        yield "<p>Needs <code>Authorization: Bearer …</code>.</p>"
    if parameters := operation.get("parameters"):
        yield "<h3>Query</h3>"
        yield _table(
            ("Name", "Value", "Meaning"),
            [(_code(one["name"]), _type(one["schema"]), _prose(one["description"])) for one in parameters],
        )
    if body := operation.get("requestBody"):
        yield "<h3>Body</h3>"
        yield _table(("Content-Type", "Form"), _contents(body["content"]))
        example = body["content"]["application/json"]["example"]
        yield f"<pre tabindex='0'><code>{escape(json.dumps(example, indent=2))}</code></pre>"
    yield "<h3>Answer</h3>"
    yield _table(("Content-Type", "Form"), _contents(operation["responses"]["200"]["content"]))
    codes = [code for code in operation["responses"] if code not in ("200", "default")]
    if codes:
        yield f"<p>Or a <a href='#problems'>problem</a>: {', '.join(codes)}.</p>"
    yield "</section>"


def _contents(content: dict[str, Any]) -> list[tuple[str, ...]]:
    return [(_code(mimetype), _type(one["schema"])) for mimetype, one in content.items()]


def _problems() -> Iterator[str]:
    yield "<h2 id='problems'>Problems</h2>"
    yield (
        "<p>Errors are <code>application/problem+json</code> (RFC 9457). <code>type</code> is one of these, "
        "<code>detail</code> says what is wrong this time, and <code>errors</code> names fields.</p>"
    )
    rows = [
        (
            f"<code id='problem-{escape(name)}'>{TYPE_PREFIX}{escape(name)}</code>", str(kind.status),
            escape(kind.title), _prose(kind.advice),
        )
        for name, kind in KINDS.items()
    ]  # fmt: skip
    yield _table(("type", "Status", "Title", "What to do"), rows)


def _fields(schema: dict[str, Any]) -> Iterator[str]:
    required = schema.get("required", [])
    rows = [
        (
            _code(name) + ("" if name in required else " <small>optional</small>"), _type(field),
            _prose(field.get("description", "")),
        )
        for name, field in schema["properties"].items()
    ]  # fmt: skip
    yield _table(("Name", "Value", "Meaning"), rows)


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f"<a href='#schema-{name}'>{name}</a>"
    if "enum" in schema:
        return ", ".join(_code(str(value)) for value in schema["enum"])
    if "const" in schema:
        return _code(str(schema["const"]))
    if schema.get("type") == "array":
        return f"list of: {_type(schema['items'])}"
    if "anyOf" in schema and "type" not in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    about = f" <small>{_prose(schema['description'])}</small>" if "description" in schema else ""
    return escape(str(schema.get("type", "any value"))) + (about if schema.get("type") == "string" else "")


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f"<th scope='col'>{name}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f"<div class='table' tabindex='0'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        "</table></div>"
    )


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _prose(text: str) -> str:
    """Text in which backticks mark code."""
    parts = text.split("`")
    return "".join(_code(part) if number % 2 else escape(part) for number, part in enumerate(parts))
