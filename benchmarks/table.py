"""How figures are printed: a value with what it must and should reach, and tables in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.timing import Ratio

NOT_INSTALLED = "not installed"


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must reach and what it should.

    Attributes:
        must: the release does not go out without it.
        aim: the goal.
        at_most: the figure may not be more; else not less.
    """

    must: float
    aim: float
    at_most: bool = True

    def reached(self, value: float, bound: float) -> bool:
        """Whether a value is on the right side of a bound; at the bound it is."""
        return value <= bound if self.at_most else value >= bound

    def verdict(self, value: float) -> str:
        """Says of a value whether it reaches both bounds."""
        sign = "≤" if self.at_most else "≥"
        said = [
            f"{name} {sign} {bound:g}: {'reached' if self.reached(value, bound) else 'MISSED'}"
            for name, bound in (("must", self.must), ("aim", self.aim))
        ]
        return ", ".join(said)


def figure(name: str, found: Ratio | float | None, target: Target | None = None, form: str = "{:.2f}") -> str:
    """One line of output.

    Args:
        name: what was measured.
        found: the value; None where a tool is not installed.
        target: what it must and should reach; None if nothing was set.
        form: of the value and its interval.
    """
    if found is None:
        return f"  {name:<58} {NOT_INSTALLED}"
    value = found.value if isinstance(found, Ratio) else found
    text = form.format(value)
    if isinstance(found, Ratio):
        text += f" ({form.format(found.low)} to {form.format(found.high)}, {found.rounds} rounds)"
    verdict = target.verdict(value) if target else "must, aim: none set"
    return f"  {name:<58} {text:<34} {verdict}"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table, its columns padded; all columns but the first are set to the right.

    Args:
        head: names of the columns.
        rows: cells; a row that is too short is filled up.
    """
    cells = [[_escaped(cell) for cell in row] for row in (head, *rows)]
    full = [row + [""] * (len(head) - len(row)) for row in cells]
    widths = [max(3, *(len(row[i]) for row in full)) for i in range(len(head))]
    lines = [
        "| "
        + " | ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in full
    ]
    rule = "|" + "|".join("-" * (w + 1) + ":" if i else "-" * (w + 2) for i, w in enumerate(widths)) + "|"
    return [lines[0], rule, *lines[1:]]


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
