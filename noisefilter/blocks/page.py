"""Cuts a page into blocks."""

from lxml import etree
from lxml.html import HtmlElement

from noisefilter.blocks import CELL_SEPARATOR, PRIVATE_USE, REGIONS, Blocks, Elements, Markup
from noisefilter.labels import Kind
from noisefilter.smuggling import hides_text, shown
from noisefilter.visibility import ATTRIBUTES, SHOWN, state_within

# No text that a reader of the page sees as such.
SKIPPED = frozenset({
    "script", "style", "noscript", "template", "svg", "head", "iframe", "object", "embed", "canvas",
    "select", "option", "button", "input", "textarea", "audio", "video", "map", "math", "rt", "rp",
})  # fmt: skip
INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time",
    "tt", "u", "var", "wbr", "strike", "img", "picture", "source", "ruby", "rb", "rtc", "nobr", "blink",
})  # fmt: skip
_REGION_BIT = {tag: 1 << i for i, tag in enumerate(REGIONS)}
_EMPHASIS = frozenset({"b", "strong", "em", "i"})
HEADINGS = {f"h{level}": level for level in range(1, 7)}
LISTS = frozenset({"ul", "ol", "dl", "menu"})
# A cell that holds one of these is laid out as a page of its own, so its table is no data table.
_LAYOUT = ("table", "ul", "ol", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "form", "article", "section", "pre")
MAX_ROW_CHARS = 600
MAX_CELL_CHARS = 40

_CELL_BORDER = "\x1f"  # while a row is put together; intake lets no control characters through


Node = tuple[HtmlElement, bool]
"""A text node: an element, and whether its tail (else its text) is meant."""


_NAMED = frozenset({"class", "id", "role", "itemprop"})


def _is_custom(tag: str) -> bool:
    """Custom elements (``my-tooltip``) and foreign ones (``o:p``), which browsers lay out inline."""
    return "-" in tag or ":" in tag


class _Roles(dict[object, int]):
    """What to do with elements, by their names, each looked at once."""

    def __missing__(self, tag: object) -> int:
        if not isinstance(tag, str) or tag in SKIPPED:
            role = _SKIP
        elif tag == "br":
            role = _BREAK
        else:
            role = _INLINE if tag in INLINE or _is_custom(tag) else _BLOCK
        if len(self) < _MAX_ROLES:
            self[tag] = role
        return role


_SKIP, _BREAK, _INLINE, _BLOCK = range(4)
_MAX_ROLES = 1000  # pages may make up names
_ROLES = _Roles()


def is_data_table(table: HtmlElement) -> bool:
    """Whether a table's rows are lines of data, not the layout of a page.

    At least two columns, no block of a page's layout in it, no more paragraphs or line breaks than cells,
    and on average rows of `MAX_ROW_CHARS` characters at most, or cells of `MAX_CELL_CHARS`.
    """
    layout = table.iter(*_LAYOUT)
    next(layout)  # the table itself
    if next(layout, None) is not None:
        return False
    rows = sum(1 for _ in table.iter("tr"))
    cells = sum(1 for _ in table.iter("td", "th"))
    if not rows or cells < 2 * rows or sum(1 for _ in table.iter("p", "div", "br")) > cells:
        return False
    size = len(str(etree.tostring(table, method="text", encoding="unicode", with_tail=False)))
    return size <= max(MAX_ROW_CHARS * rows, MAX_CELL_CHARS * cells)


