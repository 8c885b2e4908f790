"""Changes a page where its structure would cost Trafilatura far more time than its size.

Trafilatura deletes, strips and reads the children of an element one by one, and each time lxml goes through
the text nodes beside them: 12,000 `abbr` in one `div` took 12 seconds. For each table it goes through all
tables within it, so that 12,000 unclosed ones took 14, and for each link through all its text.
"""

from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from noisefilter.intake.characters import attributes_of, set_attributes
from noisefilter.intake.nesting import for_copies
from noisefilter.intake.outermost import outermost

MAX_CHILDREN = 1_000
"""Of an element that is left as it is. Of 1,284 real pages one had more."""
MAX_STRIPPED = 5_000
"""Of children of all elements that Trafilatura strips, from which it is looked whether they make a crowd."""
MAX_PARAGRAPHS = 100
"""Within a paragraph, which can only be by mistake: Trafilatura adds up their text one by one."""
MAX_NESTED = 12
"""Of links, or tables, within each other."""
_GROUP = 200
# Their children get a `div` around each group; other elements are followed by copies of themselves, since
# Trafilatura looks for the first article or body of a page, but at every list, row and paragraph.
_WRAPPED = frozenset({
    "article", "aside", "body", "center", "details", "div", "fieldset", "footer", "form", "header", "main",
    "nav", "section",
})  # fmt: skip
# Trafilatura puts their children into the element around them.
_STRIPPED = frozenset({
    "abbr", "acronym", "address", "bdi", "bdo", "big", "cite", "data", "dfn", "font", "hgroup", "ins", "mark",
    "nobr", "ruby", "small", "tbody", "template", "tfoot", "thead", "wbr",
})  # fmt: skip
# Those too, often; they hold words, so they are parted, not filled with groups. In a paragraph nearly all.
_INLINE = frozenset({
    "a", "b", "code", "em", "i", "kbd", "samp", "span", "strong", "sub", "sup", "tt", "u", "var",
})  # fmt: skip
_ROWS = frozenset({"tbody", "tfoot", "thead"})
_LEFT = frozenset({"html", "head"})


def harden(root: HtmlElement) -> HtmlElement:
    """Parts elements with very many children, and unnests links and tables; all text stays.

    Args:
        root: of the page, which is changed.

    Returns:
        The same root.
    """
    _unnest(root, "a", "span")
    _unnest(root, "table", "div")
    _open_paragraphs(root)
    if (
        max(map(len, root.iter())) > MAX_CHILDREN
        or sum(map(len, root.iter(*_STRIPPED, *_INLINE))) > MAX_STRIPPED
        or any(map(_is_crowded, outermost(root, "p")))
    ):
        _part_crowded(root)
    return root


def _is_crowded(paragraph: HtmlElement) -> bool:
    return next(islice(paragraph.iterdescendants(), MAX_CHILDREN, None), None) is not None


def _part_crowded(root: HtmlElement) -> None:
    weights: dict[HtmlElement, int] = {}  # how many children a stripped element is for the one around it
    inside = {inner for paragraph in outermost(root, "p") for inner in paragraph.iterdescendants()}
    # From the inside out: what is made here may crowd the element around it.
    for element in reversed(list(root.iter())):
        children = [(child, weights.pop(child, 1)) for child in element]
        size = sum(weight for _, weight in children)
        is_stripped = element.tag in _STRIPPED or element.tag in _INLINE or element in inside
        if size > MAX_CHILDREN and element.tag not in _LEFT:
            groups = _groups(children)
            if element.tag in _WRAPPED or (element.tag in _STRIPPED and not _holds_rows(element)):
                _wrap(element, [group for group, _ in groups])
                size = len(groups)
            else:
                parts = _split(element, [group for group, _ in groups])
                size = groups[0][1]
                if is_stripped:
                    weights.update(zip(parts, (weight for _, weight in groups[1:]), strict=True))
        if is_stripped:
            weights[element] = size + 1


def _groups(children: list[tuple[HtmlElement, int]]) -> list[tuple[list[HtmlElement], int]]:
    """Children in groups that weigh little more than `_GROUP`, and their weights."""
    groups: list[tuple[list[HtmlElement], int]] = []
    group: list[HtmlElement] = []
    size = 0
    for child, weight in children:
        group.append(child)
        size += weight
        if size >= _GROUP:
            groups.append((group, size))
            group, size = [], 0
    return [*groups, (group, size)] if group else groups


def _holds_rows(element: HtmlElement) -> bool:
    return element.tag in _ROWS and next(element.iterancestors("table"), None) is not None


def _wrap(element: HtmlElement, groups: list[list[HtmlElement]]) -> None:
    for group in groups:
        wrapper = element.makeelement("div")
        wrapper.extend(group)
        element.append(wrapper)


def _split(element: HtmlElement, groups: list[list[HtmlElement]]) -> list[HtmlElement]:
    """Leaves the first group where it is and gives the others copies of the element, which are returned."""
    copies = []
    attributes = for_copies(attributes_of(element))
    last = element
    for group in groups[1:]:
        copied = element.makeelement(element.tag)
        set_attributes(copied, attributes)
        copied.extend(group)
        last.addnext(copied)  # what follows the element now follows its copy
        copies.append(copied)
        last = copied
    return copies


def _open_paragraphs(root: HtmlElement) -> None:
    """Makes `div` of paragraphs that hold too many others."""
    crowded = []
    inner = [0]  # how many each that is open holds, the outermost first
    for event, element in etree.iterwalk(root, events=("start", "end"), tag="p"):
        if event == "start":
            inner.append(0)
        else:
            found = inner.pop()
            inner[-1] += found + 1
            if found > MAX_PARAGRAPHS:
                crowded.append(element)
    for element in crowded:
        element.tag = "div"


def _unnest(root: HtmlElement, tag: str, instead: str) -> None:
    excess = []
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end"), tag=tag):
        depth += 1 if event == "start" else -1
        if event == "start" and depth > MAX_NESTED:
            excess.append(element)
    for element in excess:
        element.tag = instead
