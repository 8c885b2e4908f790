"""The elements of a name that lie in no other of that name."""

from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement


def outermost(root: HtmlElement, tag: str) -> Iterator[HtmlElement]:
    """In the order of the page, in time linear in its size, however they are nested.

    Args:
        root: of a tree, which may itself be one.
        tag: their name.
    """
    walk = etree.iterwalk(root, events=("start",), tag=tag)
    for _, element in walk:
        walk.skip_subtree()
        yield element
