"""Asks Trafilatura where the article is."""

import contextlib
import logging
import re
from collections.abc import Callable
from copy import copy
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from noisefilter.blocks import PRIVATE_USE, Blocks
from noisefilter.blocks.page import Node, cut_page
from noisefilter.extraction.hardening import harden
from noisefilter.extraction.tuned import tuned_extractor
from noisefilter.labels import Kind
from noisefilter.smuggling import hides_text, shown
from noisefilter.visibility import is_out_of_sight

# Trafilatura's and its helpers' messages would go to stderr by Python's handler of last resort.
LOGGER = logging.getLogger(__name__)
for _name in ("noisefilter", "trafilatura", "courlan", "htmldate", "justext", "readability"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

_STYLED = cast(Callable[[HtmlElement], list[HtmlElement]], etree.XPath("descendant::*[@style]"))
_PLANE = 0xFFFE  # usable code points of a private-use plane
_LOW, _HIGH = 0xF0000, 0x100000
_LAST = 0x10FFFD
_LOW_MARK = re.compile("[\U000f0000-\U000ffffd]")  # which one of the other plane may precede
_PRIVATE_USE_LEADS = (0xF3, 0xF4)  # how such characters begin in UTF-8: much faster to look for
# Text that Trafilatura found outside the page's blocks (JSON-LD, data attributes) is taken from this size on.
MIN_EMBEDDED_CHARS = 250
_MIN_DUMPED_CHARS = 25
_MAX_COMPARED = 200_000_000  # characters: 0.2 seconds of what people write, 3 of what repeats itself
_COMPARISON = 50  # characters that are compared in the time that the search for a text takes at least


def _mark(index: int) -> str:
    high, low = divmod(index, _PLANE)
    return (chr(_HIGH + high - 1) if high else "") + chr(_LOW + low)


def _indices(text: str) -> list[int]:
    """The numbers that the marks in a text stand for."""
    indices = []
    for match in _LOW_MARK.finditer(text):
        start = match.start()
        before = ord(text[start - 1]) if start else 0
        high = before - _HIGH + 1 if _HIGH <= before <= _LAST else 0
        indices.append(high * _PLANE + ord(match[0]) - _LOW)
    return indices


def _scrub(tree: HtmlElement) -> None:
    """Takes characters out of the tree that would be read as marks, such as those of icon fonts."""
    text = etree.tostring(tree, method="text", encoding="utf-8")
    if not any(byte in text for byte in _PRIVATE_USE_LEADS) or not PRIVATE_USE.search(text.decode()):
        return
    for element in tree.iter():
        if element.text and not element.text.isascii():
            element.text = PRIVATE_USE.sub("", element.text)
        if element.tail and not element.tail.isascii():
            element.tail = PRIVATE_USE.sub("", element.tail)


def _without_unseen(tree: HtmlElement) -> HtmlElement:
    """The tree, in which what nobody sees is hidden in the one way that Trafilatura knows."""
    for element in _STYLED(tree):
        if is_out_of_sight(element):
            element.set("style", "display:none")
    return tree


def _set_marks(nodes: list[Node]) -> None:
    for index, (element, tail) in enumerate(nodes):
        if tail:
            element.tail = _mark(index) + (element.tail or "")
        else:
            element.text = _mark(index) + (element.text or "")


def mark_kept(
    tree: HtmlElement,
    blocks: Blocks,
    nodes: list[Node],
    url: str | None = None,
    anew: Callable[[], HtmlElement] | None = None,
) -> None:
    """Fills `Markup.kept` with what Trafilatura keeps of the page.

    A character from a private-use plane at the head of each block's main text node tells in the output which
    blocks came through: exact where texts repeat, which aligning texts is not. Where the article stands in
    the page's data (JSON-LD, a forum's preloaded posts, noscript) but not in its blocks, its paragraphs
    are appended to the blocks as kept.

    Args:
        tree: the page; it is taken to pieces.
        blocks: what `cut_page` made of the page.
        nodes: likewise.
        url: address of the page, for Trafilatura.
        anew: makes the same page once more; without it a copy of `tree` is made beforehand.
    """
    markup = blocks.markup
    assert markup is not None
    if anew is None:
        spare = copy(tree)

        def anew() -> HtmlElement:
            return copy(spare)

    _scrub(tree)
    _set_marks(nodes)
    body = _extracted_body(_without_unseen(tree), url, lambda: _without_unseen(anew()))
    if body is None:
        return
    unmarked = []
    for element in body:
        text = str(etree.tostring(element, method="text", encoding="unicode", with_tail=True))
        indices = _indices(text)
        for index in indices:
            if index < len(nodes):
                markup.kept[index] = True
        if not indices:
            unmarked.append(text)
    if sum(map(len, unmarked)) >= MIN_EMBEDDED_CHARS:
        _append_embedded(blocks, unmarked)


def _extracted_body(
    tree: HtmlElement, url: str | None, anew: Callable[[], HtmlElement]
) -> etree._Element | None:
    try:
        harden(tree)
        extractor = None
        with contextlib.suppress(OSError):
            extractor = tuned_extractor()
        if extractor is not None:
            try:
                return extractor.extract(tree, lambda: harden(anew()))
            except Exception as error:
                LOGGER.info("The tuned extractor failed on %s: %r", url or "a page", error)
                tree = anew()
                _scrub(tree)
                _set_marks(cut_page(tree)[1])
                harden(tree)
        import trafilatura  # takes long, and is rarely needed

        document = trafilatura.bare_extraction(
            tree, url=url, fast=True, favor_recall=True, include_comments=False, output_format="txt"
        )
    except Exception as error:
        # Whatever a page does to it, the blocks are there, and the model can choose without its help.
        LOGGER.warning("Trafilatura failed on %s: %r", url or "a page", error)
        return None
    return getattr(document, "body", None)


def _compared(text: str) -> str:
    """A text as it is compared.

    Trafilatura leaves out soft hyphens, joiners and controls, and puts no bars between the cells of a row.
    """
    squeezed = "".join(text.split()).replace("|", "")
    return squeezed if squeezed.isprintable() else "".join(filter(str.isprintable, squeezed))


def _append_embedded(blocks: Blocks, texts: list[str]) -> None:
    """Takes text that came through without marks: a dump of the page's own blocks, or text from its data.

    Its last resort strips the marks. Blocks of `_MIN_DUMPED_CHARS` or more that stand in such a dump count
    as kept; text that is not on the page becomes blocks of its own.
    """
    markup = blocks.markup
    assert markup is not None
    lines = [" ".join(PRIVATE_USE.sub("", line).split()) for line in "\n".join(texts).splitlines()]
    dumped, own = list(map(_compared, lines)), list(map(_compared, blocks.text))
    joined, whole_lines = "".join(dumped), frozenset(dumped)
    page, whole_blocks = "".join(own), frozenset(own)
    left = _MAX_COMPARED
    there = []
    for number, text in enumerate(own):
        if len(blocks.text[number]) < _MIN_DUMPED_CHARS or not text:
            continue
        if text not in whole_lines:
            left -= len(joined)
            if left < 0 or text not in joined:
                continue
        markup.kept[number] = True
        there.append(text)
    for line, compared in zip(lines, dumped, strict=True):
        if not compared or compared in whole_blocks:
            continue
        left -= len(page) + len(there) * (len(compared) + _COMPARISON)
        if left < 0:
            return
        if compared in page or any(text in compared for text in there):
            continue
        blocks.text.append(" ".join(shown(line).split()))
        blocks.kind.append(Kind.PARAGRAPH)
        blocks.level.append(0)
        blocks.hidden.append(hides_text(line))
        markup.element.append(0)
        markup.inline.append(())
        markup.hrefs.append(())
        markup.linked.append(0)
        markup.emphasised.append(0)
        markup.kept.append(True)
