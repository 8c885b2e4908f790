"""What a page says of itself in its JSON-LD scripts."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

MAX_SCRIPT_CHARS = 500_000
MAX_NODES = 500  # objects that are looked at on a page
MAX_VALUES = 100  # of one property

_DECODER = json.JSONDecoder(strict=False)
_START = re.compile(r"[\[{]")
_QUERY = re.compile("[?#]")

_ARTICLES = frozenset((
    "NewsArticle", "Article", "BlogPosting", "LiveBlogPosting", "TechArticle", "APIReference",
    "ScholarlyArticle", "Report", "MedicalScholarlyArticle", "SatiricalArticle", "AdvertiserContentArticle",
    "AnalysisNewsArticle", "AskPublicNewsArticle", "BackgroundNewsArticle", "OpinionNewsArticle",
    "ReportageNewsArticle", "ReviewNewsArticle", "SocialMediaPosting", "DiscussionForumPosting", "Recipe",
    "HowTo", "Product", "ProductGroup", "Question", "Review", "Event", "JobPosting",
))  # fmt: skip
_PAGES = frozenset((
    "WebPage", "ItemPage", "AboutPage", "ContactPage", "FAQPage", "QAPage", "MedicalWebPage",
    "CreativeWork",
))  # fmt: skip
_MEDIA = frozenset((
    "VideoObject", "AudioObject", "PodcastEpisode", "ImageGallery", "MediaGallery",
))  # fmt: skip
_SITES = frozenset((
    "WebSite", "NewsMediaOrganization",
))  # fmt: skip
# A product's or event's author and date are not the page's.
_ONLY_NAMED = frozenset((
    "Product", "ProductGroup", "Event", "JobPosting",
))  # fmt: skip
# Properties that may hold the page's main object; others (itemListElement, about, hasPart) hold other pages'.
_INWARDS = ("@graph", "mainEntity", "mainEntityOfPage")

Node = dict[str, Any]


@dataclass(slots=True)
class LinkedData:
    """What the article's object says, the best first; strings are as found, not cleaned.

    Attributes:
        titles: headlines of articles, names of recipes, products, threads.
        page_titles: weaker: names of the web page or of its video.
        authors: names.
        published: dates.
        modified: dates.
        keywords: single keywords or lists in one string.
        sites: names of the publisher and of the web site.
        languages: codes.
        sources: addresses or names of what the article was taken from.
        paywalled: whether it says that it is not accessible for free.
    """

    titles: list[str] = field(default_factory=list)
    page_titles: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    modified: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    paywalled: bool = False


def parse_script(text: str) -> Any:
    """The value that a script holds, whatever stands before and after it; None if it cannot be read."""
    if len(text) > MAX_SCRIPT_CHARS:
        return None
    starts: list[int] = []
    if match := _START.search(text):
        starts.append(match.start())
        # "//<![CDATA[" has a bracket too.
        brace = text.find("{")
        if brace > starts[0]:
            starts.append(brace)
    for start in starts:
        try:
            return _DECODER.raw_decode(text, start)[0]
        except (ValueError, RecursionError):  # broken, a number of thousands of digits, too deep
            continue
    return None


def _values(value: Any) -> Iterator[Any]:
    """A property's values: itself, or the items of its list, lists in it left out."""
    if isinstance(value, list):
        for item in value[:MAX_VALUES]:
            if not isinstance(item, list) and item is not None:
                yield item
    elif value is not None:
        yield value


def _types(node: Node) -> set[str]:
    return {
        value.rsplit("/", 1)[-1].removeprefix("schema:")
        for value in _values(node.get("@type"))
        if isinstance(value, str)
    }


def _rank(types: set[str]) -> int | None:
    for rank, group in enumerate((_ARTICLES, _PAGES, _MEDIA)):
        if not types.isdisjoint(group):
            return rank
    return None


class _Graph:
    """The objects of a page's scripts."""

    def __init__(self) -> None:
        self.ranked: list[tuple[int, Node]] = []
        self.sites: list[Node] = []
        self._by_id: dict[str, Node] = {}
        self._left = MAX_NODES

    def add(self, value: Any) -> None:
        """Walks a script's value, without recursion, in the order of the text."""
        stack = [value]
        while stack and self._left:
            value = stack.pop()
            self._left -= 1
            if isinstance(value, list):
                stack.extend(reversed(value[: self._left]))
            if not isinstance(value, dict):
                continue
            if isinstance(identity := value.get("@id"), str) and len(value) > 1:
                self._by_id.setdefault(identity, value)
            types = _types(value)
            rank = _rank(types)
            if rank is not None:
                self.ranked.append((rank, value))
            elif not types.isdisjoint(_SITES):
                self.sites.append(value)
            stack.extend(
                value[name] for name in reversed(_INWARDS) if isinstance(value.get(name), dict | list)
            )

    def _resolve(self, node: Node) -> Node:
        """The object itself, or the one that it only refers to."""
        identity = node.get("@id")
        if isinstance(identity, str) and "name" not in node:
            return self._by_id.get(identity, node)
        return node

    def names(self, value: Any, *properties: str) -> Iterator[str]:
        """The strings of a property: given as such, or as objects with one of `properties`."""
        for item in _values(value):
            if isinstance(item, str):
                yield item
            elif isinstance(item, dict):
                item = self._resolve(item)
                for name in properties:
                    found = [text for text in _values(item.get(name)) if isinstance(text, str)]
                    if found:
                        yield from found
                        break
                else:
                    first, last = item.get("givenName"), item.get("familyName")
                    if "name" in properties and isinstance(first, str) and isinstance(last, str):
                        yield f"{first} {last}"


