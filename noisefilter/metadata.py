"""What a page declares about itself: title, authors, date, tags, language, address, site and source."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from noisefilter.dates import parse_date
from noisefilter.jsonld import LinkedData, read_linked_data
from noisefilter.names import clean_authors
from noisefilter.titles import clean_title, cut_site, fold, host_names, is_placeholder, match_key

MAX_TAGS = 50
MAX_KEYWORDS = 15  # in <meta name=keywords>: longer lists are written for search engines
_MAX_TAG_CHARS = 80
_MAX_VALUES = 100  # of one meta name
_MAX_HEADINGS = 5

_TITLE_KEYS = ("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "dcterms.title")
_AUTHOR_KEYS = (
    "author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "citation_author",
    "dc.creator", "dcterms.creator", "article:author_name", "authors", "byl", "cxenseparse:author",
)  # fmt: skip
_PUBLISHED_KEYS = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "og:published_time",
    "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish-date", "publish_date",
    "publication_date", "publicationdate", "citation_publication_date", "citation_date", "dc.date.issued",
    "dcterms.issued", "dc.date.created", "dcterms.created", "dcterms.date", "dc.date", "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime", "article_date_original", "originalpublicationdate", "og:pubdate", "date",
    "datecreated", "uploaddate",
)  # fmt: skip
_MODIFIED_KEYS = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "dcterms.modified",
    "dc.date.modified", "article:modified", "revised", "last-modified",
)  # fmt: skip
_SOURCE_KEYS = ("original-source", "syndication-source")
_TAG_KEYS = ("article:tag", "og:article:tag", "news_keywords", "keywords")

_TAG_BREAK = re.compile(r"\s*[,;、，；\n|]\s*")
_LANGUAGE = re.compile(r"\s*([a-zA-Z]{2,3})(?:[-_][a-zA-Z0-9_-]{1,30})?\s*(?:,|;|$)")
_NO_LANGUAGE = frozenset({"und", "xxx", "zxx", "mul", "mis", "xx"})
# Not read by the first pass; compiled once, an evaluation holds a lock.
_BYLINES = etree.XPath(
    "//*[@itemprop='author' or @rel='author' or @itemprop='datePublished' or @itemprop='dateModified']"
    " | //time[@datetime]"
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page declares about itself.

    Attributes:
        title: headline without the site's name, or None.
        authors: names, may be empty.
        date: ISO 8601 date or date-time of publication, else of the last change, or None.
        tags: topics and keywords, may be empty.
        language: lower-case primary language subtag, or None.
        url: as given, or the canonical address that the page names, or None.
        site: name of the site, or None.
        source: address or name of where the article was taken from, or None.
        paywalled: whether the page says that the article is not accessible for free.
    """

    title: str | None = None
    authors: tuple[str, ...] = ()
    date: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    url: str | None = None
    site: str | None = None
    source: str | None = None
    paywalled: bool = False


@dataclass(slots=True)
class _Found:
    """What one pass over the page collects, as found."""

    meta: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    headings: list[HtmlElement] = field(default_factory=list)
    title: str = ""
    languages: list[str] = field(default_factory=list)

    def values(self, *keys: str) -> Iterator[str]:
        for key in keys:
            yield from self.meta.get(key, ())


def _collect(tree: HtmlElement) -> _Found:
    found = _Found()
    for element in tree.iter("meta", "link", "title", "script", "html", "h1"):
        tag = element.tag
        get = element.get
        if tag == "meta":
            content = get("content")
            if content:
                for attribute in ("property", "name", "itemprop", "http-equiv"):
                    if key := get(attribute):
                        values = found.meta.setdefault(key.strip().lower(), [])
                        if len(values) < _MAX_VALUES:
                            values.append(content)
        elif tag == "link":
            rel, href = get("rel"), get("href")
            if rel and href:
                found.links.setdefault(rel.strip().lower(), href)
        elif tag == "script":
            kind = get("type")
            if kind and "ld+json" in kind and element.text:
                found.scripts.append(element.text)
        elif tag == "h1":
            if len(found.headings) < _MAX_HEADINGS:
                found.headings.append(element)
        elif tag == "title":
            parent = element.getparent()
            # Drawings have titles too.
            if not found.title and element.text and (parent is None or parent.tag in ("head", "html", "body")):
                found.title = element.text
        else:
            found.languages.extend(filter(None, (get("lang"), get("xml:lang"))))
    return found


def _text(element: HtmlElement) -> str:
    return str(etree.tostring(element, method="text", encoding="unicode", with_tail=False))


def _web_address(url: str | None) -> str | None:
    """An absolute http or https address as it is, anything else as None."""
    if not url:
        return None
    url = fold(url)
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:  # "http://[", a port that is no number
        return None
    return url if parts.scheme in ("http", "https") and host and " " not in url else None


def _host(url: str | None) -> str:
    return (urlsplit(url).hostname or "") if url else ""


def _same_site(one: str, other: str) -> bool:
    one, other = one.removeprefix("www."), other.removeprefix("www.")
    return one == other or one.endswith("." + other) or other.endswith("." + one)


