"""Elements that are never closed: the parser puts into them all that follows, the article too."""

from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

MIN_CHARS = 400
"""Of paragraphs in such an element, from which it is none: those that are closed hold hardly any."""
_MAX_TEXTS = 500  # of a paragraph that are looked at: in nested ones they would be again and again
_UNREAD = frozenset({
    "audio", "button", "canvas", "head", "map", "math", "object", "option", "rp", "rt", "select", "svg",
    "video",
})  # fmt: skip
_METADATA = frozenset({"base", "link", "meta", "noscript", "script", "style", "template", "title"})


def open_unclosed(root: HtmlElement) -> None:
    """Makes ordinary elements of those that are not read as text, but hold an article's paragraphs.

    Args:
        root: of a page.
    """
    if not any(
        element.tag != "head" or next(element.iter("p"), None) is not None for element in root.iter(*_UNREAD)
    ):
        return
    unclosed = []
    sizes = [0]  # of the paragraphs in each of them that is open, the outermost first
    within = [0]  # how many of the paragraphs that are open stand in it, likewise
    for event, element in etree.iterwalk(root, events=("start", "end"), tag=("p", *_UNREAD)):
        if element.tag == "p":
            if event == "end":
                within[-1] -= 1
                continue
            if len(sizes) > 1 and not within[-1] and sizes[-1] < MIN_CHARS:
                sizes[-1] += _size(element)
            within[-1] += 1
        elif event == "start":
            sizes.append(0)
            within.append(0)
        else:
            size = sizes.pop()
            within.pop()
            sizes[-1] += size
            if size >= MIN_CHARS:
                unclosed.append(element)
    for element in unclosed:
        _open(element)


def _size(paragraph: HtmlElement) -> int:
    """Characters of a paragraph, white space left out, or some number that is enough."""
    size = 0
    for text in islice(paragraph.itertext(), _MAX_TEXTS):
        size += len("".join(str(text).split()))
        if size >= MIN_CHARS:
            break
    return size


def _open(element: HtmlElement) -> None:
    if element.tag != "head":
        element.tag = "div"
        return
    strays = [child for child in element if child.tag not in _METADATA]
    body = element.getnext()
    if strays and body is not None and body.tag == "body":
        strays[-1].tail, body.text = (strays[-1].tail or "") + (body.text or ""), None
        body[:0] = strays
