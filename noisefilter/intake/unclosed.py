"""Elements that are never closed: the parser puts into them all that follows, the article too."""

from collections import Counter

from lxml.html import HtmlElement

MIN_CHARS = 400
"""Of paragraphs in such an element, from which it is none: those that are closed hold hardly any."""
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
    sizes: Counter[HtmlElement] = Counter()
    for paragraph in root.iter("p"):
        around = list(paragraph.iterancestors(*_UNREAD))
        if around and next(paragraph.iterancestors("p"), None) is None:
            size = len("".join("".join(map(str, paragraph.itertext())).split()))
            for element in around:
                sizes[element] += size
    for element, size in sizes.items():
        if size >= MIN_CHARS:
            _open(element)


def _open(element: HtmlElement) -> None:
    if element.tag != "head":
        element.tag = "div"
        return
    strays = [child for child in element if child.tag not in _METADATA]
    body = element.getnext()
    if strays and body is not None and body.tag == "body":
        strays[-1].tail, body.text = (strays[-1].tail or "") + (body.text or ""), None
        body[:0] = strays