def _language(texts: Iterable[str]) -> str | None:
    for text in texts:
        match = _LANGUAGE.match(text)
        if match and (code := match[1].lower()) not in _NO_LANGUAGE:
            return code
    return None


def _title(found: _Found, data: LinkedData, site_keys: set[str]) -> str | None:
    declared = [*data.titles, *found.values(*_TITLE_KEYS), found.title, *data.page_titles]
    titles = [title for text in declared if (title := clean_title(text))]
    headings = [title for element in found.headings if (title := clean_title(_text(element)))]
    shown = {match_key(title) for title in headings}
    known = {key for key in shown.union(match_key(title) for title in titles) if key} - site_keys
    for title in (*titles, *headings):
        if is_placeholder(title, site_keys):
            continue
        title = cut_site(title, site_keys, known - {match_key(title)})
        if not is_placeholder(title, site_keys):
            return title
    return None


def _date(texts: Iterable[str], language: str | None) -> str | None:
    for text in texts:
        if date := parse_date(text, language):
            return date
    return None


def _parse_tags(texts: Iterable[str]) -> tuple[str, ...]:
    tags: dict[str, str] = {}
    for text in texts:
        for part in _TAG_BREAK.split(fold(text[:5000])):
            tag = part.strip(" #\"'")
            if tag and len(tag) <= _MAX_TAG_CHARS and "://" not in tag and any(map(str.isalnum, tag)):
                tags.setdefault(tag.casefold(), tag)
    return tuple(tags.values())


def _tags(found: _Found, data: LinkedData) -> tuple[str, ...]:
    """The tags of the first source that has some; the sources repeat each other in other words."""
    sources = (found.values("article:tag", "og:article:tag"), data.keywords, found.values("news_keywords"))
    for texts in sources:
        if tags := _parse_tags(texts):
            return tags[:MAX_TAGS]
    tags = _parse_tags(found.values("keywords"))
    return tags if len(tags) <= MAX_KEYWORDS else ()


def _source(found: _Found, data: LinkedData, url: str | None, site_keys: set[str]) -> str | None:
    links = (found.links[key] for key in _SOURCE_KEYS if key in found.links)
    for text in (*found.values(*_SOURCE_KEYS), *links, *data.sources):
        if address := _web_address(text):
            if not _same_site(_host(address), _host(url)):
                return address
        elif "://" not in text and not text.startswith(("/", "#", "mailto:")):
            name = clean_title(text)
            if not is_placeholder(name, site_keys):
                return name
    return None


def _read_bylines(tree: HtmlElement) -> tuple[list[str], list[str], list[str]]:
    """Authors, dates of publication and other dates that the body marks up."""
    authors: list[str] = []
    published: list[str] = []
    others: list[str] = []
    elements = _BYLINES(tree)
    assert isinstance(elements, list)
    for element in elements[:_MAX_VALUES]:
        assert isinstance(element, etree._Element)
        prop = element.get("itemprop")
        if prop == "author" or element.get("rel") == "author":
            named = element.find(".//*[@itemprop='name']")
            chosen = element if named is None else named
            authors.append(chosen.get("content") or _text(chosen)[:1000])
        else:
            stamp = element.get("datetime") or element.get("content") or _text(element)[:400]
            (published if prop == "datePublished" or element.get("pubdate") is not None else others).append(stamp)
    return authors, published, others


def read_metadata(tree: HtmlElement, url: str | None = None) -> Metadata:
    """Reads what a page declares about itself in meta elements, JSON-LD and, failing these, its markup.

    Args:
        tree: root of a page, not changed.
        url: address of the page, if known.

    Returns:
        Cleaned values. Whatever is missing or makes no sense is None, () or False; nothing is raised.
    """
    found = _collect(tree)
    canonical = _web_address(found.links.get("canonical"))
    address = _web_address(url) or canonical or next(filter(None, map(_web_address, found.values("og:url"))), None)
    data = read_linked_data(found.scripts, address)

    sites = [name for text in (*found.values("og:site_name"), *data.sites) if (name := clean_title(text))]
    site_keys = {key for site in sites if len(key := match_key(site)) > 1} | host_names(_host(address))
    language = _language(
        (*found.languages, *found.values("content-language", "og:locale", "language", "inlanguage"), *data.languages)
    )

    authors = clean_authors(data.authors, site_keys)
    for key in _AUTHOR_KEYS:
        authors = authors or clean_authors(found.values(key), site_keys)
    date = _date((*data.published, *found.values(*_PUBLISHED_KEYS)), language)
    if not authors or not date:
        bylines, published, others = _read_bylines(tree)
        authors = authors or clean_authors(bylines, site_keys)
        modified = (*data.modified, *found.values(*_MODIFIED_KEYS))
        date = date or _date((*published, *modified, *others), language)

    return Metadata(
        title=_title(found, data, site_keys),
        authors=authors,
        date=date,
        tags=_tags(found, data),
        language=language,
        url=address,
        site=sites[0] if sites else None,
        source=_source(found, data, address, site_keys),
        paywalled=data.paywalled,
    )
