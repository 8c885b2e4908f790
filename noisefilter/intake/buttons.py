"""Buttons that are never closed: the parser puts into them all that follows, the article too."""

from collections import Counter

from lxml.html import HtmlElement

MIN_CHARS = 400
"""Of paragraphs in a button, from which it is no button: those that are closed hold none."""


def open_buttons(root: HtmlElement) -> None:
    """Makes of each button that holds an article's paragraphs, which browsers show, an ordinary element.

    Args:
        root: of a page.
    """
    if next(root.iter("button"), None) is None:
        return
    sizes: Counter[HtmlElement] = Counter()
    for paragraph in root.iter("p"):
        around = list(paragraph.iterancestors("button"))
        if around:
            size = len("".join("".join(map(str, paragraph.itertext())).split()))
            for button in around:
                sizes[button] += size
    for button, size in sizes.items():
        if size >= MIN_CHARS:
            button.tag = "div"
