"""What must hold for any page and any text, as plain functions that tell what does not.

`check_page` and `check_text` run all that is cheap on one input. A property is a generator that yields a
line for everything that is wrong, so none that holds says anything.
"""

import json
import math
import re
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from lxml import etree

import noisefilter
from noisefilter import Article, Cleaner, Label, NoiseFilterError, Policy, Reason
from noisefilter.cleaner import HtmlInput
from tools.fuzz.sources import Failures, offsets, own_text, page_text, plain_text

Outcome: TypeAlias = Article | type[NoiseFilterError]
"""An article, or the kind of error that refused the input."""

KEPT_REASONS = frozenset({
    Reason.CONTENT, Reason.RECOVERED, Reason.TREATMENT, Reason.BUDGET, Reason.KEEP_RULE
})  # fmt: skip
HTML_TAGS = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "li", "table", "tr", "td", "pre", "code", "blockquote"
})  # fmt: skip
"""All that `Article.html` may hold, each without attributes."""
MARK = "\ufeff".encode()
THRESHOLDS = (0.1, 0.5, 0.9)
MAX_EXPLAINED = 4
_PACKAGE = Path(noisefilter.__file__).parent
_SMALL = 1e-3  # of probabilities, which are of single precision, and of sums of many weights


@cache
def default_cleaner() -> Cleaner:
    """A cleaner with the default model and limits."""
    return Cleaner()


def outcome(call: Callable[[], Article]) -> Outcome:
    """What a call gives; an error that is none of noisefilter's goes through."""
    try:
        return call()
    except NoiseFilterError as error:
        return type(error)


def check_page(data: HtmlInput, cleaner: Cleaner | None = None, turn: int | None = None) -> list[str]:
    """Cleans a page and runs every property on the outcome that takes no more than a few calls.

    Args:
        data: the page.
        cleaner: to clean it with; one with the default model and limits if None.
        turn: which of the properties that clean it again is run, any number; all if None.

    Returns:
        For each failure the name of the property and what was wrong; empty if all hold.
    """
    cleaner = cleaner or default_cleaner()
    clean = partial(cleaner.clean, data)
    checks: list[Callable[[Article], Failures]] = [partial(own_text, data), page_text]
    again: dict[str, Callable[[Outcome], Failures]] = {}
    if isinstance(data, str | bytes):
        again["str equals bytes"] = lambda _: str_equals_bytes(data, cleaner)
    return _checked(clean, checks, again, turn)


def check_text(text: str, cleaner: Cleaner | None = None, turn: int | None = None) -> list[str]:
    """Cleans a plain text and runs every property on the outcome that takes no more than a few calls.

    Args:
        text: the text.
        cleaner: as for `check_page`.
        turn: as for `check_page`.

    Returns:
        As of `check_page`.
    """
    cleaner = cleaner or default_cleaner()
    checks: list[Callable[[Article], Failures]] = [partial(offsets, text), partial(plain_text, text)]
    return _checked(partial(cleaner.clean_text, text), checks, {}, turn)


def _checked(
    call: Callable[..., Article],
    checks: Iterable[Callable[[Article], Failures]],
    more: Mapping[str, Callable[[Outcome], Failures]],
    turn: int | None,
) -> list[str]:
    """The failures of one input: of the checks given and of those that hold for pages and texts alike."""
    try:
        found = outcome(call)
    except Exception as error:
        return [_raised(error)]
    failures: list[str] = []
    again: dict[str, Callable[[Outcome], Failures]] = {"same again": lambda found: _same(found, call), **more}
    if isinstance(found, Article):
        for check in (*checks, consistent, serialised, rendered, explained):
            failures += _named(_name(check), check(found))
        article = found
        again["rules win"] = lambda _: rules_win(article, call)
        again["thresholds are ordered"] = lambda _: thresholds_are_ordered(call)
    for number, (name, one) in enumerate(again.items()):
        if turn is None or turn % len(again) == number:
            failures += _named(name, one(found))
    return failures


def _name(check: Callable[..., Failures]) -> str:
    function = check.func if isinstance(check, partial) else check
    return str(function.__name__).replace("_", " ")


def _named(name: str, failures: Failures) -> list[str]:
    found: list[str] = []
    try:
        found.extend(f"{name}: {failure}" for failure in failures)
    except Exception as error:
        found.append(f"{name}: {_raised(error)}")
    return found


def _raised(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _PACKAGE in Path(frame.filename).parents] or frames
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}, {ours[-1].name}"
    return f"raised {type(error).__name__}: {str(error)[:200]!r} at {place}"


def _same(found: Outcome, call: Callable[[], Article]) -> Failures:
    if outcome(call) != found:
        yield "the second call answered otherwise"


