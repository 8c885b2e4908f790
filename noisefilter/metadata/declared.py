"""Collects what a page declares in its head, and where its body marks up names and dates."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

MAX_VALUES = 100  # of one meta name
MAX_HEADINGS = 5
# An element that holds a name or a date may hold the whole page, and so may a hundred around it.
_MAX_STEPS = 4_000  # of a walk through one
_MAX_ATTRIBUTE = 1_000  # characters of an attribute that are looked at

_PUNCTUATION = str.maketrans("", "", " -_.:")
# Attributes, not elements with a predicate: three times as fast.
_ITEMPROPS = etree.XPath("descendant::*/@itemprop")
_RELS = etree.XPath("descendant::a/@rel")


@dataclass(slots=True)
class Found:
    """What one pass over the page collects, as found.

    Attributes:
        meta: contents of the meta elements by their names in lower case, without punctuation.
        links: targets of the link elements by their relation, likewise without hyphens.
        scripts: JSON-LD.
        headings: the first elements of level 1.
        title: text of the title element.
        languages: of the root.
        times: machine-readable times below the first heading.
        times_above: those above it.
    """

    meta: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    headings: list[HtmlElement] = field(default_factory=list)
    title: str = ""
    languages: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    times_above: list[str] = field(default_factory=list)

    def add(self, key: str, content: str) -> None:
        """Adds the content of a meta element."""
        values = self.meta.setdefault(key.lower().translate(_PUNCTUATION), [])
        if len(values) < MAX_VALUES:
            values.append(content)

    def values(self, *keys: str) -> Iterator[str]:
        """The contents of the meta elements of these names, in the order of the names."""
        for key in keys:
            yield from self.meta.get(key, ())


def collect(tree: HtmlElement) -> Found:
    """One pass over a page: walking it costs more than looking at what is found, so everything at once."""
    found = Found()
    for element in tree.iter("meta", "link", "title", "script", "html", "h1", "time"):
        tag = element.tag
        get = element.get
        if tag == "meta":
            content = get("content")
            if content:
                # Not itemprop: it may be that of an image.
                named, other = get("property"), get("name") or get("http-equiv")
                if named:
                    found.add(named, content)
                if other and other != named:
                    found.add(other, content)
        elif tag == "link":
            rel, href = get("rel"), get("href")
            if rel and href:
                found.links.setdefault(rel.strip().lower().replace("-", ""), href)
        elif tag == "script":
            kind = get("type")
            if kind and "ld+json" in kind and element.text:
                found.scripts.append(element.text)
        elif tag == "time":
            if (stamp := get("datetime")) and len(found.times) + len(found.times_above) < MAX_VALUES:
                (found.times if found.headings else found.times_above).append(stamp)
        elif tag == "h1":
            if len(found.headings) < MAX_HEADINGS:
                found.headings.append(element)
        elif tag == "title":
            if not found.title and element.text and not _is_in_drawing(element):
                found.title = element.text
        else:
            found.languages.extend(filter(None, (get("lang"), get("xml:lang"))))
    return found


def _is_in_drawing(title: HtmlElement) -> bool:
    parent = title.getparent()
    return parent is not None and parent.tag not in ("head", "html", "body")


def text_of(element: HtmlElement, max_chars: int) -> str:
    """The beginning of the text inside an element."""
    parts: list[str] = []
    size = 0
    for event, inner in islice(etree.iterwalk(element, events=("start", "end")), _MAX_STEPS):
        text = inner.text if event == "start" else inner.tail if inner is not element else None
        if text:
            parts.append(text)
            size += len(text)
            if size >= max_chars:
                break
    return "".join(parts)[:max_chars]


def _marked(xpath: etree.XPath, tree: HtmlElement, *values: str) -> Iterator[tuple[str, HtmlElement]]:
    """The first elements of which `xpath` finds an attribute with one of `values`, and the value."""
    attributes = xpath(tree)
    assert isinstance(attributes, list)
    left = MAX_VALUES
    for value in attributes:
        tokens = str(value)[:_MAX_ATTRIBUTE].split()
        for wanted in values:
            if wanted in tokens:
                yield wanted, value.getparent()  # type: ignore[union-attr]  # lxml's own kind of string
                left -= 1
        if left <= 0:
            break


def _name(author: HtmlElement) -> str:
    inside = islice(author.iterdescendants(), _MAX_STEPS)
    named = next((child for child in inside if child.get("itemprop") == "name"), author)
    return named.get("content") or text_of(named, 1000)


def read_bylines(tree: HtmlElement) -> tuple[list[str], list[str], list[str]]:
    """Authors, dates of publication and of changes that the body marks up."""
    authors: list[HtmlElement] = []
    published: list[str] = []
    modified: list[str] = []
    for prop, element in _marked(_ITEMPROPS, tree, "author", "datePublished", "dateModified"):
        if prop == "author":
            authors.append(element)
        else:
            get = element.get
            stamp = get("datetime") or get("content") or get("title") or text_of(element, 400)
            (published if prop == "datePublished" else modified).append(stamp)
    if not authors:
        authors.extend(element for _, element in _marked(_RELS, tree, "author"))
    # Comments and teasers of other pages have authors as well.
    here = [element for element in authors if element.getparent() is authors[0].getparent()]
    return [_name(element) for element in here], published, modified
