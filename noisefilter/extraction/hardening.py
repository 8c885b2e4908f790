"""Changes a page where its structure would cost Trafilatura far more time than its size.

Trafilatura deletes, strips and reads the children of an element one by one, and each time lxml goes through
the text nodes beside them: 12,000 `abbr` in one `div` took 12 seconds. For each table it goes through all
tables within it, so that 12,000 unclosed ones took 14.
"""

from lxml.html import HtmlElement

from noisefilter.intake.characters import attributes_of, set_attributes

MAX_CHILDREN = 1_000
"""Of an element that is left as it is. Of 1,284 real pages one had more."""
MAX_TABLES = 12
"""Of tables within each other."""
_GROUP = 200
# Their children get a `div` around each group; other elements are followed by copies of themselves, since
# Trafilatura looks for the first article or body of a page, but at every list, row and paragraph.
_WRAPPED = frozenset({
    "article", "aside", "body", "center", "details", "div", "fieldset", "footer", "form", "header", "main",
    "nav", "section",
})  # fmt: skip
_LEFT = frozenset({"html", "head"})


def harden(root: HtmlElement) -> HtmlElement:
    """Parts elements with very many children, and ends tables within too many others; all text stays.

    Args:
        root: of the page, which is changed.

    Returns:
        The same root.
    """
    _unnest_tables(root)
    if any(len(element) > MAX_CHILDREN for element in root.iter()):
        # From the inside out: copies may crowd the element around them.
        for element in reversed(list(root.iter())):
            if len(element) > MAX_CHILDREN and element.tag not in _LEFT:
                _part(element)
    return root


def _part(element: HtmlElement) -> None:
    children = list(element)
    if element.tag in _WRAPPED:
        for first in range(0, len(children), _GROUP):
            group = element.makeelement("div")
            group.extend(children[first : first + _GROUP])
            element.append(group)
        return
    last = element
    for first in range(_GROUP, len(children), _GROUP):
        copied = element.makeelement(element.tag)
        set_attributes(copied, attributes_of(element))
        copied.extend(children[first : first + _GROUP])
        last.addnext(copied)  # what follows the element now follows its copy
        last = copied


def _unnest_tables(root: HtmlElement) -> None:
    depth: dict[HtmlElement, int] = {}
    for table in list(root.iter("table")):
        around = next(table.iterancestors("table"), None)
        depth[table] = 1 if around is None else depth[around] + 1
        if depth[table] > MAX_TABLES:
            table.tag = "div"
            depth.pop(table)
