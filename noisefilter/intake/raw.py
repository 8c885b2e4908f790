"""Elements whose markup is text for the parser, where it is the article: frames, what is never closed."""

from lxml.html import HtmlElement

from noisefilter.errors import LimitExceeded
from noisefilter.intake.nesting import KEPT_DEPTH, append_text
from noisefilter.intake.noscript import MIN_CHARS, OUTWEIGHS, UNSEEN, seen_text
from noisefilter.intake.outermost import outermost
from noisefilter.intake.parsing import parse
from noisefilter.limits import Limits

_RAW = ("iframe", "noembed", "noframes", "plaintext", "textarea", "title", "xmp")


def read_raw(root: HtmlElement, limits: Limits) -> int:
    """Reads the markup in the longest such element, if the page has next to no other text.

    ``noframes`` holds the page for browsers without frames; a ``title`` or ``textarea`` that is never closed
    holds all that follows.

    Args:
        root: of a page.
        limits: bounds on its nesting.

    Returns:
        The nesting of the markup if that had to be reduced, else 0.
    """
    body = root.find("body")
    longest = max(root.iter(*_RAW), key=lambda element: len(element.text or ""), default=None)
    if body is None or longest is None or len(longest.text or "") < MIN_CHARS:
        return 0
    before, mark, markup = longest.text.partition("<")
    if not mark:
        return 0
    try:
        page, depth = parse(f"<{markup}".encode("utf-8", "replace"), limits)
    except LimitExceeded:
        return 0  # it stays what it was
    size = sum(len(seen_text(paragraph)) for paragraph in outermost(page, "p"))
    in_head = next(longest.iterancestors("head"), None) is not None
    others = len(seen_text(body))
    if not in_head and longest.tag not in UNSEEN:
        others -= len("".join(longest.text.split()))
    inner = page.find("body")
    if inner is None or size < MIN_CHARS or size <= OUTWEIGHS * others:
        return 0
    longest.text = before
    if in_head:
        body.text = "".join(filter(None, (inner.text, body.text)))
        body[:0] = list(inner)
    elif _is_deep(inner, sum(1 for _ in longest.iterancestors())):
        append_text(body, inner.text or "")
        body.extend(list(inner))
    else:
        longest.tag = "div"
        longest.text += inner.text or ""
        longest.extend(list(inner))
    return depth


def _is_deep(element: HtmlElement, levels: int) -> bool:
    """Whether an element would be nested too deep below so many others."""
    return bool(element.xpath(f"boolean(self::*{'/*' * max(KEPT_DEPTH - levels, 1)})"))
