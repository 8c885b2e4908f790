"""Blocks as text, Markdown and HTML.

Runs of list items, table rows, code and quotes each make one list, table, code block and quotation; in text
the lines of the first three follow each other, everything else is parted by a blank line.
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Protocol

from noisefilter.labels import Kind


class Renderable(Protocol):
    """What rendering needs of a block; `noisefilter.Block` has it."""

    @property
    def text(self) -> str:
        """What it says."""

    @property
    def kind(self) -> Kind:
        """How it is laid out."""

    @property
    def level(self) -> int:
        """1 to 6 for headings, depth from 1 for list items."""


# Markdown parsers stop at some depth (markdown-it at 20 containers, two a list), and so do readers.
MAX_LIST_DEPTH = 8
# A page can hold one row of a million cells and a million rows of one. Markdown parsers give up on a table
# when this many cells are missing (markdown-it at 65,536).
MAX_MISSING_CELLS = 50_000

_LINES = frozenset({Kind.LIST_ITEM, Kind.TABLE_ROW, Kind.CODE})
_RUNS = _LINES | {Kind.QUOTE}

# White space, but not NO-BREAK SPACE and its like: those are there for a reason.
_SPACE = re.compile(r"[\t-\r\x1c-\x20\x85\u2028\u2029]+")
_ODD_SPACE = re.compile(r"[\x0b\x0c\x1c-\x1f\x85]")
_NEWLINE = re.compile(r"\r\n?")
# Controls other than white space, and the noncharacters that neither HTML nor XML allows.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def to_text(blocks: Iterable[Renderable]) -> str:
    """Blocks as plain text.

    Args:
        blocks: in page order.

    Returns:
        Their text unchanged; "" if there is none. Code keeps its white space, a table row is one line.
    """
    parts = []
    for kind, run in _runs(blocks):
        parts.append(("\n" if kind in _LINES else "\n\n").join(block.text for block in run))
    return "\n\n".join(parts)


def to_markdown(blocks: Iterable[Renderable]) -> str:
    """Blocks as Markdown (CommonMark with tables).

    Args:
        blocks: in page order.

    Returns:
        Markdown that shows the words of the blocks: what would be read as markup is escaped.
    """
    parts = []
    for kind, run in _runs(blocks):
        match kind:
            case Kind.LIST_ITEM:
                lines = (
                    f"{'  ' * (depth - 1)}- {_escape_line(_fold(block.text))}"
                    for block, depth in zip(run, _depths(run), strict=True)
                )
                parts.append("\n".join(lines))
            case Kind.TABLE_ROW:
                parts.append(_markdown_table([_cells(block.text) for block in run]))
            case Kind.CODE:
                parts.append(_fenced("\n".join(_verbatim(block.text) for block in run)))
            case Kind.QUOTE:
                parts.append("\n>\n".join("> " + _escape_line(_fold(block.text)) for block in run))
            case Kind.HEADING:
                parts.extend(
                    f"{'#' * _heading_level(block)} {_escape_heading(_fold(block.text))}" for block in run
                )
            case _:
                parts.extend(_escape_line(_fold(block.text)) for block in run)
    return "\n\n".join(parts)


def to_html(blocks: Iterable[Renderable]) -> str:
    """Blocks as an HTML fragment, which is well-formed XML too.

    Args:
        blocks: in page order.

    Returns:
        Elements without attributes; all text is escaped, characters that HTML forbids are left out.
    """
    parts = []
    for kind, run in _runs(blocks):
        match kind:
            case Kind.LIST_ITEM:
                parts.append(_html_list(run))
            case Kind.TABLE_ROW:
                cells = (map(_escape_html, _cells(block.text)) for block in run)
                rows = (f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in cells)
                parts.append("\n".join(["<table>", *rows, "</table>"]))
            case Kind.CODE:
                code = "\n".join(_verbatim(block.text) for block in run)
                parts.append(f"<pre><code>{_escape_html(code)}</code></pre>")
            case Kind.QUOTE:
                paragraphs = (f"<p>{_escape_html(_fold(block.text))}</p>" for block in run)
                parts.append("\n".join(["<blockquote>", *paragraphs, "</blockquote>"]))
            case Kind.HEADING:
                for block in run:
                    tag = f"h{_heading_level(block)}"
                    parts.append(f"<{tag}>{_escape_html(_fold(block.text))}</{tag}>")
            case _:
                parts.extend(f"<p>{_escape_html(_fold(block.text))}</p>" for block in run)
    return "\n".join(parts)


def _runs(blocks: Iterable[Renderable]) -> Iterator[tuple[Kind, list[Renderable]]]:
    """Neighbours of a kind that belong together, other blocks alone; those that show nothing are left out."""
    shown = (block for block in blocks if block.text and not block.text.isspace())
    for kind, run in groupby(shown, key=lambda block: block.kind):
        if kind in _RUNS:
            yield kind, list(run)
        else:
            for block in run:
                yield kind, [block]


def _depths(items: Sequence[Renderable]) -> list[int]:
    """Nesting of list items from 1; a step down of several levels is one, as a list cannot skip any."""
    open_levels: list[int] = []
    depths = []
    for item in items:
        while open_levels and open_levels[-1] > item.level:
            open_levels.pop()
        if not open_levels or open_levels[-1] < item.level:
            open_levels.append(item.level)
        depths.append(min(len(open_levels), MAX_LIST_DEPTH))
    return depths


def _heading_level(block: Renderable) -> int:
    return min(max(block.level, 1), 6)


def _allowed(text: str) -> str:
    return _SURROGATE.sub("\ufffd", _FORBIDDEN.sub("", text))


def _fold(text: str) -> str:
    """The text on one line."""
    return _SPACE.sub(" ", _allowed(text)).strip()


def _verbatim(text: str) -> str:
    return _ODD_SPACE.sub(" ", _NEWLINE.sub("\n", _allowed(text)))


def _cells(row: str) -> list[str]:
    # Not split at "a|b": the separator stands between spaces, or at an end of the row.
    return [cell.strip() for cell in re.split(r"(?<!\S)\|(?!\S)", _fold(row))]


# -- Markdown

# `_` inside a word is no markup; `<` before anything else than these opens no tag.
_INLINE_MARKUP = re.compile(
    r"[\\`*\[~]|(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?])|&(?=#?\w+;)|!(?=\[)", re.ASCII
)
_BLOCK_MARKUP = re.compile(
    r"""(?P<number>\d{1,9})(?=[.)](?:\s|$)) # ordered list
      | (?=[-+](?:\s|$)                    # list
         | -+$ | =+$                       # rule, underline of a heading
         | \#{1,6}(?:\s|$) | > | [|:] )    # heading, quotation, table""",
    re.VERBOSE | re.ASCII,
)
_CLOSING_HASHES = re.compile(r"(?:(?<=\s)|^)(?=#+$)")
_BACKTICKS = re.compile(r"`+")


