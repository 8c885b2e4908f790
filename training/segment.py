"""How the labelled pages were cut into blocks: a label's `index` counts what `segment` yields.

Kept as it was when the labels were set. The package cuts a little otherwise (`noisefilter.blocks`), so
`training.pages` carries the labels over, and checks by hashes that the pages are cut as they were.
"""

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

SKIPPED = frozenset({
    "script", "style", "noscript", "template", "svg", "head", "iframe", "object", "embed", "canvas",
    "select", "option", "button", "input", "textarea", "audio", "video", "map", "math",
})  # fmt: skip
INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time",
    "tt", "u", "var", "wbr", "strike", "img", "picture", "source",
})  # fmt: skip

_SPACE = re.compile(r"\s+")


def segment(tree: HtmlElement) -> Iterator[str]:
    """Yields the text of each block, white space folded.

    A block is a run of text inside one block-level element, or between two `br`.
    """
    body = tree.find("body") if tree.tag == "html" else tree
    root = tree if body is None else body
    parts: list[str] = []

    def flush() -> Iterator[str]:
        text = _SPACE.sub(" ", "".join(parts)).strip()
        parts.clear()
        if text:
            yield text

    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if not isinstance(tag, str):
                continue
            if tag in SKIPPED:
                walk.skip_subtree()
                continue
            if tag not in INLINE:
                yield from flush()
            if element.text and tag != "br":
                parts.append(element.text)
        else:
            if isinstance(tag, str) and tag not in SKIPPED and tag not in INLINE and tag != "br":
                yield from flush()
            if element.tail and element is not root:
                parts.append(element.tail)
    yield from flush()
