"""Puts an article together: text, metadata, quality and flags."""

import json
import re
from collections.abc import Iterable, Sequence

from noisefilter.article import Article, Block, Explainer, Signals
from noisefilter.fields import authors_of, date_of, source_of, tags_of, title_of
from noisefilter.labels import Flag, Label, Reason
from noisefilter.metadata import Metadata
from noisefilter.policy import LIKELY

LOW_QUALITY = 0.5
_SURE = 0.5
_NEAR = 3  # blocks before the first and behind the last kept one that stand with the article
_WALL = 0.7  # score of a notice that counts for the flags

_SUBSCRIBE = re.compile(
    r"\bsubscri|\b(?:sign|log) ?in\b|\babonn|\babo\b|\bsuscri|\bassin(?:e|ante)|\binscri|"
    r"\banmeld|\bregistrier|подпис|войти|订阅|登录|会員|購読|구독|اشترك",
    re.IGNORECASE,
)
_COOKIES = re.compile(r"cookie|куки|クッキー|쿠키|ملفات تعريف", re.IGNORECASE)


def kept_text(blocks: Sequence[Block], source: str) -> str:
    """The kept blocks of plain text with the separators that stood between them.

    Where blocks between two kept ones were dropped, the longest of the separators stays.
    """
    if all(block.kept for block in blocks):
        return source
    parts: list[str] = []
    gap, lines, previous = "", 0, 0
    for number, block in enumerate(blocks):
        assert block.start is not None and block.end is not None
        between = source[previous : block.start]
        previous = block.end
        if number == 0:
            gap = between if block.kept else ""
        elif parts and (found := between.count("\n")) > lines:
            gap, lines = between, found
        if block.kept:
            parts.extend((gap, source[block.start : block.end]))
            gap, lines = "", 0
    if blocks and blocks[-1].kept:
        parts.append(source[previous:])
    return "".join(parts)


def _flags(blocks: Sequence[Block], metadata: Metadata, quality: float) -> Iterable[Flag]:
    kept = [number for number, block in enumerate(blocks) if block.kept]
    if not kept:
        yield Flag.EMPTY
    elif quality < LOW_QUALITY:
        yield Flag.LOW_QUALITY
    consent, spam = Label.CONSENT, Label.SPAM
    walls = [number for number, b in enumerate(blocks) if b.label is consent and b.score >= _WALL]
    if walls:
        yield Flag.CONSENT
    near = range(kept[0], kept[-1] + _NEAR + 1) if kept else range(len(blocks))
    if metadata.paywalled or any(i in near and _is_wall(blocks[i].text) for i in walls):
        yield Flag.PAYWALL
    # That noise is hidden speaks for spam: there it need only be the likeliest label.
    sure = [
        number
        for number, b in enumerate(blocks)
        if b.label is spam
        and (b.score >= _SURE or (b.hidden and b.noise >= LIKELY and b.score >= _SURE * b.noise))
    ]
    # What stands apart is mostly a list of other sites or of blogs, which looks the same.
    with_article = range(near.start - _NEAR, near.stop)
    if any(i in with_article or blocks[i].hidden for i in sure):
        yield Flag.SPAM
    if any(blocks[i].hidden for i in sure) or any(block.hidden and block.kept for block in blocks):
        yield Flag.HIDDEN_TEXT
    budget = Reason.BUDGET
    if any(block.reason is budget for block in blocks):
        yield Flag.REMOVAL_BUDGET


def _is_wall(text: str) -> bool:
    """Whether a notice asks to subscribe or to log in, and not to accept cookies."""
    return _SUBSCRIBE.search(text) is not None and _COOKIES.search(text) is None


def assemble(
    text: str,
    blocks: tuple[Block, ...],
    metadata: Metadata,
    words: Sequence[float],
    model: str,
    explainer: Explainer | None,
    *,
    long: bool = False,
    hrefs: Sequence[tuple[str, ...]] | None = None,
    flattened_from: int = 0,
) -> Article:
    """Makes the article.

    Args:
        text: of the kept blocks.
        blocks: all of them.
        metadata: what the page declares; blocks labelled so fill its gaps.
        words: number of words of each block.
        model: name of the model.
        explainer: works out evidence.
        long: whether it is longer than any that the model has learnt from.
        hrefs: link targets of each block, on pages.
        flattened_from: nesting of the page's elements, if it was too deep, else 0.
    """
    kept = [(count, block.noise) for count, block in zip(words, blocks, strict=True) if block.kept]
    kept_words = sum([count for count, _ in kept])
    expected = sum([count * (1 - noise) for count, noise in kept])
    quality = min(max(expected / kept_words, 0.0), 1.0) if kept_words else 0.0
    flags = set(_flags(blocks, metadata, quality))
    if long:
        flags.add(Flag.LONG)
    if flattened_from:
        flags.add(Flag.DEEP)
    signals = Signals(sum(words), kept_words, len(blocks), len(kept), flattened_from)
    noise = [block for block in blocks if block.label is not Label.CONTENT]
    return Article(
        text=text,
        title=metadata.title or title_of(noise),
        authors=metadata.authors or authors_of(noise),
        date=metadata.date or date_of(noise, metadata.language),
        tags=metadata.tags or tags_of(noise),
        source=source_of(blocks, hrefs, metadata.url) or metadata.source,
        language=metadata.language,
        url=metadata.url,
        quality=quality,
        flags=frozenset(flags),
        blocks=blocks,
        model=model,
        signals=signals,
        _explainer=explainer,
    )


def empty_article(metadata: Metadata, model: str, flattened_from: int) -> Article:
    """The article of a page without any text."""
    return assemble("", (), metadata, (), model, None, flattened_from=flattened_from)


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
