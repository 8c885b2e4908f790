"""The way from a page or a text to an article: every step in order, each in its own module."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from lxml.etree import _Element, _ElementTree
from numpy.typing import NDArray

from noisefilter import assembly, render
from noisefilter.article import Article, Block
from noisefilter.blocks import Blocks
from noisefilter.blocks.page import cut_page
from noisefilter.blocks.text import cut_text
from noisefilter.errors import TooLarge
from noisefilter.explain import BlockExplainer
from noisefilter.extraction import mark_kept
from noisefilter.hidden import threshold_for_hidden, unseen
from noisefilter.intake import check_text, check_title, encodable, load_page
from noisefilter.labels import Label
from noisefilter.limits import Limits
from noisefilter.metadata import Metadata, read_metadata
from noisefilter.model import DEFAULT_MODEL, Model, load_model
from noisefilter.policy import (
    Judged,
    Policy,
    Rules,
    Threshold,
    decide,
    is_long,
    labels_from,
    rules_of,
    threshold_for_code,
    threshold_of,
)
from noisefilter.scoring import extracted_of, score, trusted_of

HtmlInput: TypeAlias = str | bytes | bytearray | memoryview | _Element | _ElementTree
OUTPUT_FORMATS = ("txt", "markdown", "html", "json")


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller wants: checked options of one call."""

    policy: Policy
    keep: Rules
    drop: Rules


def request_of(policy: str | Policy, keep: Iterable[str], drop: Iterable[str], url: str | None) -> Request:
    """Checks the options of a call.

    Raises:
        TypeError: a wrong type.
        ValueError: a wrong policy, label or pattern.
    """
    if isinstance(policy, str):
        policy = _preset(policy)
    elif not isinstance(policy, Policy):
        raise TypeError(f"policy must be a name or a noisefilter.Policy, not {type(policy).__name__}")
    if url is not None and not isinstance(url, str):
        raise TypeError(f"url must be a string, not {type(url).__name__}")
    return Request(policy, rules_of(keep, "keep"), rules_of(drop, "drop"))


@lru_cache(maxsize=8)
def _preset(name: str) -> Policy:
    return Policy(name=name)


