"""Bounds and types of pages and texts, and plain text."""

import io
import random
from pathlib import Path
from typing import Any

import pytest
from intake_helpers import LIMITS, text_of

from noisefilter.errors import (
    EmptyInput,
    NotHTML,
    NotText,
    TooLarge,
)
from noisefilter.intake import check_text, decode_text, load_page
from noisefilter.limits import Limits

EMPTY = ["", " \n\t", "\ufeff", "\ufeff \n", "\u3000\xa0"]


@pytest.mark.parametrize("text", EMPTY)
def test_empty(text: str) -> None:
    for value in (text, text.encode()):
        with pytest.raises(EmptyInput):
            load_page(value, LIMITS)
    with pytest.raises(EmptyInput):
        check_text(text, LIMITS)


def test_nothing_but_nuls() -> None:
    for value in ("\0" * 100, b"\0" * 100):
        with pytest.raises(EmptyInput):
            load_page(value, LIMITS)


@pytest.mark.parametrize("value", ["<p>" + "x" * 100, b"<p>" + b"x" * 100, memoryview(b"<p>" + b"x" * 100)])
def test_too_large(value: Any) -> None:
    with pytest.raises(TooLarge) as caught:
        load_page(value, Limits(input_bytes=102))
    assert (caught.value.limit, caught.value.allowed, caught.value.found) == ("input_bytes", 102, 103)
    assert load_page(value, Limits(input_bytes=103))


class Response:
    content = b"<p>x</p>"


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (None, "download probably failed"),
        (1, "str, bytes or lxml tree, not int"),
        (["<p>x</p>"], "not list"),
        (Path("x.html"), r"read_bytes\(\)"),
        (io.BytesIO(b"<p>x</p>"), r"its read\(\) returns"),
        (Response(), "pass its content"),
    ],
)
def test_wrong_type(value: Any, hint: str) -> None:
    with pytest.raises(TypeError, match=hint):
        load_page(value, LIMITS)


@pytest.mark.parametrize(("value", "hint"), [(None, "None"), (b"text", "decode it first"), (1, "not int")])
def test_wrong_type_of_text(value: Any, hint: str) -> None:
    with pytest.raises(TypeError, match=hint):
        check_text(value, LIMITS)
    if not isinstance(value, bytes):
        with pytest.raises(TypeError):
            decode_text(value)


def test_file_names_are_not_read() -> None:
    with pytest.raises(NotHTML, match="name of a file: pass its content"):
        load_page(str(Path(__file__).with_suffix(".html")), LIMITS)


class Text(str):
    __slots__ = ()


def test_subclass_of_str() -> None:
    assert text_of(load_page(Text("<p>x</p>"), LIMITS)) == "x"
    assert type(check_text(Text("x"), LIMITS)) is str


@pytest.mark.parametrize(
    ("text", "checked"),
    [
        ("plain", "plain"),
        ("a\0b", "a\ufffdb"),
        ("a\ud800b\udfffc", "a\ufffdb\ufffdc"),
        ("\ud83d\ude00", "\ufffd\ufffd"),
        ("\ufeffa\x0cb\r\nc\x1b[0m", "\ufeffa\x0cb\r\nc\x1b[0m"),
        ("words and so on " * 10 + "\0" * 8, "words and so on " * 10 + "\ufffd" * 8),
    ],
)
def test_check_text(text: str, checked: str) -> None:
    if text == "\ud83d\ude00":
        with pytest.raises(NotText):
            check_text(text, LIMITS)
        return
    assert check_text(text, LIMITS) == checked
    assert len(checked) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "\0\0\0",
        random.Random(1).randbytes(3000).decode("latin-1"),
        random.Random(2).randbytes(3000).decode("utf-8", "replace"),
        "text " * 5 + "\x01\x02" * 50,
    ],
)
def test_not_text(text: str) -> None:
    with pytest.raises(NotText):
        check_text(text, LIMITS)


def test_text_too_large() -> None:
    with pytest.raises(TooLarge, match="input_bytes"):
        check_text("x" * 11, Limits(input_bytes=10))


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_kinds_of_bytes(kind: Any) -> None:
    assert text_of(load_page(kind(b"<p>x</p>"), LIMITS)) == "x"
    assert decode_text(kind("é".encode())) == "é"
