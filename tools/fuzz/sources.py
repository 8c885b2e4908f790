"""What the blocks and the text of an article must be, given the page or the text that they come from."""

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from lxml import etree
from lxml.html import HtmlElement

from noisefilter import Article, Block, Kind, Limits
from noisefilter.blocks.page import SKIPPED
from noisefilter.cleaner import HtmlInput
from noisefilter.intake import check_text as checked_text
from noisefilter.intake import load_page
from noisefilter.render import to_text

Failures: TypeAlias = Iterator[str]
"""A line for everything that is wrong."""

# What the documented normalisation may drop from the text of a page: white space, the borders of cells,
# controls and noncharacters, private-use planes, and characters that hide text (`noisefilter.smuggling`).
_DROPPED = re.compile(
    "[\\s|\0-\x1f\ufffe\uffff\U000f0000-\U0010ffff\U000e0000-\U000e007f\U000e0100-\U000e01ef\xad\u034f\u061c"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]+"
)
# Of a row, whose empty cells have blanks around them.
_UNFOLDED = re.compile(r"[^\S ]|(?<![| ]) {2,}(?![| ])")
_ESCAPED = re.compile(r"u[\da-f]{4}")
_WORD = re.compile(r"[A-Za-z0-9]{2,}")
# What may stand between words, and escapes of JSON.
_OTHER = re.compile(r"[^A-Za-z0-9]+")
_BETWEEN = re.compile(r"\\u[0-9A-Fa-f]{4}|\\[bfnrt]|[^A-Za-z0-9]")


def squeezed(text: str) -> str:
    """A text without anything that the normalisation of page text may drop or put in."""
    return _DROPPED.sub("", text)


def text_of(root: HtmlElement) -> str:
    """The text of a page in document order, that of scripts, fields and so on left out."""
    body = root.find("body")
    walk = etree.iterwalk(root if body is None else body, events=("start", "end"))
    parts: list[str | None] = []
    for event, element in walk:
        if event == "end":
            parts.append(element.tail)
        elif element.tag in SKIPPED:
            walk.skip_subtree()
        else:
            parts.append(element.text)
    return "".join(filter(None, parts))


def own_text(data: HtmlInput, article: Article) -> Failures:
    """The blocks, in order, are the text of the page, all of it and once.

    What follows is text that the page embeds in its data, known by its words.
    """
    tree = load_page(data, Limits()).tree
    left = squeezed(text_of(tree))
    for number, block in enumerate(article.blocks):
        own = squeezed(block.text)
        if not left and own:
            source = "".join(map(str, tree.itertext())) + "".join(
                str(value) for element in tree.iter() for value in element.values()
            )
            yield from _embedded(article.blocks[number:], source, text_of(tree))
            return
        if not left.startswith(own):
            yield f"block {number}, {block.text[:80]!r}, is not what follows on the page: {left[:80]!r}"
            return
        left = left[len(own) :]
    if left:
        yield f"text of the page is in no block: {left[:80]!r}"


def _embedded(blocks: Iterable[Block], source: str, shown: str) -> Failures:
    page = _printed(shown)
    # Of cells and lines that Trafilatura glues together, too; escapes of JSON read as such, and as letters.
    words = _BETWEEN.sub("", source) + " " + _OTHER.sub("", source)
    for block in blocks:
        # A reference of JSON that a mutation broke, "\\u00f6", becomes part of a word.
        strange = [
            word
            for word in _WORD.findall(block.text)
            if not (word in words or _ESCAPED.search(word) or _is_glued(word, words))
        ]
        if strange:
            yield f"{block.text[:80]!r} is not on the page: {strange[0]!r}"
        if _printed(block.text) in page:
            yield f"{block.text[:80]!r} stands on the page and is there once more"


def _is_glued(word: str, words: str) -> bool:
    """Whether a word is made of such that stand in a row: Trafilatura glues cells, years … together."""
    while word:
        at = next((at for at in range(len(word), 0, -1) if word[:at] in words), 0)
        if at < min(2, len(word)):
            return False
        word = word[at:]
    return True


def _printed(text: str) -> str:
    return "".join(filter(str.isprintable, squeezed(text)))


def page_text(article: Article) -> Failures:
    """The text of an article from a page is its kept blocks; these know no place in the source."""
    if article.text != to_text([block for block in article.blocks if block.kept]):
        yield "the text is not that of the kept blocks"
    for number, block in enumerate(article.blocks):
        if block.start is not None or block.end is not None:
            yield f"block {number} of a page has offsets"
        is_row = block.kind is Kind.TABLE_ROW
        unfolded = _UNFOLDED.search(block.text) if is_row else block.text != " ".join(block.text.split())
        if block.kind is not Kind.CODE and unfolded:
            yield f"block {number} has white space that is not folded: {block.text[:80]!r}"
        if not block.text.strip():
            yield f"block {number} is empty"


# Plain text.


def offsets(text: str, article: Article) -> Failures:
    """Blocks are what stands at their offsets, in order; between them is nothing but white space."""
    source = checked_text(text, Limits())
    if len(source) != len(text):
        yield "the text changed its length"
    behind = 0
    for number, block in enumerate(article.blocks):
        if block.start is None or block.end is None:
            yield f"block {number} has no offsets"
            return
        if not behind <= block.start < block.end <= len(source):
            yield f"block {number} at {block.start}:{block.end} begins before {behind} or is empty"
        if source[block.start : block.end] != block.text:
            yield f"block {number} is not what stands at {block.start}:{block.end}"
        if source[behind : block.start].strip().strip("\ufeff \t"):
            yield f"text before block {number} is in no block: {source[behind : block.start]!r}"
        behind = block.end
    if source[behind:].strip().strip("\ufeff \t"):
        yield f"text behind the last block is in no block: {source[behind:][:80]!r}"


def plain_text(text: str, article: Article) -> Failures:
    """The text of an article from plain text is its kept blocks with white space between them."""
    source = checked_text(text, Limits())
    kept = [block for block in article.blocks if block.kept]
    if len(kept) == len(article.blocks):
        if article.text != (source if kept else ""):
            yield "all was kept, and the text is not the source"
        return
    place = 0
    for block in kept:
        found = article.text.find(block.text, place)
        if found < 0 or article.text[place:found].strip().strip("\ufeff"):
            yield f"the kept block at {block.start} is not what follows in the text"
            return
        place = found + len(block.text)
    if article.text[place:].strip().strip("\ufeff"):
        yield f"more than the kept blocks is in the text: {article.text[place:][:80]!r}"