def _escape_inline(text: str) -> str:
    return _INLINE_MARKUP.sub(r"\\\g<0>", text)


def _escape_line(text: str) -> str:
    """For the start of a line, where more is markup than inside."""
    escaped = _escape_inline(text)
    if match := _BLOCK_MARKUP.match(escaped):
        end = match.end()
        return f"{escaped[:end]}\\{escaped[end:]}"
    return escaped


def _escape_heading(text: str) -> str:
    return _CLOSING_HASHES.sub(r"\\", _escape_inline(text), count=1)


def _fenced(code: str) -> str:
    longest = max((len(run) for run in _BACKTICKS.findall(code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{code}\n{fence}"


def _markdown_table(rows: list[list[str]]) -> str:
    width = max(map(len, rows))
    if width * len(rows) - sum(map(len, rows)) > MAX_MISSING_CELLS:
        return "\n\n".join(_escape_line(" | ".join(row)) for row in rows)
    lines = []
    for row in rows:
        cells = [_escape_inline(cell).replace("|", "\\|") for cell in row]
        cells += [""] * (width - len(cells))
        lines.append(f"| {' | '.join(cells)} |")
    lines.insert(1, "| " + " | ".join(["---"] * width) + " |")
    return "\n".join(lines)


# -- HTML


def _escape_html(text: str) -> str:
    return html.escape(text, quote=False)


def _html_list(items: Sequence[Renderable]) -> str:
    parts: list[str] = []
    open_lists = 0
    for item, depth in zip(items, _depths(items), strict=True):
        if depth > open_lists:  # by one: inside the item before, which stays open
            parts.append("\n<ul>\n<li>")
            open_lists += 1
        else:
            parts.append("</li>\n</ul>\n" * (open_lists - depth) + "</li>\n<li>")
            open_lists = depth
        parts.append(_escape_html(_fold(item.text)))
    parts.append("</li>\n</ul>\n" * open_lists)
    return "".join(parts).strip("\n")
