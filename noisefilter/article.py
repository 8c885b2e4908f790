"""The result types: an article, its blocks, and the evidence behind a decision."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from noisefilter import render
from noisefilter.labels import Flag, Kind, Label, Reason

SCHEMA_VERSION = 1
"""Of `Article.to_dict`: raised when a key changes its meaning or goes away."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a block's score.

    Attributes:
        name: what was seen, in words, e.g. ``link density 0.9 to 1`` or ``text “subscribe”``.
        weight: its share of the block's log-odds of being noise: positive speaks for noise,
            negative for content.
    """

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the input: what it says, what it is, and what became of it.

    Attributes:
        text: its text; white space folded, except in code and in plain text.
        kind: how it is laid out.
        level: 1 to 6 for headings, depth from 1 for list items, else 0.
        label: what it is. A dropped block carries its best label other than content; a kept one
            carries content, or the label whose treatment keeps it, or that of the noise which the
            caller's `keep` holds.
        score: calibrated probability of `label`, 0 to 1.
        noise: calibrated probability that the block is not content, 0 to 1.
        kept: whether it stands in the article's text.
        reason: why it was kept or dropped.
        hidden: whether the page hides most of it by style, or text is hidden in its characters: in tag
            characters and long runs of zero-width ones. On pages these are left out of `text`, unless there
            is nothing else; in plain text they stay. It may be kept: pages fold answers and tabs away too.
        start: offset of its first character in the input, for plain text; None for pages.
        end: offset behind its last character, likewise.
    """

    text: str
    kind: Kind
    level: int
    label: Label
    score: float
    noise: float
    kept: bool
    reason: Reason
    hidden: bool = False
    start: int | None = None
    end: int | None = None

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        # What a frozen dataclass with slots does by itself takes three times as long.
        return type(self), (
            self.text, self.kind, self.level, self.label, self.score, self.noise, self.kept, self.reason,
            self.hidden, self.start, self.end,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """The block as plain JSON types."""
        return {
            "text": self.text,
            "kind": str(self.kind),
            "level": self.level,
            "label": str(self.label),
            "score": round(self.score, 4),
            "noise": round(self.noise, 4),
            "kept": self.kept,
            "reason": str(self.reason),
            "hidden": self.hidden,
            "start": self.start,
            "end": self.end,
        }


@dataclass(frozen=True, slots=True)
class Signals:
    """What the quality and the flags of an article rest on.

    Attributes:
        words: of all blocks; an ideograph counts for half a word.
        words_kept: of the kept blocks.
        blocks: number of blocks.
        blocks_kept: number of kept blocks.
        flattened_from: deepest nesting of elements, if it was so deep that elements had to move up; else 0.
    """

    words: float = 0.0
    words_kept: float = 0.0
    blocks: int = 0
    blocks_kept: int = 0
    flattened_from: int = 0


Explainer = Callable[[int], tuple[Evidence, ...]]


class _Places(dict[int, int]):
    """Numbers of an article's blocks by their identity, which means nothing for copies of the article."""

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return type(self), ()


@dataclass(frozen=True, slots=True)
class Article:
    """A cleaned page or text.

    Attributes:
        text: the kept blocks in page order and nothing else; "" if there is no article.
        title: headline, or None.
        authors: names or bylines, may be empty.
        date: ISO 8601 date or date-time of publication, or None.
        tags: topics and keywords, may be empty.
        source: where the article was taken from (URL, agency or the line that says so), or None.
        language: the language that the page declares, as a lower-case two- or three-letter code,
            or None.
        url: as given, or the canonical address that the page names, or None.
        quality: 0 to 1, the expected share of content words in `text`.
        signals: what the quality and the flags rest on.
        flags: what a caller should know about the page as a whole.
        blocks: every block of the input in reading order.
        model: name of the model that decided.
    """

    text: str
    title: str | None
    authors: tuple[str, ...]
    date: str | None
    tags: tuple[str, ...]
    source: str | None
    language: str | None
    url: str | None
    quality: float
    flags: frozenset[Flag]
    blocks: tuple[Block, ...]
    model: str
    signals: Signals = Signals()
    _explainer: Explainer | None = field(default=None, repr=False, compare=False)
    _places: _Places = field(default_factory=_Places, init=False, repr=False, compare=False)

    def markdown(self) -> str:
        """The kept blocks as Markdown (CommonMark with tables)."""
        return render.to_markdown([b for b in self.blocks if b.kept])

    def html(self) -> str:
        """The kept blocks as an HTML fragment; all text is escaped."""
        return render.to_html([b for b in self.blocks if b.kept])

    def to_dict(self) -> dict[str, Any]:
        """The article as plain JSON types, with ``schema``, the number of this form."""
        return {
            "schema": SCHEMA_VERSION,
            "text": self.text,
            "title": self.title,
            "authors": list(self.authors),
            "date": self.date,
            "tags": list(self.tags),
            "source": self.source,
            "language": self.language,
            "url": self.url,
            "quality": round(self.quality, 4),
            "signals": asdict(self.signals),
            "flags": sorted(str(flag) for flag in self.flags),
            "blocks": [block.to_dict() for block in self.blocks],
            "model": self.model,
        }

    def explain(self, block: Block) -> tuple[Evidence, ...]:
        """The evidence behind a block's noise score, weightiest first.

        Args:
            block: one of this article's `blocks`.

        Returns:
            Evidence whose weights are parts of the block's log-odds of being noise.

        Raises:
            ValueError: the block is not one of this article's.
        """
        if not self._places:  # else the blocks of a long page, one by one, would be looked for among all
            self._places.update({id(own): i for i, own in enumerate(self.blocks)})
        index = self._places.get(id(block))
        if index is None:
            index = next((i for i, own in enumerate(self.blocks) if own == block), None)
        if index is None:
            raise ValueError("this block is not one of the article's blocks")
        return self._explainer(index) if self._explainer is not None else ()