def _address(url: str) -> str:
    """Host and path, to compare."""
    scheme, _, rest = _QUERY.split(url, maxsplit=1)[0].lower().partition("://")
    return rest.removeprefix("www.").rstrip("/") if scheme in ("http", "https") else ""


def _is_about(node: Node, address: str) -> bool:
    """Whether an object names the page's address as its own."""
    if not address:
        return False
    own = [node.get("url"), node.get("@id"), node.get("mainEntityOfPage")]
    if isinstance(page := own[2], dict):
        own += [page.get("@id"), page.get("url")]
    return any(isinstance(url, str) and _address(url) == address for url in own)


def _is_false(value: Any) -> bool:
    return value is False or (isinstance(value, str) and value.rsplit("/", 1)[-1].lower() in ("false", "no"))


def _headline(node: Node) -> str | None:
    for name in ("headline", "name"):
        for value in _values(node.get(name)):
            if isinstance(value, str) and value.strip():
                return value
    return None


def _choose(graph: _Graph, url: str | None) -> list[tuple[int, Node]]:
    """The objects that speak of this page's article, best first; teasers of other pages are left out."""
    address = _address(url) if url else ""
    ranked = sorted(graph.ranked, key=lambda entry: (entry[0], not _is_about(entry[1], address)))
    if not ranked:
        return []
    best, main = ranked[0]
    headline = _headline(main)
    chosen = [ranked[0]]
    for rank, node in ranked[1:]:
        if (rank == best and _headline(node) in (headline, None)) or (rank == 1 and best == 0):
            chosen.append((rank, node))
    return chosen


def read_linked_data(scripts: Iterable[str], url: str | None = None) -> LinkedData:
    """Reads the JSON-LD scripts of a page. Broken, odd or hostile ones give nothing, never an error.

    Args:
        scripts: their texts.
        url: address of the page, to choose among several articles.

    Returns:
        What the object of the article says, completed by those of the page and the site.
    """
    graph = _Graph()
    for script in scripts:
        graph.add(parse_script(script))
    data = LinkedData()
    for rank, node in _choose(graph, url):
        _read(graph, node, rank, data)
    for node in graph.sites:
        _add(data.sites, graph.names(node.get("name")))
    return data


def _add(values: list[str], found: Iterable[str]) -> None:
    """Appends what is found, as long as there are not too many: objects may refer to one that holds many."""
    values.extend(islice(found, MAX_VALUES - len(values)))


def _read(graph: _Graph, node: Node, rank: int, data: LinkedData) -> None:
    if headline := _headline(node):
        (data.titles if rank == 0 else data.page_titles).append(headline)
    _add(data.languages, graph.names(node.get("inLanguage"), "alternateName", "name"))
    if _ONLY_NAMED.isdisjoint(_types(node)):
        if not data.authors:
            _add(data.authors, graph.names(node.get("author"), "name"))
        if not data.authors:
            _add(data.authors, graph.names(node.get("creator"), "name"))
        for name in ("datePublished", "uploadDate", "dateCreated"):
            _add(data.published, graph.names(node.get(name), "@value"))
        _add(data.modified, graph.names(node.get("dateModified"), "@value"))
        if not data.keywords:
            _add(data.keywords, graph.names(node.get("keywords"), "name"))
        for name in ("isBasedOn", "isBasedOnUrl", "sourceOrganization"):
            sources = list(islice(graph.names(node.get(name), "url", "name", "@id"), 2))
            # Several are a list of references.
            data.sources.extend(sources if len(sources) == 1 else ())
    _add(data.sites, graph.names(node.get("publisher"), "name"))
    if _is_false(node.get("isAccessibleForFree")):
        data.paywalled = True
    elif node.get("isAccessibleForFree") is None:
        parts = [part for part in _values(node.get("hasPart")) if isinstance(part, dict)]
        data.paywalled |= any(_is_false(part.get("isAccessibleForFree")) for part in parts)
