"""Reads inputs and finds out whether they are pages or text."""

import sys
from pathlib import Path

from noisefilter.cli.messages import STDIN
from noisefilter.errors import TooLarge
from noisefilter.limits import Limits

_BY_SUFFIX = {".txt": "text", ".text": "text", ".html": "html", ".htm": "html", ".xhtml": "html"}


def read(name: str, limits: Limits) -> bytes:
    """Reads a file, or stdin for ``-``, but never much more than is allowed.

    Args:
        name: as given on the command line.
        limits: the most that is allowed.

    Returns:
        All of it.

    Raises:
        OSError: it cannot be read.
        TooLarge: it is larger than allowed.
    """
    limit_bytes = limits.input_bytes
    if name == STDIN:
        data = sys.stdin.buffer.read(limit_bytes + 1)
    else:
        try:
            with Path(name).open("rb") as file:
                data = file.read(limit_bytes + 1)
        except FileNotFoundError:
            if name.startswith(("http://", "https://")):
                raise FileNotFoundError(
                    None, f"addresses are not fetched; try: curl -sL {name} | noisefilter clean"
                ) from None
            raise
    if len(data) > limit_bytes:
        message = f"larger than {limit_bytes:,} bytes; --limit input_bytes=NUMBER allows more"
        raise TooLarge("input_bytes", limit_bytes, len(data), message)
    return data


def text_or_page(name: str, data: bytes, input_type: str, limits: Limits) -> str | bytes:
    """Decides what an input is.

    Args:
        name: as given on the command line; its suffix decides before its content does.
        data: the content.
        input_type: ``auto``, ``html`` or ``text``.
        limits: bounds on what compressed data unpacks to.

    Returns:
        Decoded, if it is plain text; as it was given, if it is a page.

    Raises:
        NoiseFilterError: it is text that cannot be decoded.
    """
    from noisefilter.intake import decode_text, looks_like_html

    if input_type == "auto":
        input_type = _BY_SUFFIX.get(Path(name).suffix.lower(), "auto")
    if input_type == "html":
        return data
    text = decode_text(data, limits)
    return data if input_type == "auto" and looks_like_html(text) else text


def source_of(content: str | bytes, title: str | None, limits: Limits) -> dict[str, str]:
    """An input as a line of training data holds it: its type, its content decoded, the title of a text.

    Args:
        content: what `text_or_page` gave.
        title: as given on the command line, if any.
        limits: bounds on what compressed data unpacks to.
    """
    from noisefilter.intake import decode_text

    if isinstance(content, str):
        source = {"type": "text", "content": content}
        return source if title is None else {**source, "title": title}
    return {"type": "html", "content": decode_text(content, limits)}
