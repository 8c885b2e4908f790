"""The forms of answers: the models that describe them, and which one the caller accepts."""

from typing import Any, Literal

from flask import Request
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from noisefilter.batch.items import Status
from noisefilter.labels import Flag, Kind, Label, Reason
from noisefilter.service.problems import Problem
from noisefilter.service.requests import Format
from noisefilter.service.work import MAX_EVIDENCE

JSON, NDJSON, TEXT, MARKDOWN = "application/json", "application/x-ndjson", "text/plain", "text/markdown"


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=False)


class EvidenceAnswer(_Answer):
    """One reason for a block's score."""

    name: str = Field(description="What was seen, in words.")
    weight: float = Field(description="Part of the log-odds of noise: over 0 speaks for noise.")


class BlockAnswer(_Answer):
    """A block of the page: what it says, what it is, and what became of it."""

    text: str
    kind: Kind
    level: int = Field(description="1 to 6 for headings, depth from 1 for list items, else 0.")
    label: Label
    score: float = Field(ge=0, le=1, description="Probability of the label.")
    noise: float = Field(ge=0, le=1, description="Probability that it is not content.")
    kept: bool
    reason: Reason
    hidden: bool = Field(
        description="Whether the page hides most of it by style, or hides text in its characters."
    )
    start: int | None = Field(description="Where it starts in a text; null for pages.")
    end: int | None = Field(description="Where it ends in a text; null for pages.")
    evidence: list[EvidenceAnswer] | None = Field(
        default=None,
        max_length=MAX_EVIDENCE,
        description=f"With `explain` only: the {MAX_EVIDENCE} weightiest pieces.",
    )


class SignalsAnswer(_Answer):
    """What quality and flags rest on."""

    words: float
    words_kept: float
    blocks: int
    blocks_kept: int
    flattened_from: int


class ArticleAnswer(_Answer):
    """A cleaned page or text."""

    model_config = ConfigDict(title="Article")

    schema_: Literal[1] = Field(alias="schema", description="Number of this form.")
    text: str = Field(description="The kept blocks, in the format that was asked for.")
    format: Format
    title: str | None
    authors: list[str]
    date: str | None = Field(description="Of publication, as ISO 8601.")
    tags: list[str]
    source: str | None
    language: str | None = Field(description="As the page declares it.")
    url: str | None
    quality: float = Field(ge=0, le=1, description="Expected share of content among the words of the text.")
    signals: SignalsAnswer
    flags: list[Flag]
    blocks: list[BlockAnswer]
    model: str = Field(description="Name of the model that decided.")


class FieldErrorAnswer(_Answer):
    """What is wrong with one field."""

    field: str = Field(description="Its name, with a dot before each part; empty for the body as a whole.")
    message: str


class ProblemAnswer(_Answer):
    """Problem details (RFC 9457)."""

    type: str = Field(description="Which problem it is; `/problems/…`, explained there.")
    title: str
    status: int
    detail: str = Field(description="What is wrong this time, and what to do.")
    errors: list[FieldErrorAnswer] | None = Field(default=None, description="The fields that are wrong.")
    request_id: str | None = Field(default=None, description="As in `X-Request-ID`.")


class ItemAnswer(_Answer):
    """What became of one item of a batch: it has an article if its status is ok, else an error."""

    index: int = Field(ge=0, description="Its place in the batch, from 0.")
    status: Status
    article: ArticleAnswer | None = None
    error: ProblemAnswer | None = None


class WordAnswer(_Answer):
    """A word that answers use, and what it means."""

    name: str
    meaning: str


class LabelsAnswer(_Answer):
    """The closed sets of words that requests and answers use."""

    labels: list[WordAnswer]
    kinds: list[str]
    reasons: list[str]
    flags: list[str]
    policies: list[str]


class ModelAnswer(BaseModel):
    """What the model is: version, thresholds, figures. It may have further members."""

    model_config = ConfigDict(extra="allow")

    name: str
    version: str
    labels: list[Label]
    sha256: str
    thresholds: dict[str, Any]


class HealthAnswer(_Answer):
    """That the service is alive, or ready."""

    status: Literal["ok"]


def accepted(request: Request, offers: list[str]) -> str:
    """The media type that the caller likes best; the first if it says nothing.

    Parameters such as a charset do not count: there is one form of each type.

    Raises:
        Problem: none of them is accepted.
    """
    header = request.headers.get("Accept", "").replace("=.", "=0.")  # Java's own client sends `q=.2`
    named = parse_accept_header(header, MIMEAccept)
    asked = MIMEAccept([(name.partition(";")[0], quality) for name, quality in named])
    if not asked:
        return offers[0]
    found = asked.best_match(offers)
    if found is None:
        raise Problem("not-acceptable", f"this can be answered as {', '.join(offers)}: accept one of them")
    return found
