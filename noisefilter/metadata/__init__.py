"""What a page declares about itself: title, authors, date, tags, language, address, site and source."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from noisefilter.metadata.dates import parse_date
from noisefilter.metadata.declared import Found, collect, read_bylines, text_of
from noisefilter.metadata.jsonld import LinkedData, read_linked_data
from noisefilter.metadata.names import clean_authors
from noisefilter.metadata.titles import (
    MAX_DECLARED_CHARS,
    clean_title,
    cut_site,
    fold,
    host_names,
    is_placeholder,
    match_key,
)

MAX_TAGS = 50
MAX_KEYWORDS = 15  # in <meta name=keywords>: longer lists are written for search engines
MAX_ADDRESS_CHARS = 8_000
"""Of an address that is taken for one. Python remembers the last ones that it took apart."""
_MAX_TAG_CHARS = 80

# Names of meta elements, the best first, without punctuation: dc.date and dc:date are one.
_TITLE_KEYS = ("ogtitle", "twittertitle", "parselytitle", "sailthrutitle", "dctitle", "dctermstitle")
_AUTHOR_KEYS = (
    "author", "articleauthor", "ogarticleauthor", "parselyauthor", "sailthruauthor", "citationauthor",
    "dccreator", "dctermscreator", "articleauthorname", "authors", "byl", "cxenseparseauthor",
)  # fmt: skip
_PUBLISHED_KEYS = (
    "articlepublishedtime", "ogarticlepublishedtime", "articlepublished", "datepublished", "ogpublishedtime",
    "parselypubdate", "sailthrudate", "pubdate", "publishdate", "publicationdate", "citationpublicationdate",
    "citationdate", "bepresscitationdate", "dcdateissued", "dctermsissued", "dcdatecreated", "dctermscreated",
    "dctermsdate", "dcdate", "cxenseparserecspublishtime", "cxenseparsepublishtime", "articledateoriginal",
    "originalpublicationdate", "ogpubdate", "date", "datecreated", "uploaddate",
)  # fmt: skip
_MODIFIED_KEYS = (
    "articlemodifiedtime", "ogarticlemodifiedtime", "ogupdatedtime", "datemodified", "dateupdate",
    "dctermsmodified", "dcdatemodified", "articlemodified", "revised", "lastmodified",
)  # fmt: skip
_SOURCE_KEYS = ("originalsource", "syndicationsource")
# WordPress plugins name the author in the second half of a card's label and data.
_WRITTEN_BY = re.compile(
    r"(?:written|posted) by|(?:verfasst|geschrieben) von|écrit par|escrito por|scritto da|autor",
    re.IGNORECASE,
)
_URL_DATE = re.compile(r"/((?:19|20)[0-9]{2}[/-][0-9]{1,2}[/-][0-9]{1,2})(?![0-9])")

# "category:travel", an identifier: tags for machines.
_TAG_CODE = re.compile(r"[a-z_]+:\S|[0-9a-f-]{32,36}$")
_TAG_BREAK = re.compile(r"[,;、，；|]")
_LANGUAGE = re.compile(r"\s*([a-zA-Z]{2,3})(?:[-_][a-zA-Z0-9_-]{1,30})?\s*(?:,|;|$)")
_NO_LANGUAGE = frozenset({"und", "xxx", "zxx", "mul", "mis", "xx", "utf", "iso", "win"})


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


def _web_address(url: str | None) -> str | None:
    """An absolute http or https address as it is, anything else as None."""
    if not url or len(url) > MAX_ADDRESS_CHARS:
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
    """Whether two hosts have the same main label: news.example.com and www.example.co.uk do."""
    return not host_names(one).isdisjoint(host_names(other))


def _language(texts: Iterable[str]) -> str | None:
    for text in texts:
        match = _LANGUAGE.match(text)
        if match and (code := match[1].lower()) not in _NO_LANGUAGE:
            return code
    return None


def _title(found: Found, data: LinkedData, site_keys: set[str]) -> str | None:
    # Most repeat each other.
    texts = dict.fromkeys((*data.titles, *found.values(*_TITLE_KEYS), found.title, *data.page_titles))
    declared = list(dict.fromkeys(title for text in texts if (title := clean_title(text))))
    headings = [
        title for element in found.headings if (title := clean_title(text_of(element, MAX_DECLARED_CHARS)))
    ]
    known = {match_key(title) for title in (*declared, *headings)} - site_keys - {""}

    def finish(titles: list[str]) -> list[str]:
        rests = (cut_site(title, site_keys, known) for title in titles)
        return [title for title in rests if not is_placeholder(title, site_keys)]

    declared, headings = finish(declared), finish(headings)
    shown = {match_key(title) for title in headings}
    if not data.titles and len(shown) <= 2:
        # Cards and search engines may get another wording than the reader, who sees the heading.
        titles = [title for title in declared if match_key(title) in shown] + headings + declared
    else:
        titles = declared + headings
    return titles[0] if titles else None


def _card_authors(found: Found) -> Iterator[str]:
    for number in "12":
        if any(map(_WRITTEN_BY.match, found.values("twitterlabel" + number))):
            yield from found.values("twitterdata" + number)


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
            if len(tag) <= _MAX_TAG_CHARS and any(map(str.isalnum, tag)) and not _TAG_CODE.match(tag):
                tags.setdefault(tag.casefold(), tag)
    return tuple(tags.values())


def _tags(found: Found, data: LinkedData) -> tuple[str, ...]:
    """The tags of the first source that has some; the sources repeat each other in other words."""
    sources = (found.values("articletag", "ogarticletag"), found.values("newskeywords"), data.keywords)
    for texts in sources:
        if tags := _parse_tags(texts):
            return tags[:MAX_TAGS]
    tags = _parse_tags(found.values("keywords"))
    return tags if len(tags) <= MAX_KEYWORDS else ()


def _source(found: Found, data: LinkedData, url: str | None, site_keys: set[str]) -> str | None:
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


def read_metadata(tree: HtmlElement, url: str | None = None) -> Metadata:
    """Reads what a page declares about itself in meta elements, JSON-LD and, failing these, its markup.

    Args:
        tree: root of a page, not changed.
        url: address of the page, if known.

    Returns:
        Cleaned values. Whatever is missing or makes no sense is None, () or False; nothing is raised.
    """
    found = collect(tree)
    addresses = (found.links.get("canonical"), *found.values("ogurl"))
    address = url if _web_address(url) else next(filter(None, map(_web_address, addresses)), None)
    data = read_linked_data(found.scripts, address)

    sites = [name for text in (*found.values("ogsitename"), *data.sites) if (name := clean_title(text))]
    own_keys = {key for site in sites if len(key := match_key(site)) > 1}
    host_keys = host_names(_host(address))
    site_keys = own_keys | host_keys
    languages = found.values("contentlanguage", "oglocale", "language", "inlanguage")
    language = _language((*found.languages, *languages, *data.languages))

    authors = clean_authors(data.authors, own_keys, host_keys)
    for texts in (*map(found.values, _AUTHOR_KEYS), _card_authors(found)):
        authors = authors or clean_authors(texts, own_keys, host_keys)
    date = _date((*data.published, *found.values(*_PUBLISHED_KEYS)), language)
    if not authors or not date:
        bylines, published, modified = read_bylines(tree)
        authors = authors or clean_authors(bylines, own_keys, host_keys)
        date = date or _date((*published, *_URL_DATE.findall(address or "")), language)
        date = date or _date((*data.modified, *found.values(*_MODIFIED_KEYS), *modified), language)
        date = date or _date((*found.times, *found.times_above), language)

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