class _Cutter:
    """State of one walk over a page."""

    def __init__(self) -> None:
        self.elements = Elements()
        self.markup = Markup(self.elements)
        self.blocks = Blocks(markup=self.markup)
        self.nodes: list[Node] = []
        self._parts: list[str] = []
        self._longest = 0
        self._node: Node | None = None
        self._linked = 0
        self._emphasised = 0
        self._hidden = 0
        self._visible = 0
        self._inline: list[str] = []
        self._hrefs: list[str] = []
        # What surrounds the current position.
        self._element = 0
        self._lists = 0
        self._heading = 0
        self._quotes = 0
        self._verbatim = 0  # inside pre
        self._row = 0  # inside a row of a data table
        self._links: list[str] = []
        self._emphasis = 0
        self._state = SHOWN
        self._states: list[int] = []  # around each element that is open

    def cut(self, body: HtmlElement) -> None:
        """Walks the body, without recursion: pages nest deeper than Python's stack."""
        data_tables: list[bool] = []
        walk = etree.iterwalk(body, events=("start", "end"))
        roles, add = _ROLES, self._add
        self._open_root(body)
        for event, element in walk:
            tag = element.tag
            role = roles[tag]
            if event == "start":
                if role == _SKIP:
                    walk.skip_subtree()
                    continue
                if role == _BLOCK:
                    if element is not body:
                        if tag == "table":
                            data_tables.append(not self._row and is_data_table(element))
                        self._open_block(tag, element, bool(data_tables) and data_tables[-1])
                elif role == _INLINE:
                    self._open_inline(tag, element)
                else:
                    self._break()
                if text := element.text:
                    add(text, element, False)
            elif element is not body:
                if role == _BLOCK:
                    self._close_block(tag, bool(data_tables) and data_tables[-1])
                    if tag == "table":
                        data_tables.pop()
                elif role == _INLINE:
                    self._close_inline(tag)
                if text := element.tail:
                    add(text, element, True)
        self._flush()

    def _open_root(self, body: HtmlElement) -> None:
        self._append_element(0, "body", body, 0)
        self._state = SHOWN  # scripts show a body that is hidden at first

    def _append_element(self, parent: int, tag: str, element: HtmlElement, depth: int) -> None:
        table = self.elements
        table.parent.append(parent)
        table.tag.append(tag)
        named = []
        for name, value in element.items():
            if name in _NAMED:
                named.append(value)
            elif name in ATTRIBUTES:
                self._state = state_within(self._states[-1] if self._states else SHOWN, element)
        table.attributes.append(" ".join(named))
        table.depth.append(depth)
        around = table.regions[parent] if table.regions else 0
        table.regions.append(around | _REGION_BIT.get(tag, 0))

    def _open_block(self, tag: str, element: HtmlElement, in_data_table: bool) -> None:
        if self._row:
            self._parts.append(_CELL_BORDER if tag in ("td", "th") else " ")
        elif not self._verbatim and (self._parts or self._inline or self._hrefs):
            self._flush()
        parent = self._element
        table = self.elements
        self._element = len(table.tag)
        self._states.append(self._state)
        self._append_element(parent, tag, element, table.depth[parent] + 1)
        if tag in HEADINGS:
            self._heading = HEADINGS[tag]
        elif tag in LISTS:
            self._lists += 1
        elif tag == "blockquote":
            self._quotes += 1
        elif tag == "pre":
            if not self._verbatim:
                self._flush()
            self._verbatim += 1
        elif tag == "tr" and in_data_table:
            self._row += 1

    def _close_block(self, tag: str, in_data_table: bool) -> None:
        if tag == "tr" and in_data_table:
            self._flush()
            self._row -= 1
        elif tag == "pre":
            if self._verbatim == 1:
                self._flush()
            self._verbatim -= 1
        elif self._row:
            self._parts.append(" ")
        elif self._verbatim:
            self._parts.append("\n")
        elif self._parts or self._inline or self._hrefs:
            self._flush()
        if tag in HEADINGS:
            self._heading = 0
        elif tag in LISTS:
            self._lists -= 1
        elif tag == "blockquote":
            self._quotes -= 1
        self._element = self.elements.parent[self._element]
        self._state = self._states.pop()

    def _open_inline(self, tag: str, element: HtmlElement) -> None:
        if tag == "a":
            href = element.get("href") or ""
            self._links.append(href)
            self._hrefs.append(href)
        elif tag in _EMPHASIS:
            self._emphasis += 1
        self._states.append(self._state)
        for name, value in element.items():
            if name in _NAMED or name == "rel":
                self._inline.append(value)
            elif name in ATTRIBUTES:
                self._state = state_within(self._states[-1], element)

    def _close_inline(self, tag: str) -> None:
        if tag == "a":
            self._links.pop()
        elif tag in _EMPHASIS:
            self._emphasis -= 1
        self._state = self._states.pop()

    def _break(self) -> None:
        if self._verbatim:
            self._parts.append("\n")
        elif self._row:
            self._parts.append(" ")
        else:
            self._flush()

    def _add(self, text: str, element: HtmlElement, tail: bool) -> None:
        if text.isspace():
            # What a block begins with is stripped in the end anyway.
            if self._parts or self._verbatim or self._row:
                self._parts.append(text)
            return
        self._parts.append(text)
        size = len(text.strip())
        # The longest part stands for the block: extractors cut dates and links out of paragraphs.
        if size > self._longest:
            self._longest, self._node = size, (element, tail)
        if self._state == SHOWN:
            self._visible += size
        else:
            self._hidden += size
        if self._links:
            self._linked += size
        if self._emphasis:
            self._emphasised += size

    def _flush(self) -> None:
        if not (self._parts or self._hrefs or self._inline):
            return
        if self._longest:
            text, hides = "".join(self._parts), False
            if not text.isascii():
                text = PRIVATE_USE.sub("", text)
                if hides := hides_text(text):
                    text = shown(text)
            text = self._tidy(text)
            if text:
                self._append(text, hides or self._hidden > self._visible)
        self._parts.clear()
        self._longest = self._linked = self._emphasised = self._hidden = self._visible = 0
        self._node = None
        self._inline.clear()
        self._hrefs.clear()
        if self._links:  # a link around several blocks
            self._hrefs.extend(self._links)

    def _tidy(self, text: str) -> str:
        if self._row:
            # The first border stands before the first cell; empty cells keep the others in their columns.
            cells = [" ".join(cell.split()) for cell in text.split(_CELL_BORDER)]
            if not cells[0]:
                del cells[0]
            while cells and not cells[-1]:
                del cells[-1]
            return CELL_SEPARATOR.join(cells)
        if self._verbatim:
            lines = [line.rstrip() for line in text.splitlines()]
            return "\n".join(lines).strip("\n")
        return " ".join(text.split())

    def _append(self, text: str, hidden: bool) -> None:
        kind, level = self._layout()
        blocks, markup = self.blocks, self.markup
        blocks.text.append(text)
        blocks.kind.append(kind)
        blocks.level.append(level)
        blocks.hidden.append(hidden)
        assert self._node is not None
        self.nodes.append(self._node)
        markup.element.append(self._element)
        markup.inline.append(tuple(self._inline))
        markup.linked.append(min(self._linked, len(text)))
        markup.hrefs.append(tuple(self._hrefs))
        markup.emphasised.append(min(self._emphasised, len(text)))
        markup.kept.append(False)

    def _layout(self) -> tuple[Kind, int]:
        if self._row:
            return Kind.TABLE_ROW, 0
        if self._verbatim:
            return Kind.CODE, 0
        if self._heading:
            return Kind.HEADING, self._heading
        if self._lists:
            return Kind.LIST_ITEM, self._lists
        if self._quotes:
            return Kind.QUOTE, 0
        if self.elements.tag[self._element] in ("p", "div", "body", "article", "section", "main", "td"):
            return Kind.PARAGRAPH, 0
        return Kind.OTHER, 0


def cut_page(tree: HtmlElement) -> tuple[Blocks, list[Node]]:
    """Cuts a page into blocks.

    Args:
        tree: root of a page, not changed.

    Returns:
        The blocks, with `Markup.kept` all False, and for each the text node that stands for it.
    """
    body = tree.find("body") if tree.tag == "html" else tree
    cutter = _Cutter()
    cutter.cut(tree if body is None else body)
    return cutter.blocks, cutter.nodes
