"""Puts an article together: text, metadata that only blocks tell, quality and flags."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from noisefilter.article import Article, Block, Explainer
from noisefilter.labels import Flag, Label, Reason
from noisefilter.metadata import Metadata
from noisefilter.metadata.dates import parse_date

LOW_QUALITY = 0.5
LONG_BLOCKS = 5_000
DEEP_ELEMENTS = 250  # where Trafilatura alone gives up
_MIN_HIDDEN_WORDS = 5
_MAX_BYLINE_WORDS = 8  # a longer byline block is the author's biography
_SURE = 0.5

_BY = re.compile(
    r"^\s*(?:(?:written|posted|published|reported|words|text)\s+by|by|von|par|por|de|di|door|av|af|autor(?:in)?|author|"
    r"автор|المؤلف|作者|記者|文)\s*[:：]?\s+",
    re.IGNORECASE,
)
_TAG_HEAD = re.compile(
    r"^\s*(?:tags?|tagged|topics?|keywords?|categor(?:y|ies)|filed under|posted in|schlagw[oö]rter|"
    r"schlagworte|themen|"
    r"mots[- ]cl[eé]s|etiquetas|tag|теги|метки|标签|標籤|タグ|キーワード|태그|الوسوم)\s*[:：]\s*",
    re.IGNORECASE,
)
_TAG_BREAK = re.compile(r"\s*[,;、，؛|·•]\s*|\s+(?=#)")
_SUBSCRIBE = re.compile(
    r"subscri|sign in|log ?in|abonn|\babo\b|suscri|assin|inscri|anmeld|registrier|"
    r"подпис|войти|订阅|登录|会員|購読|구독|اشترك",
    re.IGNORECASE,
)
_URL = re.compile(r"https?://[^\s<>\"']+")


def kept_text(blocks: Sequence[Block], source: str) -> str:
    """The kept blocks of plain text with the separators that stood between them.

    Where blocks between two kept ones were dropped, the longest of the separators stays.
    """
    if all(block.kept for block in blocks):
        return source
    parts: list[str] = []
    gap, previous = "", 0
    for number, block in enumerate(blocks):
        assert block.start is not None and block.end is not None
        between = source[previous : block.start]
        previous = block.end
        if number == 0:
            gap = between if block.kept else ""
        elif parts:
            gap = max(gap, between, key=lambda text: text.count("\n"))
        if block.kept:
            parts.extend((gap, source[block.start : block.end]))
            gap = ""
    if blocks and blocks[-1].kept:
        parts.append(source[previous:])
    return "".join(parts)


def _of(blocks: Sequence[Block], label: Label) -> Iterable[Block]:
    return (block for block in blocks if block.label is label and block.noise >= _SURE)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple({value.casefold(): value for value in reversed(tuple(values)) if value}.values())[::-1]


def _authors(blocks: Sequence[Block]) -> tuple[str, ...]:
    names = []
    for block in _of(blocks, Label.BYLINE):
        name = _BY.sub("", block.text.splitlines()[0]).strip(" |,–—-")
        if name and len(name.split()) <= _MAX_BYLINE_WORDS and any(c.isalpha() for c in name):
            names.append(name)
    return _unique(names[:5])


def _date(blocks: Sequence[Block], language: str | None) -> str | None:
    for label in (Label.DATE, Label.BYLINE):
        for block in _of(blocks, label):
            if (date := parse_date(block.text, language)) is not None:
                return date
    return None


def _tags(blocks: Sequence[Block]) -> tuple[str, ...]:
    tags: list[str] = []
    for block in _of(blocks, Label.TAGS):
        text = _TAG_HEAD.sub("", block.text)
        tags.extend(tag.strip(" #.:") for tag in _TAG_BREAK.split(text))
    return _unique(tag for tag in tags if 0 < len(tag) <= 80)


def _source(blocks: Sequence[Block], hrefs: Sequence[tuple[str, ...]] | None) -> str | None:
    for number, block in enumerate(blocks):
        if block.label is not Label.SOURCE or block.noise < _SURE:
            continue
        if (found := _URL.search(block.text)) is not None:
            return found.group().rstrip(".,;:)")
        link = next((h for h in hrefs[number] if h.startswith("http")), None) if hrefs is not None else None
        return link or block.text
    return None


def _title(blocks: Sequence[Block]) -> str | None:
    return next((block.text for block in _of(blocks, Label.TITLE)), None)


def _flags(
    blocks: Sequence[Block],
    metadata: Metadata,
    words: Sequence[float],
    signals: Mapping[str, float],
    extracted: NDArray[np.bool_] | None,
) -> frozenset[Flag]:
    flags = set()
    noise = [block for block in blocks if block.noise >= _SURE]
    if not any(block.kept for block in blocks):
        flags.add(Flag.EMPTY)
    elif signals["quality"] < LOW_QUALITY:
        flags.add(Flag.LOW_QUALITY)
    walls = [block for block in noise if block.label is Label.CONSENT]
    if walls:
        flags.add(Flag.CONSENT)
    kept = [number for number, block in enumerate(blocks) if block.kept]
    near = blocks[kept[0] : kept[-1] + 4] if kept else blocks
    if metadata.paywalled or any(
        b.label is Label.CONSENT and b.noise >= _SURE and _SUBSCRIBE.search(b.text) for b in near
    ):
        flags.add(Flag.PAYWALL)
    if any(block.label is Label.SPAM and block.score >= _SURE for block in noise):
        flags.add(Flag.SPAM)
    for number, block in enumerate(blocks):
        shown = block.kept or (extracted is not None and bool(extracted[number])) or block.label is Label.SPAM
        if block.hidden and shown and words[number] >= _MIN_HIDDEN_WORDS:
            flags.add(Flag.HIDDEN_TEXT)
            break
    if any(block.reason is Reason.BUDGET for block in blocks):
        flags.add(Flag.REMOVAL_BUDGET)
    if len(blocks) > LONG_BLOCKS:
        flags.add(Flag.LONG)
    if signals["depth"] > DEEP_ELEMENTS:
        flags.add(Flag.DEEP)
    return frozenset(flags)


def assemble(
    text: str,
    blocks: tuple[Block, ...],
    metadata: Metadata,
    words: Sequence[float],
    model: str,
    explainer: Explainer | None,
    *,
    extracted: NDArray[np.bool_] | None = None,
    hrefs: Sequence[tuple[str, ...]] | None = None,
    depth: int = 0,
) -> Article:
    """Makes the article.

    Args:
        text: of the kept blocks.
        blocks: all of them.
        metadata: what the page declares; blocks labelled so fill its gaps.
        words: number of words of each block.
        model: name of the model.
        explainer: works out evidence.
        extracted: which blocks Trafilatura kept, on pages.
        hrefs: link targets of each block, on pages.
        depth: nesting of the page's elements.
    """
    kept_words = sum(count for count, block in zip(words, blocks, strict=True) if block.kept)
    expected = sum(
        count * (1 - block.noise) for count, block in zip(words, blocks, strict=True) if block.kept
    )
    quality = expected / kept_words if kept_words else 0.0
    signals = {
        "quality": quality,
        "words": sum(words),
        "words_kept": kept_words,
        "blocks": float(len(blocks)),
        "blocks_kept": float(sum(block.kept for block in blocks)),
        "depth": float(depth),
    }
    return Article(
        text=text,
        title=metadata.title or _title(blocks),
        authors=metadata.authors or _authors(blocks),
        date=metadata.date or _date(blocks, metadata.language),
        tags=metadata.tags or _tags(blocks),
        source=_source(blocks, hrefs) or metadata.source,
        language=metadata.language,
        url=metadata.url,
        quality=min(max(quality, 0.0), 1.0),
        flags=_flags(blocks, metadata, words, signals, extracted),
        blocks=blocks,
        model=model,
        signals=signals,
        _explainer=explainer,
    )


def empty_article(metadata: Metadata, model: str, depth: int) -> Article:
    """The article of a page without any text."""
    return assemble("", (), metadata, (), model, None, depth=depth)


def metadata_header(article: Article) -> str:
    """Title, authors, date and so on as YAML front matter, with strings quoted as in JSON."""
    fields: dict[str, object] = {
        "title": article.title,
        "authors": list(article.authors),
        "date": article.date,
        "tags": list(article.tags),
        "source": article.source,
        "language": article.language,
        "url": article.url,
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value]
    return "\n".join(("---", *lines, "---", "", "")) if lines else ""
