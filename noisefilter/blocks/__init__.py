"""Blocks: what a page or a text is cut into, in reading order, each with the evidence that its place gives.

A block is a run of text inside one block-level element, or between two line breaks, white space folded. A
row of a data table is one block, and so is preformatted text. The labels of `training` were set on blocks
cut the same way, so a change here changes what the labels mean.
"""

import re
from dataclasses import dataclass, field

from noisefilter.labels import Kind

CELL_SEPARATOR = " | "
# Private-use planes: icon fonts draw there, and `noisefilter.extraction` marks blocks with them.
PRIVATE_USE = re.compile("[\U000f0000-\U0010ffff]")  # "+" would cost four times as much
REGIONS = (
    "nav", "header", "footer", "aside", "figure", "figcaption", "form", "table", "ul", "ol", "li", "article",
    "main", "section", "blockquote", "address", "details", "dl", "pre", "h1", "h2", "h3",
)  # fmt: skip


@dataclass(slots=True)
class Elements:
    """The block-level elements of a page, by number in document order; 0 is the root.

    Attributes:
        parent: number of the enclosing element; the root is its own parent.
        tag: element names.
        attributes: class, id, role and itemprop as one string.
        depth: number of elements around it, those of inline markup left out.
        regions: which of `REGIONS` it is or stands in, one bit each.
    """

    parent: list[int] = field(default_factory=list)
    tag: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    depth: list[int] = field(default_factory=list)
    regions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Markup:
    """What the markup of a page tells of its blocks; lists have one entry a block.

    Attributes:
        elements: the page's block-level elements.
        element: number of the innermost element around the block.
        inline: attributes of the inline elements inside the block, and `rel` of its links.
        linked: characters inside links.
        hrefs: targets of the links inside or around the block.
        emphasised: characters in bold or italics.
        kept: whether Trafilatura keeps the block; filled by `noisefilter.extraction`.
    """

    elements: Elements
    element: list[int] = field(default_factory=list)
    inline: list[tuple[str, ...]] = field(default_factory=list)
    linked: list[int] = field(default_factory=list)
    hrefs: list[tuple[str, ...]] = field(default_factory=list)
    emphasised: list[int] = field(default_factory=list)
    kept: list[bool] = field(default_factory=list)


@dataclass(slots=True)
class Blocks:
    """The blocks of one page or text in reading order; lists have one entry a block.

    Attributes:
        text: what they say.
        kind: how they are laid out.
        level: of headings 1 to 6, of list items their depth from 1, else 0.
        hidden: whether most of the text is hidden by the page's style, see `noisefilter.visibility`, or some
            is hidden in characters, see `noisefilter.smuggling`; plain text may leave it empty, if none is.
        span: offsets in the input, for plain text; empty for pages.
        markup: evidence from the page; None for plain text.
    """

    text: list[str] = field(default_factory=list)
    kind: list[Kind] = field(default_factory=list)
    level: list[int] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)
    span: list[tuple[int, int]] = field(default_factory=list)
    markup: Markup | None = None

    def __len__(self) -> int:
        return len(self.text)
