"""Pages that a script draws and that hold their text for readers without scripts in ``noscript``."""

from lxml import etree
from lxml.html import HtmlElement

MIN_CHARS = 400
"""Of a text, below which it is a notice ("please enable JavaScript") or a picture's fallback."""
_UNSEEN = ("script", "style", "noscript", "template")


def reveal_noscript(root: HtmlElement) -> None:
    """Makes a `noscript` that holds more text than the rest of the body an ordinary element of the page."""
    found = [(element, _text_size(element)) for element in root.iterfind(".//body//noscript")]
    large = [(element, size) for element, size in found if size >= MIN_CHARS]
    if not large:
        return
    seen = sum(map(_text_size, root.iterfind("body")))
    for element, size in large:
        if size > seen:
            element.tag = "div"


def _text_size(element: HtmlElement) -> int:
    """Number of characters that a reader sees in an element, white space left out."""
    size = 0
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walk:
        own = inner is element
        if event == "end":
            size += 0 if own else _letters(inner.tail)
        elif not own and (inner.tag in _UNSEEN or not isinstance(inner.tag, str)):
            walk.skip_subtree()
        else:
            size += _letters(inner.text)
    return size


def _letters(text: str | None) -> int:
    return sum(map(len, text.split())) if text else 0
