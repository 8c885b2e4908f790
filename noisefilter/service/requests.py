"""What a request asks for: the fields of its body and query, checked."""

import json
from collections.abc import Mapping
from itertools import islice
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from werkzeug.datastructures import MultiDict

from noisefilter.labels import Label
from noisefilter.policy import rules_of
from noisefilter.service.problems import MAX_FIELD_ERRORS, FieldError, Problem, wrong_fields

MAX_RULES = 64
_TRUE, _FALSE = ("true", "1"), ("false", "0")


def _joined_surrogates(value: object) -> object:
    """Text that can be encoded: a lone surrogate, which JSON can hold, becomes U+FFFD."""
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _known_labels(values: list[str]) -> list[str]:
    # Patterns are compiled by the child, under the deadline.
    try:
        rules_of([value for value in values if not value.startswith("re:")], "rules")
    except ValueError as error:
        raise ValueError(str(error).removeprefix("rules: ")) from None
    return values


def _droppable(values: list[str]) -> list[str]:
    if Label.CONTENT in values:
        raise ValueError("'content' cannot be dropped, nothing would be left")
    return values


def _labels_or_pattern(*labels: Label) -> dict[str, Any]:
    return {"anyOf": [{"enum": [str(label) for label in labels]}, {"pattern": "^re:"}]}


# Bounds come first: after the function, pydantic would tell of "items" where it means characters.
Surrogates = BeforeValidator(_joined_surrogates)
Text = Annotated[str, Surrogates]
Rule = Annotated[str, Field(min_length=1, max_length=1000), Surrogates]
Keep = Annotated[
    list[Annotated[Rule, Field(json_schema_extra=_labels_or_pattern(*Label))]],
    Field(max_length=MAX_RULES),
    AfterValidator(_known_labels),
]
Drop = Annotated[
    list[
        Annotated[
            Rule,
            Field(json_schema_extra=_labels_or_pattern(*(one for one in Label if one is not Label.CONTENT))),
        ]
    ],
    Field(max_length=MAX_RULES),
    AfterValidator(_known_labels),
    AfterValidator(_droppable),
]
Format: TypeAlias = Literal["text", "markdown", "html"]
PolicyName: TypeAlias = Literal["precision", "balanced", "recall"]


class Options(BaseModel):
    """How a page or a text is cleaned. A null is the same as a field that is not there."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: Annotated[str, Field(max_length=2000), Surrogates] | None = Field(
        default=None, description="Title, where known. A title that the page itself declares wins."
    )
    url: Annotated[str, Field(max_length=4096), Surrogates] | None = Field(
        default=None, description="Address that it comes from. It is never fetched."
    )
    policy: PolicyName | None = Field(
        default=None, description="How sure the model must be before something goes; `balanced` unless given."
    )
    keep: Keep | None = Field(
        default=None,
        description="Labels, or `re:` and a pattern on a block's text, of what to keep in any case.",
    )
    drop: Drop | None = Field(default=None, description="The same of what to drop; `keep` wins.")
    explain: bool | None = Field(default=None, description="Whether each block tells its evidence.")
    format: Format | None = Field(
        default=None, description="Form of the answer's `text`; `text` unless given."
    )


def _of_one_input(schema: dict[str, Any]) -> None:
    schema["oneOf"] = [
        {"required": [name], "properties": {name: {"type": "string"}}} for name in CleanRequest.INPUTS
    ]


class CleanRequest(Options):
    """A page as `html`, or text that was extracted before as `text`, and how to clean it."""

    INPUTS: ClassVar[tuple[str, ...]] = ("html", "text")
    model_config = ConfigDict(json_schema_extra=_of_one_input)

    html: Text | None = Field(default=None, description="The page. Give this or `text`.")
    text: Text | None = Field(default=None, description="Text of an article, extracted from a page before.")


def parsed_json(data: bytes | str) -> object:
    """The value of a JSON text.

    Raises:
        Problem: it is none.
    """
    try:
        return json.loads(data, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        detail = f"this is no JSON: {error.msg} at line {error.lineno}, column {error.colno}"
    except UnicodeDecodeError:
        detail = "this is no JSON: it is not UTF-8"
    except RecursionError:
        detail = "this JSON is nested too deep"
    except ValueError:  # a number of thousands of digits, NaN
        detail = "this JSON holds a number that cannot be read"
    raise Problem("unreadable-body", detail)


def _no_constant(name: str) -> object:
    raise ValueError(name)


def query_options(query: MultiDict[str, str]) -> Options:
    """The options in a query.

    Raises:
        Problem: some are wrong, or there several times.
    """
    given: dict[str, object] = {}
    errors = []
    for name, values in query.lists():
        if name in ("keep", "drop"):
            given[name] = values
        elif len(values) > 1 and name in Options.model_fields:
            errors.append(FieldError(name, "give it once"))
        elif name == "explain" and values[0] in _TRUE + _FALSE:
            given[name] = values[0] in _TRUE
        elif name == "explain":
            errors.append(FieldError(name, "must be true or false"))
        else:
            given[name] = values[0]
    try:
        options = Options.model_validate(given)
    except ValidationError as error:
        errors += _field_errors(error, Options)
    if errors:
        raise wrong_fields(errors)
    return options


def checked(body: object, query: Options | None = None) -> CleanRequest:
    """The fields of a JSON body.

    Args:
        body: as parsed.
        query: options of the query, for what the body does not say.

    Raises:
        Problem: some are missing or wrong.
    """
    if not isinstance(body, dict):
        raise wrong_fields([FieldError("", f"must be an object with html or text, not {_json_type(body)}")])
    own = {name: value for name, value in body.items() if value is not None}
    other = {} if query is None else query.model_dump(exclude_none=True)
    try:
        found = CleanRequest.model_validate({**other, **_few(own)})
    except ValidationError as error:
        raise wrong_fields(_field_errors(error, CleanRequest)) from None
    if (found.html is None) == (found.text is None):
        given = "neither is there" if found.html is None else "both are there"
        errors = [FieldError(name, f"give either html or text: {given}") for name in CleanRequest.INPUTS]
        raise wrong_fields(errors)
    return found


def _few(members: Mapping[str, object]) -> dict[str, object]:
    """The members that are fields, and of those that are none no more than an answer names and one."""
    known = {name: value for name, value in members.items() if name in CleanRequest.model_fields}
    unknown = ((name, value) for name, value in members.items() if name not in known)
    return {**known, **dict(islice(unknown, MAX_FIELD_ERRORS + 1))}


def _field_errors(error: ValidationError, model: type[Options]) -> list[FieldError]:
    """What pydantic found, a message for each field, without the values: they may be whole pages."""
    found: dict[str, str] = {}
    for one in error.errors(include_input=False, include_url=False, include_context=False):
        field = ".".join(str(part) for part in one["loc"])[:200]
        message = one["msg"].removeprefix("Value error, ")
        if one["type"] == "extra_forbidden":
            message = f"there is no such field; fields are {', '.join(model.model_fields)}"
        found.setdefault(field.encode("utf-8", "replace").decode(), message)
    return [FieldError(field, message) for field, message in found.items()]


def _json_type(value: object) -> str:
    names = {list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "null")
