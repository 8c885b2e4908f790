"""Where cleaned articles go: stdout, or one file each in a directory."""

import html
import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import click

from noisefilter.article import Article
from noisefilter.cli.messages import STDIN, shown_name, tell

SUFFIXES = {"text": ".txt", "markdown": ".md", "html": ".html", "json": ".json", "jsonl": ".jsonl"}
# Taken off an input's name; any other end is part of it, as in "example.com" or "v1.2".
INPUT_SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".txt", ".text"})

# What could steer a terminal; pages put it in with intent.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Legal inside JSON strings, but many readers of lines break there.
_LINE_BREAKS = str.maketrans({char: f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"})


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An article with what it was made of.

    Attributes:
        article: what became of the input.
        source: the input as ``type`` (html or text) and ``content``, if asked for.
    """

    article: Article
    source: dict[str, str] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The article as plain JSON types, behind its source."""
        article = self.article.to_dict()
        return article if self.source is None else {"input": self.source, **article}


class Sink(Protocol):
    """Takes one article after the other."""

    def write(self, name: str, cleaned: Cleaned) -> None:
        """Writes what became of the input `name`.

        Raises:
            OSError: it cannot be written.
        """

    def close(self) -> None:
        """To be called when all are written."""


def rendered(cleaned: Cleaned, output_format: str, name: str) -> str:
    """An article in one of the formats, with a line break at the end, or "" if it has no text."""
    article = cleaned.article
    match output_format:
        case "text":
            text = article.text
        case "markdown":
            text = article.markdown()
        case "html":
            text = article.html()
        case "json":
            text = _json(cleaned.to_dict(), indent=2)
        case "jsonl":
            text = _json({"file": name, **cleaned.to_dict()})
        case _:
            raise ValueError(f"no such format: {output_format!r}")
    return text if not text or text.endswith("\n") else text + "\n"


def _json(value: dict[str, Any], indent: int | None = None) -> str:
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    return text.translate(_LINE_BREAKS)


def _bytes(text: str) -> bytes:
    return _SURROGATE.sub("\ufffd", text).encode("utf-8")


_PIECE = 1 << 16  # bytes; what a pipe holds on Linux


def _print(text: str) -> None:
    # Bytes: no dependence on the locale, no translation of line breaks. Flushes, so that a reader gets each
    # article as it is done, and that a broken pipe shows here.
    if sys.stdout.isatty():
        text = _CONTROL.sub("\ufffd", text)
    data = _bytes(text)
    # In pieces: of one that is written in part before the reader goes away, Python says that all was written.
    for start in range(0, len(data), _PIECE):
        click.echo(data[start : start + _PIECE], nl=False)


class StdoutSink:
    """Prints articles; several ones with a line above each that names the input, as ``head`` does."""

    def __init__(self, output_format: str, several: bool) -> None:
        self._format = output_format
        self._several = several
        self._count = 0

    def write(self, name: str, cleaned: Cleaned) -> None:
        """Prints an article; one without text only where the format has more to tell of it."""
        if self._format == "json" and self._several:
            item = _json({"file": name, **cleaned.to_dict()}, indent=2).replace("\n", "\n  ")
            _print(("," if self._count else "[") + "\n  " + item)
        elif text := rendered(cleaned, self._format, name):
            _print(self._header(name) + text)
        else:
            return
        self._count += 1

    def _header(self, name: str) -> str:
        if not self._several or self._format in ("json", "jsonl"):
            return ""
        header = f"==> {shown_name(name)} <=="
        if self._format == "html":
            header = f"<!-- {html.escape(header, quote=False)} -->"
        return ("\n" if self._count else "") + header + "\n"

    def close(self) -> None:
        """Ends the array, if one was begun."""
        if self._format == "json" and self._several:
            _print("\n]\n" if self._count else "[]\n")


class DirectorySink:
    """Writes one file for each input, named after it; of equal names all but the first get a number."""

    def __init__(self, directory: Path, output_format: str, inputs: Iterable[str]) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._format = output_format
        # Nor is an input overwritten. Lower case: some file systems do not tell the cases apart.
        inputs_inside = (Path(name).resolve() for name in inputs if name != STDIN)
        here = directory.resolve()
        self._taken = {path.name.casefold() for path in inputs_inside if path.parent == here}
        self._numbers: dict[str, int] = {}

    def write(self, name: str, cleaned: Cleaned) -> None:
        """Writes an article's file, an empty one if it has no text."""
        path = self._directory / self._free_name(name)
        path.write_bytes(_bytes(rendered(cleaned, self._format, name)))

    def _free_name(self, name: str) -> str:
        path = Path("stdin" if name == STDIN else name)
        stem = path.stem if path.suffix.lower() in INPUT_SUFFIXES else path.name
        suffix = SUFFIXES[self._format]
        wanted = candidate = stem + suffix
        while candidate.casefold() in self._taken:
            number = self._numbers[wanted.casefold()] = self._numbers.get(wanted.casefold(), 1) + 1
            candidate = f"{stem}-{number}{suffix}"
        self._taken.add(candidate.casefold())
        if candidate != wanted:
            tell(f"written to {self._directory / candidate}, as {wanted} is taken", name)
        return candidate

    def close(self) -> None:
        """Nothing to do."""
