"""Deep nesting, which recursive readers of a tree do not survive: measured, and reduced by hoisting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement, HTMLParser

from noisefilter.errors import TooDeep
from noisefilter.intake.characters import FORBIDDEN, attributes_of, set_attributes
from noisefilter.limits import Limits

KEPT_DEPTH = 256
"""Nesting of elements that `load_page` leaves as it is; what is deeper moves up."""
COPIED_CHARS = 2_000
"""Of the attributes of an element of which copies are made. Classes and the like are far shorter."""
_HOISTED_TO = 200  # where it moves to
_WHOLE_FROM = 232  # elements that hold a text as a whole move from here on, so that its parts stay in it
_WHOLE = {"blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"}


def for_copies(attributes: Mapping[str, str]) -> dict[str, str]:
    """Of an element's attributes those that copies of it get: the first, up to `COPIED_CHARS` in all.

    Else 1,000 copies of an attribute of a million characters would be made of a page of two million.
    """
    size = 0
    copied = {}
    for name, value in attributes.items():
        if size + len(name) + len(value) <= COPIED_CHARS:
            size += len(name) + len(value)
            copied[name] = value
    return copied


def is_deep(roots: str, element: etree._Element, limits: Limits) -> bool:
    """Whether there is deeper nesting below an XPath than may be left as it is."""
    steps = "/*" * min(KEPT_DEPTH, limits.depth_elements)
    return bool(element.xpath(f"boolean({roots}{steps})"))


def flattened(roots: Iterable[etree._Element], limits: Limits) -> tuple[HtmlElement, int]:
    """Copy within `KEPT_DEPTH`, without comments; and the nesting if that was deeper, else 0."""
    builder = FlatTree(limits)
    for root in roots:
        # Without recursion: elements and texts yet to come, and None where an element ends.
        pending: list[etree._Element | str | None] = [root]
        while pending:
            node = pending.pop()
            if node is None:
                builder.end("")
            elif isinstance(node, str):
                builder.data(node)
            elif isinstance(node.tag, str):
                builder.start(node.tag.rpartition("}")[2], attributes_of(node))
                builder.data(node.text or "")
                pending.append(None)
                for child in reversed(node):
                    pending += (child.tail, child) if child.tail else (child,)
            elif node.tag is etree.Entity:
                builder.data(node.text or "")
    return builder.close(), builder.reduced_from


def append_text(parent: HtmlElement, text: str) -> None:
    """Puts text behind all that an element holds."""
    last = next(parent.iterchildren(reversed=True), None)  # len() would count all
    if last is not None:
        last.tail = (last.tail or "") + text
    else:
        parent.text = (parent.text or "") + text


@dataclass(slots=True)
class _Open:
    """An element that is open in the input, and what stands for it in the tree."""

    tag: str
    attributes: Mapping[str, str]
    element: HtmlElement
    level: int
    branch: int


class FlatTree:
    """Target of a parser: a tree whose nesting stays within `KEPT_DEPTH`.

    An element that would come to lie deeper is put into the open element at level `_HOISTED_TO` instead,
    behind all that is there, which ends the branch that it belongs to. What follows in an element of an
    ended branch goes into a copy of that element, again behind all that is there. So every text keeps its
    place in the order of the page, and the element right around it.
    """

    def __init__(self, limits: Limits) -> None:
        self._allowed = limits.depth_elements
        self._deepest = 0
        self._root: HtmlElement | None = None
        self._open: list[_Open] = []
        self._branch = 0
        self._texts: list[str] = []

    @property
    def reduced_from(self) -> int:
        """The deepest nesting met if it was too much, else 0."""
        return self._deepest if self._deepest > KEPT_DEPTH else 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Called by the parser for a start tag."""
        self._flush()
        self._deepest = max(self._deepest, len(self._open) + 1)
        if self._deepest > self._allowed:
            message = (
                f"elements are nested more than {self._allowed:,} deep; Limits(depth_elements=…) allows more"
            )
            raise TooDeep("depth_elements", self._allowed, self._deepest, message)
        if not self._open:
            if self._root is None:  # else the page has several, which become one
                self._root = _made(None, tag, attributes)
            self._open.append(_Open(tag, attributes, self._root, 1, 0))
            return
        parent = self._living()
        if parent.level >= (_WHOLE_FROM if tag in _WHOLE else KEPT_DEPTH):
            self._branch += 1
            parent = self._open[_HOISTED_TO - 1]
        element = _made(parent.element, tag, attributes)
        self._open.append(_Open(tag, attributes, element, parent.level + 1, self._branch))

    def end(self, tag: str) -> None:
        """Called by the parser for an end tag, also for one that is left out."""
        self._flush()
        self._open.pop()

    def data(self, text: str) -> None:
        """Called by the parser for text."""
        self._texts.append(text)

    def close(self) -> HtmlElement:
        """Called by the parser at the end."""
        self._flush()
        return self._whole()

    def _whole(self) -> HtmlElement:
        if self._root is None:  # text comes before the first tag, where an end tag came before that
            self._root = _made(None, "html", {})
        return self._root

    def _flush(self) -> None:
        text = FORBIDDEN.sub("", "".join(self._texts))
        self._texts.clear()
        if not text:
            return
        if not self._open:
            if self._root is not None or not text.isspace():
                append_text(self._whole(), text)
        elif text.isspace() and not self._is_living():
            append_text(self._open[_HOISTED_TO - 1].element, text)
        else:
            append_text(self._living().element, text)

    def _is_living(self) -> bool:
        return len(self._open) <= _HOISTED_TO or self._open[-1].branch == self._branch

    def _living(self) -> _Open:
        """The innermost open element, as a copy if its branch has ended."""
        innermost = self._open[-1]
        if not self._is_living():
            self._branch += 1
            parent = self._open[_HOISTED_TO - 1].element
            innermost.attributes = for_copies(innermost.attributes)
            innermost.element = _made(parent, innermost.tag, innermost.attributes)
            innermost.level, innermost.branch = _HOISTED_TO + 1, self._branch
        return innermost


def _made(parent: HtmlElement | None, tag: str, attributes: Mapping[str, str]) -> HtmlElement:
    make = HTMLParser().makeelement if parent is None else parent.makeelement
    try:
        element: HtmlElement = make(tag)
    except ValueError:  # as for attributes: the parser takes any name
        element = make("span")
    set_attributes(element, attributes)
    if parent is not None:
        parent.append(element)
    return element
