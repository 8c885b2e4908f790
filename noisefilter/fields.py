"""What the dropped blocks tell of an article: headline, authors, date, tags and source."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urljoin

from noisefilter.article import Block
from noisefilter.labels import Label, Reason
from noisefilter.metadata import MAX_ADDRESS_CHARS
from noisefilter.metadata.dates import parse_date
from noisefilter.metadata.names import clean_authors, is_name
from noisefilter.smuggling import shown

_MAX_BYLINES = 5
_MAX_BYLINE_WORDS = 8  # a longer byline block is the author's biography
_SURE, _VERY_SURE = 0.5, 0.8

_TAG_HEAD = re.compile(
    r"^\s*(?:(?:tags?|tagged(?: with)?|topics?|keywords?|categor(?:y|ies)|filed under|posted in|"
    r"schlagw[oö]rter|schlagworte|themen|mots[- ]cl[eé]s|etiquetas|etichette|archivado en|categor[ií]as?|"
    r"categorie|теги|метки|标签|標籤|タグ|キーワード|태그|الوسوم)\s*[:：]\s*|"
    r"(?:tags|filed under|tagged with|posted in|archivado en)\s+)",
    re.IGNORECASE,
)
_TAG_BREAK = re.compile(r"[,;、，؛|·•]| (?=#)")
_BARE_COMMA = re.compile(r",(?=\S)")
_BY = re.compile(r"(?:by|von|par|por|door|author|autor|автор|作者|記者|文)[\s:：]", re.IGNORECASE)
# Digits, addresses and marks of labels and sentences.
_NO_NAME = re.compile(r"[\d@#:!?%+/|]|\bhttp")
_URL = re.compile(r"https?://[^\s<>\"']+")


def _of(blocks: Sequence[Block], label: Label) -> Iterable[Block]:
    """The blocks that are of a label; one that Trafilatura left out must be more likely noise than not."""
    return (
        block
        for block in blocks
        if block.label is label and (block.reason is not Reason.NOT_EXTRACTED or block.noise >= _SURE)
    )


def _likely(blocks: Sequence[Block], label: Label) -> Iterable[Block]:
    """Those whose label is more likely than all other labels of noise together: no lone side-bar heading."""
    return (block for block in _of(blocks, label) if block.score >= _SURE * block.noise)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple({value.casefold(): value for value in reversed(tuple(values)) if value}.values())[::-1]


def authors_of(blocks: Sequence[Block]) -> tuple[str, ...]:
    """The names in the first byline that holds any; biographies, labels and menus are no names.

    A short byline without a name, such as Admin, stands as it is if the model is sure of it.
    """
    lines = []
    for block in _likely(blocks, Label.BYLINE):
        line = " ".join(block.text.split())
        sure = block.score >= _VERY_SURE * block.noise
        if len(line.split()) <= _MAX_BYLINE_WORDS and (sure or _BY.match(line)):
            lines.append(line)
    for line in lines[:_MAX_BYLINES]:
        names = tuple(name for name in clean_authors([line]) if is_name(name) and not _NO_NAME.search(name))
        if names:
            return names
    return tuple(line for line in lines if line.isalpha())[:1]


def date_of(blocks: Sequence[Block], language: str | None) -> str | None:
    """The first date in a date line or byline, ISO 8601."""
    for label in (Label.DATE, Label.BYLINE):
        for block in _of(blocks, label):
            if (date := parse_date(block.text, language)) is not None:
                return date
    return None


def tags_of(blocks: Sequence[Block]) -> tuple[str, ...]:
    """The entries of the lists of tags."""
    tags: list[str] = []
    for block in _likely(blocks, Label.TAGS):
        text = _TAG_HEAD.sub("", " ".join(block.text.split()))
        # Archives list "Last, First,Topic": where some commas stand without a blank, only those part entries.
        archive = ", " in text and _BARE_COMMA.search(text) is not None
        tags.extend(tag.strip(" #.:") for tag in (_BARE_COMMA if archive else _TAG_BREAK).split(text))
    return _unique(tag for tag in tags if 0 < len(tag) <= 80)


def source_of(
    blocks: Sequence[Block], hrefs: Sequence[tuple[str, ...]] | None, url: str | None
) -> str | None:
    """The address that a source line names or links to, else the line itself."""
    block = next(iter(_likely(blocks, Label.SOURCE)), None)
    if block is None:
        return None
    if (found := _URL.search(block.text)) is not None:
        return found.group().rstrip(".,;:)")
    targets = hrefs[blocks.index(block)] if hrefs is not None else ()
    for href in targets:
        if len(href) > MAX_ADDRESS_CHARS:
            continue
        try:
            target = urljoin(url or "", href)
        except ValueError:  # "http://[" and the like
            continue
        if target.startswith(("http:", "https:")) and target != url:
            return target
    return " ".join(block.text.split())


def title_of(blocks: Sequence[Block]) -> str | None:
    """The first headline."""
    block = next(iter(_of(blocks, Label.TITLE)), None)
    return None if block is None else " ".join(shown(block.text).split())