class Cleaner:
    """Cleans pages and texts.

    Immutable and safe to share between threads; no state passes from call to call.

    Args:
        model: name of a model that noisefilter ships, path of a model's folder, or None for the default.
        limits: bounds on input, or None for the defaults.

    Raises:
        ModelError: the model's files are missing, damaged or changed.

    Example:
        >>> from noisefilter import Cleaner, Limits
        >>> cleaner = Cleaner(limits=Limits(input_bytes=1_000_000))
        >>> page = "<h1>Tides</h1><p>High water comes twice a day, says the harbour master.</p>"
        >>> article = cleaner.clean(page)
        >>> article.title
        'Tides'
    """

    __slots__ = ("_limits", "_model")
    _model: Model
    _limits: Limits

    def __init__(self, model: str | Path | None = None, limits: Limits | None = None) -> None:
        if model is not None and not isinstance(model, str | Path):
            raise TypeError(f"model must be a name or the path of a folder, not {type(model).__name__}")
        if limits is not None and not isinstance(limits, Limits):
            raise TypeError(f"limits must be a noisefilter.Limits, not {type(limits).__name__}")
        object.__setattr__(self, "_model", load_model(DEFAULT_MODEL if model is None else str(model)))
        object.__setattr__(self, "_limits", limits or Limits())

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Cleaner cannot be changed; make another one")

    def __reduce__(self) -> tuple[type, tuple[str, Limits]]:
        return type(self), (self._model.reference, self._limits)

    def __repr__(self) -> str:
        return f"Cleaner(model={self._model.name!r}, limits={self._limits!r})"

    def clean(
        self,
        html: HtmlInput,
        *,
        url: str | None = None,
        policy: str | Policy = "balanced",
        keep: Iterable[str] = (),
        drop: Iterable[str] = (),
    ) -> Article:
        """Cleans a web page.

        Args:
            html: the page as str, bytes (also compressed) or lxml tree; a tree is not changed.
            url: address of the page.
            policy: ``precision``, ``balanced`` or ``recall``, or a `Policy`.
            keep: labels, or ``re:`` and a pattern on a block's text, of what to keep whatever the model says.
            drop: the same of what to drop; `keep` wins.

        Returns:
            The article; its text is "" and its flags hold ``empty`` where the page has none.

        Raises:
            TypeError: a wrong type.
            ValueError: a wrong policy, label or pattern.
            NoiseFilterError: the input cannot be read; the message says what to do.
        """
        request = request_of(policy, keep, drop, url)
        page = load_page(html, self._limits)
        metadata = read_metadata(page.tree, url and encodable(url))
        blocks, nodes = cut_page(page.tree)
        self._check_blocks(blocks)
        mark_kept(page.tree, blocks, nodes, metadata.url, lambda: load_page(html, self._limits).tree)
        self._check_blocks(blocks)  # text from the page's data may have come on top
        return self._article(blocks, request, metadata, metadata.title, flattened_from=page.flattened_from)

    def clean_text(
        self,
        text: str,
        *,
        title: str | None = None,
        url: str | None = None,
        policy: str | Policy = "balanced",
        keep: Iterable[str] = (),
        drop: Iterable[str] = (),
    ) -> Article:
        """Cleans text that was extracted from a page before.

        Every line that is not blank is a block; in hard-wrapped text every paragraph is one.

        Args:
            text: the text.
            title: of the article, where known; else the first block that is a title becomes it.
            url: address of the page it comes from.
            policy: as for `clean`.
            keep: as for `clean`.
            drop: as for `clean`.

        Returns:
            The article; blocks know their place in `text`, and a text that is all content comes back as it
            was.

        Raises:
            TypeError: a wrong type.
            ValueError: a wrong policy, label or pattern.
            NoiseFilterError: the input cannot be read; the message says what to do.
        """
        request = request_of(policy, keep, drop, url)
        if title is not None and not isinstance(title, str):
            raise TypeError(f"title must be a string, not {type(title).__name__}")
        checked = check_text(text, self._limits)
        title = check_title(title, self._limits) if title else None
        metadata = Metadata(title=title, url=url and encodable(url))
        blocks = cut_text(checked)
        self._check_blocks(blocks)
        return self._article(blocks, request, metadata, title, source=checked)

    def extract(
        self,
        html: HtmlInput,
        url: str | None = None,
        *,
        output_format: str = "txt",
        favor_precision: bool = False,
        favor_recall: bool = False,
        include_comments: bool = False,
        with_metadata: bool = False,
    ) -> str | None:
        """Steps in where `trafilatura.extract` is called.

        Args:
            html: as for `clean`.
            url: address of the page.
            output_format: ``txt``, ``markdown``, ``html`` or ``json``.
            favor_precision: use the policy ``precision``.
            favor_recall: use the policy ``recall``.
            include_comments: keep readers' comments.
            with_metadata: put title, authors, date and so on before the text (txt, markdown); JSON always
                has them.

        Returns:
            The article's text in the format, or None where the page holds no article.

        Raises:
            TypeError: a wrong type, or a keyword that only Trafilatura has.
            ValueError: an unknown format, or both precision and recall.
            NoiseFilterError: the input cannot be read.
        """
        if output_format not in OUTPUT_FORMATS:
            raise ValueError(
                f"output_format must be one of {', '.join(OUTPUT_FORMATS)}, not {output_format!r}"
            )
        if favor_precision and favor_recall:
            raise ValueError("favor_precision and favor_recall exclude each other")
        policy = "precision" if favor_precision else "recall" if favor_recall else "balanced"
        keep = (Label.COMMENT,) if include_comments else ()
        article = self.clean(html, url=url, policy=policy, keep=keep)
        if not article.text:
            return None
        if output_format == "json":
            return json.dumps(article.to_dict(), ensure_ascii=False)
        if output_format == "html":
            return article.html()
        body = article.markdown() if output_format == "markdown" else article.text
        return assembly.metadata_header(article) + body if with_metadata else body

    def _check_blocks(self, blocks: Blocks) -> None:
        longest = max(map(len, blocks.text), default=0)
        for limit, found, what in (
            ("blocks", len(blocks), f"this has {len(blocks):,} blocks"),
            ("block_chars", longest, f"a block of this has {longest:,} characters"),
        ):
            allowed = getattr(self._limits, limit)
            if found > allowed:
                raise TooLarge(
                    limit, allowed, found,
                    f"{what}, more than the {allowed:,} allowed: give it in parts, or allow "
                    f"more with Cleaner(limits=Limits({limit}={found}))",
                )  # fmt: skip

    def _article(
        self,
        blocks: Blocks,
        request: Request,
        metadata: Metadata,
        title: str | None,
        source: str | None = None,
        flattened_from: int = 0,
    ) -> Article:
        policy, model = request.policy, self._model
        if not len(blocks):
            return assembly.empty_article(metadata, model.name, flattened_from)
        marked = blocks.markup is not None
        own_threshold, own_recovery = model.thresholds(marked, policy.name)
        threshold = own_threshold if policy.threshold is None else policy.threshold
        recovery = own_recovery if policy.recovery is None else policy.recovery
        long = is_long(blocks.text)

        def thresholds(words: NDArray[np.float32]) -> NDArray[np.float32]:
            return threshold_of(threshold, policy, words, marked, long)

        def needed(words: NDArray[np.float32], part: Blocks) -> Threshold:
            lowest = labels_from(thresholds(words), recovery, trusted_of(part), request.keep, request.drop)
            if any(part.hidden):  # what shows nothing is dropped at any noise, see `threshold_for_hidden`
                lowest = np.where(unseen(part.text, part.hidden), np.float32(0), lowest).astype(np.float32)
            return lowest

        scores = score(model, blocks, title, metadata, needed)
        judged = Judged(blocks.text, scores.words, scores.noise, scores.label, extracted_of(blocks))
        hidden = blocks.hidden or [False] * len(blocks)
        dropped_from = thresholds(scores.words)
        if not marked and policy.threshold is None:
            dropped_from = threshold_for_code(dropped_from, blocks.kind)
        if any(hidden) and policy.threshold is None:
            dropped_from = threshold_for_hidden(judged, hidden, dropped_from, recovery)
        decisions = decide(judged, policy, dropped_from, recovery, request.keep, request.drop)
        spans: Sequence[tuple[int | None, int | None]] = blocks.span or [(None, None)] * len(blocks)
        out = tuple([
            Block(said, kind, level, label, score, noise, kept, reason, is_hidden, start, end)
            for said, kind, level, (label, score, kept, reason), noise, is_hidden, (start, end) in zip(
                blocks.text, blocks.kind, blocks.level, decisions, scores.noise.tolist(), hidden, spans,
                strict=True,
            )
        ])  # fmt: skip
        text = (
            render.to_text([b for b in out if b.kept]) if source is None else assembly.kept_text(out, source)
        )
        explainer = BlockExplainer(model, blocks, title, metadata)
        return assembly.assemble(
            text, out, metadata, scores.words.tolist(), model.name, explainer, long=long,
            flattened_from=flattened_from, hrefs=blocks.markup.hrefs if blocks.markup is not None else None,
        )  # fmt: skip


