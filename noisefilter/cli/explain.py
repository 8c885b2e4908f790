"""Tables for people, drawn with rich. Page text goes in as `Text`, never as markup."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from noisefilter.article import Article, Block, Evidence
from noisefilter.cli.messages import printable, shown_name
from noisefilter.explain import ALL_BLOCKS, WHOLE_PAGE
from noisefilter.labels import Reason

# Where there is no terminal to ask.
WIDTH = 120
MAX_TEXT_CHARS = 160
MAX_EVIDENCE = 3
MAX_VALUES = 24


def _console(stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH
    return Console(stderr=stderr, width=width, markup=False, highlight=False, emoji=False)


def _shortened(text: str) -> str:
    line = printable(text[: 4 * MAX_TEXT_CHARS])
    return line if len(line) <= MAX_TEXT_CHARS else line[: MAX_TEXT_CHARS - 1].rstrip() + "…"


def _weightiest(article: Article, block: Block) -> list[Evidence]:
    """The evidence to show: for what the model dropped, what spoke for that and not for all of the page."""
    evidence = sorted(article.explain(block), key=lambda item: -abs(item.weight))
    evidence = [item for item in evidence if item.name not in (WHOLE_PAGE, ALL_BLOCKS)]
    if block.reason == Reason.NOISE:
        evidence = [item for item in evidence if item.weight > 0]
    return evidence[:MAX_EVIDENCE]


def print_dropped(name: str, article: Article) -> None:
    """Prints to stderr what was dropped of an article, and why.

    Args:
        name: of the input.
        article: what became of it.
    """
    dropped = [block for block in article.blocks if not block.kept]
    title = f"{shown_name(name)}: {len(dropped)} of {len(article.blocks)} blocks dropped"
    flags = ", ".join(sorted(article.flags))
    title += f", quality {article.quality:.2f}" + (f", flags: {flags}" if flags else "")
    table = Table(title=Text(title), title_justify="left", expand=False)
    table.add_column("label", no_wrap=True)
    table.add_column("noise", justify="right", no_wrap=True)
    table.add_column("text", ratio=3, overflow="fold")
    table.add_column("reason", no_wrap=True)
    table.add_column("evidence", ratio=2, overflow="fold")
    for block in dropped:
        table.add_row(
            Text(block.label),
            Text(f"{block.noise:.2f}"),
            Text(_shortened(block.text)),
            Text(block.reason),
            Text(
                "\n".join(
                    f"{item.weight:+.2f} {printable(item.name)}" for item in _weightiest(article, block)
                )
            ),
        )
    console = _console(stderr=True)
    console.print(table if dropped else Text(title))


def key_value_table(values: Mapping[str, Any]) -> str:
    """Nested values as a table of two columns.

    Args:
        values: of JSON types.

    Returns:
        The table for stdout, as wide as the terminal.
    """
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for key, value in _flat(values):
        table.add_row(Text(key), Text(value))
    console = _console(stderr=False)
    with console.capture() as capture:
        console.print(table)
    return "".join(line.rstrip() + "\n" for line in capture.get().splitlines())


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows = []
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            rows += _flat(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", _shown(value)))
    return rows


def _shown(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) > MAX_VALUES:
            return f"{len(value)} values, see --json"
        return ", ".join(map(_shown, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)
