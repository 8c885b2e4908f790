"""Cuts the blocks of a very long page or text into parts that are judged one by one, in bounded memory."""

from dataclasses import fields
from itertools import pairwise
from typing import NamedTuple

from noisefilter.blocks import Blocks, Elements, Markup

PART_BLOCKS = 10_000
"""Blocks of a part at most; no page that the model learnt from has as many."""
_MARGIN = 100  # blocks on each side that are judged along, so that no block stands at an edge


class Part(NamedTuple):
    """Some blocks in a row.

    Attributes:
        first: number of the first block that the part decides.
        end: one more than that of the last one.
        low: number of the first block of `blocks`.
        blocks: those that the part decides and, on each side, some of which others decide.
    """

    first: int
    end: int
    low: int
    blocks: Blocks

    @property
    def own(self) -> slice:
        """Which of `blocks` the part decides."""
        return slice(self.first - self.low, self.end - self.low)


def parts_of(n_blocks: int) -> list[tuple[int, int]]:
    """First and end of each part, all of about the same size."""
    n_parts = max(-(-n_blocks // PART_BLOCKS), 1)
    return list(pairwise(n_blocks * number // n_parts for number in range(n_parts + 1)))


def part_at(blocks: Blocks, first: int, end: int) -> Part:
    """The part that decides the blocks from `first` to before `end`."""
    low, high = max(first - _MARGIN, 0), min(end + _MARGIN, len(blocks))
    if high - low == len(blocks):
        return Part(first, end, 0, blocks)
    rows = slice(low, high)
    some = Blocks(
        blocks.text[rows], blocks.kind[rows], blocks.level[rows], blocks.hidden[rows], blocks.span[rows]
    )
    if blocks.markup is not None:
        some.markup = _markup(blocks.markup, rows)
    return Part(first, end, low, some)


def _markup(markup: Markup, rows: slice) -> Markup:
    """The markup of some blocks, with the elements around these only."""
    parent = markup.elements.parent
    around = {0}
    for element in markup.element[rows]:
        while element not in around:
            around.add(element)
            element = parent[element]
    order = sorted(around)  # so that elements stay in document order
    number = {element: index for index, element in enumerate(order)}
    elements = Elements(**{
        field.name: [getattr(markup.elements, field.name)[element] for element in order]
        for field in fields(Elements)
    })  # fmt: skip
    elements.parent = [number[element] for element in elements.parent]
    lists = {field.name: getattr(markup, field.name)[rows] for field in fields(Markup)[1:]}
    lists["element"] = [number[element] for element in lists["element"]]
    return Markup(elements, **lists)
