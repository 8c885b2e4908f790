"""Pages that a script draws and that hold their text for readers without scripts in ``noscript``."""

from lxml import etree
from lxml.html import HtmlElement

from noisefilter.visibility import SHOWN, state_within

MIN_CHARS = 400
"""Of a text, below which it is a notice ("please enable JavaScript") or a picture's fallback."""
OUTWEIGHS = 4
"""How many times the text of the rest of the page it must have: no browser shows it beside that."""
UNSEEN = frozenset({
    "script", "style", "noscript", "template", "svg", "iframe", "object", "select", "option", "button",
    "textarea",
})  # fmt: skip


def reveal_noscript(root: HtmlElement) -> None:
    """Makes each `noscript` of a body that has next to no other text an ordinary element, but for repeats.

    Args:
        root: of a page without comments and processing instructions.
    """
    found = {text: element for element in root.iterfind(".//body//noscript") if (text := seen_text(element))}
    size = sum(map(len, found))
    if size >= MIN_CHARS and size > OUTWEIGHS * sum(len(seen_text(body)) for body in root.iterfind("body")):
        for element in found.values():
            element.tag = "div"


def seen_text(element: HtmlElement) -> str:
    """What a reader sees of an element, white space left out."""
    parts: list[str] = []
    states = [SHOWN]
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walk:
        if inner is element:  # scripts show what hides as a whole
            text = inner.text if event == "start" else None
        elif event == "end":
            states.pop()
            text = inner.tail
        else:
            states.append(state_within(states[-1], inner))
            text = inner.text
            if inner.tag in UNSEEN:
                walk.skip_subtree()
                text = None
        if text and states[-1] == SHOWN:
            parts.append(text)
    return "".join("".join(parts).split())
