"""Asks Trafilatura where the article is."""

import logging
import re

import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from noisefilter.blocks import PRIVATE_USE, Blocks
from noisefilter.blocks.page import Node
from noisefilter.labels import Kind

# Trafilatura's and its helpers' messages would go to stderr by Python's handler of last resort.
LOGGER = logging.getLogger(__name__)
for _name in ("noisefilter", "trafilatura", "courlan", "htmldate", "justext", "readability"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

_PLANE = 0xFFFE  # usable code points of a private-use plane
_LOW, _HIGH = 0xF0000, 0x100000
_MARK = re.compile("([\U00100000-\U0010fffd]?)([\U000f0000-\U000ffffd])")
# Text that Trafilatura found outside the page's blocks (JSON-LD, data attributes) is taken from this size on.
MIN_EMBEDDED_CHARS = 250
_MIN_DUMPED_CHARS = 25
_MAX_COMPARISONS = 200_000_000  # characters times blocks, about 0.2 seconds


def _mark(index: int) -> str:
    high, low = divmod(index, _PLANE)
    return (chr(_HIGH + high - 1) if high else "") + chr(_LOW + low)


def _index(match: re.Match[str]) -> int:
    high = ord(match[1]) - _HIGH + 1 if match[1] else 0
    return high * _PLANE + ord(match[2]) - _LOW


def _set_marks(nodes: list[Node]) -> None:
    for index, (element, tail) in enumerate(nodes):
        if tail:
            text = element.tail or ""
            element.tail = _mark(index) + (text if text.isascii() else PRIVATE_USE.sub("", text))
        else:
            text = element.text or ""
            element.text = _mark(index) + (text if text.isascii() else PRIVATE_USE.sub("", text))


def mark_kept(tree: HtmlElement, blocks: Blocks, nodes: list[Node], url: str | None = None) -> None:
    """Fills `Markup.kept` with what Trafilatura keeps of the page.

    A character from a private-use plane at the head of each block's main text node tells in the output which
    blocks came through: exact where texts repeat, which aligning texts is not. Where the article stands in
    the page's data (JSON-LD, a forum's preloaded posts, noscript) but not in its blocks, its paragraphs
    are appended to the blocks as kept.

    Args:
        tree: the page; its text nodes are changed.
        blocks: what `cut_page` made of the page.
        nodes: likewise.
        url: address of the page, for Trafilatura.
    """
    markup = blocks.markup
    assert markup is not None
    _set_marks(nodes)
    body = _extracted_body(tree, url)
    if body is None:
        return
    unmarked = []
    for element in body:
        text = str(etree.tostring(element, method="text", encoding="unicode", with_tail=True))
        marks = [_index(match) for match in _MARK.finditer(text)]
        for index in marks:
            if index < len(nodes):
                markup.kept[index] = True
        if not marks:
            unmarked.append(text)
    if sum(map(len, unmarked)) >= MIN_EMBEDDED_CHARS:
        _append_embedded(blocks, unmarked)


def _extracted_body(tree: HtmlElement, url: str | None) -> etree._Element | None:
    try:
        document = trafilatura.bare_extraction(
            tree, url=url, fast=True, favor_recall=True, include_comments=False, output_format="txt"
        )
    except Exception as error:
        # Whatever a page does to it, the blocks are there, and the model can choose without its help.
        LOGGER.warning("Trafilatura failed on %s: %r", url or "a page", error)
        return None
    return getattr(document, "body", None)


def _append_embedded(blocks: Blocks, texts: list[str]) -> None:
    """Takes text that came through without marks: a dump of the page's own blocks, or text from its data.

    Its last resort strips the marks. Blocks of `_MIN_DUMPED_CHARS` or more that stand in such a dump count
    as kept; text that is not on the page becomes blocks of its own.
    """
    markup = blocks.markup
    assert markup is not None
    lines = [" ".join(PRIVATE_USE.sub("", line).split()) for line in "\n".join(texts).splitlines()]
    joined = "\n".join(lines)
    if len(joined) * len(blocks) > _MAX_COMPARISONS:
        return
    there = []
    for number, text in enumerate(blocks.text):
        if len(text) >= _MIN_DUMPED_CHARS and text in joined:
            markup.kept[number] = True
            there.append(text)
    page = "\n".join(blocks.text)
    for line in lines:
        if not line or line in page or any(text in line for text in there):
            continue
        blocks.text.append(line)
        blocks.kind.append(Kind.PARAGRAPH)
        blocks.level.append(0)
        markup.element.append(0)
        markup.inline.append(())
        markup.hrefs.append(())
        markup.linked.append(0)
        markup.emphasised.append(0)
        markup.hidden.append(False)
        markup.kept.append(True)