def str_equals_bytes(data: str | bytes, cleaner: Cleaner) -> Failures:
    """A page as str is the same page as its UTF-8 bytes behind a byte order mark."""
    try:
        text = data if isinstance(data, str) else data.decode()
        encoded = text.encode()
    except UnicodeError:
        return
    marked = encoded if encoded.startswith(MARK) else MARK + encoded
    one, other = (outcome(partial(cleaner.clean, value)) for value in (text, marked))
    if one != other:
        yield f"{_short(one)} against {_short(other)}"


def _short(found: Outcome) -> str:
    return (
        f"{found.text[:80]!r}, {len(found.blocks)} blocks" if isinstance(found, Article) else found.__name__
    )


def consistent(article: Article) -> Failures:
    """Every block is kept or dropped for a reason that fits, and probabilities are probabilities."""
    if not 0 <= article.quality <= 1:
        yield f"quality is {article.quality}"
    signals = article.signals
    n_kept = sum(block.kept for block in article.blocks)
    if (signals.blocks, signals.blocks_kept) != (len(article.blocks), n_kept):
        yield f"signals count {signals.blocks_kept} of {signals.blocks} blocks kept"
    if not 0 <= signals.words_kept <= signals.words:
        yield f"signals count {signals.words_kept} of {signals.words} words kept"
    for number, block in enumerate(article.blocks):
        if not (0 <= block.noise <= 1 and 0 <= block.score <= 1):  # false for NaN too
            yield f"block {number} has noise {block.noise} and score {block.score}"
        if block.kept is not (block.reason in KEPT_REASONS):
            yield f"block {number} is kept={block.kept} for the reason {block.reason}"
        if not block.kept and block.label is Label.CONTENT:
            yield f"block {number} was dropped as content"


def serialised(article: Article) -> Failures:
    """`to_dict` survives JSON, also as UTF-8."""
    made = article.to_dict()
    text = json.dumps(made, ensure_ascii=False, allow_nan=False)
    if json.loads(text.encode()) != made:
        yield "to_dict is not the same after JSON"


def rendered(article: Article) -> Failures:
    """Markdown and HTML can be written, and the HTML is well-formed and has nothing active in it."""
    article.markdown().encode()
    root = etree.fromstring(f"<div>{article.html()}</div>", etree.XMLParser(huge_tree=True))
    for element in root.iterdescendants():
        if element.tag not in HTML_TAGS or element.attrib:
            yield f"html() has {etree.tostring(element)[:80]!r}"


def explained(article: Article) -> Failures:
    """The evidence on a block adds up to its log-odds of noise; some blocks are tried."""
    step = max(len(article.blocks) // MAX_EXPLAINED, 1)
    for block in article.blocks[::step]:
        total = sum(evidence.weight for evidence in article.explain(block))
        probability = 1 / (1 + math.exp(-min(max(total, -500), 500)))
        if not abs(probability - block.noise) <= _SMALL:
            yield f"{block.text[:80]!r} has noise {block.noise}, its evidence says {probability}"


def rules_win(article: Article, call: Callable[..., Article]) -> Failures:
    """What the caller wants kept is kept, and what is not to be dropped goes; `keep` is the stronger.

    Args:
        article: of the call without rules.
        call: takes `keep` and `drop`.
    """
    if not article.blocks:
        return
    chosen = article.blocks[len(article.blocks) // 2]
    pattern = re.compile(rf"\A{re.escape(chosen.text)}\Z")
    found = call(keep=(f"re:{pattern.pattern}",), drop=("re:",))
    for number, block in enumerate(found.blocks):
        wanted = pattern.search(block.text) is not None
        if (block.kept, block.reason) != (wanted, Reason.KEEP_RULE if wanted else Reason.DROP_RULE):
            yield f"block {number}, by pattern kept={wanted}, is {block.reason}"
    noise = Counter(block.label for block in article.blocks if block.label is not Label.CONTENT)
    if not noise:
        return
    label = noise.most_common(1)[0][0]
    for number, block in enumerate(call(keep=(label,), drop=(label,)).blocks):
        if block.label is label and not block.kept:
            yield f"block {number} is {label}, to be kept, and is {block.reason}"
    for number, block in enumerate(call(drop=(label,)).blocks):
        if block.label is label and block.kept:
            yield f"block {number} is {label}, to be dropped, and is {block.reason}"


def thresholds_are_ordered(
    call: Callable[..., Article], thresholds: Iterable[float] = THRESHOLDS
) -> Failures:
    """With all else equal, recovery and budget too, a higher threshold keeps what a lower one kept.

    Args:
        call: takes `policy`.
        thresholds: ascending.
    """
    found = [call(policy=Policy(threshold=threshold)) for threshold in thresholds]
    for low, high in pairwise(found):
        for number, (before, after) in enumerate(zip(low.blocks, high.blocks, strict=True)):
            if before.noise != after.noise:
                yield f"block {number} has another score"
            if before.kept and not after.kept:
                yield f"block {number} goes at a higher threshold: {before.reason}, {after.reason}"
