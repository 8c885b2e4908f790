"""Cuts plain text into blocks."""

import re
from collections.abc import Iterable
from itertools import pairwise

from noisefilter.blocks import Blocks
from noisefilter.blocks.code import code_runs
from noisefilter.labels import Kind
from noisefilter.smuggling import hides_text

# Hard-wrapped text: most lines that are followed by another one are this wide.
_WRAPPED_WIDTH = range(40, 101)
# What ends a line: all that `str.splitlines` takes for an end, but for the separators of records.
_END = r"\r\n\v\f\x85\u2028\u2029"
_MARKS = re.compile(r"\A[\ufeff\s]+")
_LINE = re.compile(rf"\S(?:[^{_END}]*\S)?")
_PARAGRAPH = re.compile(rf"[^{_END}]+(?:(?:\r\n|[{_END}])(?=[^{_END}]*[^\s])[^{_END}]+)*")


def _inner_widths(paragraphs: Iterable[str]) -> list[int]:
    return [len(line) for paragraph in paragraphs for line in paragraph.splitlines()[:-1]]


def is_hard_wrapped(text: str) -> bool:
    """Whether blank lines part the paragraphs of a text and line breaks inside them mean nothing.

    True if there is a blank line and most of the lines inside paragraphs, the last of each left out, are 40
    to 100 characters wide.
    """
    lines = text.splitlines()
    if not any(line and behind for line, behind in pairwise(lines)):
        return False
    paragraphs = [match.group() for match in _PARAGRAPH.finditer(text) if match.group().strip()]
    if len(paragraphs) < 2:
        return False
    widths = _inner_widths(paragraphs)
    return bool(widths) and sum(width in _WRAPPED_WIDTH for width in widths) > len(widths) / 2


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Spans of the paragraphs, without the white space around them."""
    spans = []
    for match in _PARAGRAPH.finditer(text):
        raw = match.group()
        size = len(raw.strip())
        if size:
            start = match.start() + len(raw) - len(raw.lstrip())
            spans.append((start, start + size))
    return spans


def _with_code_together(text: str, spans: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], list[Kind]]:
    """The spans of lines, those of code in a row as one, and what they are."""
    out: list[tuple[int, int]] = []
    kinds: list[Kind] = []
    position = 0
    for first, end in (*code_runs(text, spans), (len(spans),) * 2):
        out.extend(spans[position:first])
        kinds.extend([Kind.PARAGRAPH] * (first - position))
        if first < end:
            out.append((spans[first][0], spans[end - 1][1]))
            kinds.append(Kind.CODE)
        position = end
    return out, kinds


def cut_text(text: str) -> Blocks:
    """Cuts plain text into blocks: its lines, or its paragraphs where it is hard-wrapped.

    Lines of code in a row are one block, as preformatted text of a page is.

    Args:
        text: any text.

    Returns:
        Blocks with `span` and without markup. What is between the spans is white space only. What a block's
        characters hide stays in it, for a span is what stands there.
    """
    wrapped = is_hard_wrapped(text)
    spans = _paragraphs(text) if wrapped else [m.span() for m in _LINE.finditer(text)]
    if "\ufeff" in text:  # a byte order mark is no text
        spans = [(end - len(_MARKS.sub("", text[start:end])), end) for start, end in spans]
        spans = [(start, end) for start, end in spans if start < end]
    spans, kinds = (spans, [Kind.PARAGRAPH] * len(spans)) if wrapped else _with_code_together(text, spans)
    n = len(spans)
    texts = [text[start:end] for start, end in spans]
    hidden = list(map(hides_text, texts)) if hides_text(text) else [False] * n
    return Blocks(texts, kinds, [0] * n, hidden, spans)
