"""Which blocks of a page belong together by its markup: the second pass asks their scores."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from noisefilter.blocks import Blocks
from noisefilter.labels import Kind


@dataclass(frozen=True, slots=True)
class Structure:
    """How the blocks of a page hang together.

    Attributes:
        element: number of the innermost element around each block, shape (n_blocks,).
        parent: number of the element around each element, shape (n_elements,).
        end: one more than the number of the last element inside each element, shape (n_elements,); elements
            are numbered in document order, so that those inside are the ones from its own number on.
        group: number of the group of each block, shape (n_blocks,): blocks of one group have the same tag and
            attributes on their element and on the one around it, as cards and rows made from one template do.
        kept: whether Trafilatura keeps the block, shape (n_blocks,).
        heading: whether the block is a heading, shape (n_blocks,).
    """

    element: NDArray[np.int64]
    parent: NDArray[np.int64]
    end: NDArray[np.int64]
    group: NDArray[np.int64]
    kept: NDArray[np.bool_]
    heading: NDArray[np.bool_]


def subtree_ends(parent: list[int]) -> NDArray[np.int64]:
    """One more than the number of the last element inside each element."""
    ends = list(range(1, len(parent) + 1))
    for number in range(len(parent) - 1, 0, -1):
        around = parent[number]
        if ends[number] > ends[around]:
            ends[around] = ends[number]
    return np.array(ends, dtype=np.int64)


def structure_of(blocks: Blocks) -> Structure | None:
    """Reads the structure off a page's markup; None for plain text."""
    if (markup := blocks.markup) is None:
        return None
    elements = markup.elements
    tags, attributes, parent = elements.tag, elements.attributes, elements.parent
    groups: dict[tuple[str, str, str, str], int] = {}
    group = []
    for own in markup.element:
        around = parent[own]
        signature = (tags[own], attributes[own], tags[around], attributes[around])
        group.append(groups.setdefault(signature, len(groups)))
    return Structure(
        np.array(markup.element, dtype=np.int64),
        np.array(parent, dtype=np.int64),
        subtree_ends(parent),
        np.array(group, dtype=np.int64),
        np.array(markup.kept, dtype=np.bool_),
        np.array([kind is Kind.HEADING for kind in blocks.kind], dtype=np.bool_),
    )


def mean_of_others(
    values: NDArray[np.float32], group: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Mean over the other blocks of each block's group, 0 where there is none, and the size of the group."""
    total = np.bincount(group, weights=values)[group]
    count = np.bincount(group)[group]
    return (total - values) / np.maximum(count - 1, 1) * (count > 1), count


def mean_inside(
    values: NDArray[np.float32], structure: Structure, levels: tuple[int, ...]
) -> list[tuple[NDArray[np.float64], NDArray[np.bool_]]]:
    """Mean over the other blocks inside the elements around each block.

    Args:
        values: one for each block.
        structure: of the page.
        levels: how far out the element stands; 0 is the innermost one.

    Returns:
        For each level the means, 0 where there is no other block, and where that is so.
    """
    n = len(structure.parent)
    total = np.concatenate(([0.0], np.cumsum(np.bincount(structure.element, weights=values, minlength=n))))
    count = np.concatenate(([0], np.cumsum(np.bincount(structure.element, minlength=n))))
    around, found = structure.element, []
    for level in range(max(levels) + 1):
        if level in levels:
            end = structure.end[around]
            others = count[end] - count[around] - 1
            mean = (total[end] - total[around] - values) / np.maximum(others, 1)
            found.append((mean * (others > 0), others == 0))
        around = structure.parent[around]
    return found