@cache
def _default() -> Cleaner:
    return Cleaner()


def clean(
    html: HtmlInput,
    *,
    url: str | None = None,
    policy: str | Policy = "balanced",
    keep: Iterable[str] = (),
    drop: Iterable[str] = (),
) -> Article:
    """Cleans a web page with the default model and limits; see `Cleaner.clean`.

    Example:
        >>> import noisefilter
        >>> page = '''<html><body><h1>Tides</h1><p>By Ada Moor</p>
        ... <p>High water comes twice a day, says the harbour master, who has kept a log for thirty years.</p>
        ... <p>The log shows that the highest tides come a day or two after new moon and full moon.</p>
        ... <p>Sign up for our newsletter</p></body></html>'''
        >>> article = noisefilter.clean(page)
        >>> print(article.text)
        High water comes twice a day, says the harbour master, who has kept a log for thirty years.
        <BLANKLINE>
        The log shows that the highest tides come a day or two after new moon and full moon.
    """
    return _default().clean(html, url=url, policy=policy, keep=keep, drop=drop)


def clean_text(
    text: str,
    *,
    title: str | None = None,
    url: str | None = None,
    policy: str | Policy = "balanced",
    keep: Iterable[str] = (),
    drop: Iterable[str] = (),
) -> Article:
    """Cleans plain text with the default model and limits; see `Cleaner.clean_text`."""
    return _default().clean_text(text, title=title, url=url, policy=policy, keep=keep, drop=drop)


def extract(
    html: HtmlInput,
    url: str | None = None,
    *,
    output_format: str = "txt",
    favor_precision: bool = False,
    favor_recall: bool = False,
    include_comments: bool = False,
    with_metadata: bool = False,
) -> str | None:
    """Steps in where `trafilatura.extract` is called; see `Cleaner.extract`."""
    return _default().extract(
        html,
        url,
        output_format=output_format,
        favor_precision=favor_precision,
        favor_recall=favor_recall,
        include_comments=include_comments,
        with_metadata=with_metadata,
    )
