"""From scores and the caller's rules to what is kept, with a reason for every block."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from noisefilter.labels import PRESETS, Kind, Label, Reason, Treatment

BUDGET_MIN_WORDS = 15
BUDGET_MAX_NOISE = 0.98
LIKELY = 0.4
SENTENCE_WORDS, SENTENCE_MARGIN = 10, 0.45
SURE = 0.95
LONG_BLOCKS, LONG_CHARS, LONG_BLOCK_CHARS = 2_000, 150_000, 20_000
"""Blocks, characters, or characters of one block from which on a page or text is long.

Of the 2,561 pages that there are to train and measure on, two have as many blocks, none as many characters,
and two such a block.
"""
Threshold: TypeAlias = float | NDArray[np.float32]
LABELS = tuple(Label)
_LABELS, _REASONS = np.array(LABELS, dtype=object), np.array(tuple(Reason), dtype=object)
_CONTENT = LABELS.index(Label.CONTENT)
_AS_CONTENT, _RECOVERED, _TREATMENT, _BUDGET, _NOISE, _NOT_EXTRACTED = map(
    tuple(Reason).index,
    (Reason.CONTENT, Reason.RECOVERED, Reason.TREATMENT, Reason.BUDGET, Reason.NOISE, Reason.NOT_EXTRACTED),
)

_DROP_ALL: Mapping[Label, Treatment] = MappingProxyType(
    {label: Treatment.DROP for label in Label if label is not Label.CONTENT}
)


def _treatments(given: Mapping[Label, Treatment]) -> dict[Label, Treatment]:
    if not isinstance(given, Mapping):
        raise TypeError(f"Policy.treatments must map labels to treatments, not be {given!r}")
    found = {}
    for label, treatment in given.items():
        if label not in LABELS:
            raise ValueError(f"Policy.treatments: {label!r} is no label; labels are {', '.join(LABELS)}")
        if treatment not in tuple(Treatment):
            raise ValueError(f"Policy.treatments: {treatment!r} must be one of {', '.join(Treatment)}")
        found[Label(label)] = Treatment(treatment)
    found.pop(Label.CONTENT, None)  # content stays
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What becomes of blocks.

    Attributes:
        name: a preset (precision, balanced, recall), whose thresholds the model knows.
        threshold: probability of noise from which a block is dropped; None: the model's for `name`, which
            differs between pages and plain text.
        recovery: probability of noise up to which a page's block that Trafilatura left out is put back;
            None: the model's for `name`.
        treatments: what is done with blocks of each label once they do not count as content, also with those
            that Trafilatura left out; labels not named are dropped.
        removal_budget: largest share of words that may go, counted over blocks of `BUDGET_MIN_WORDS` words or
            more whose noise is under `BUDGET_MAX_NOISE`.

    Raises:
        TypeError: a value of a wrong type.
        ValueError: a value out of range, a name that is no preset, a label or treatment that does not exist.

    Example:
        >>> policy = Policy(name="recall", treatments={"caption": "keep"})
        >>> policy.treatments[Label.CAPTION]
        <Treatment.KEEP: 'keep'>
    """

    name: str = "balanced"
    threshold: float | None = None
    recovery: float | None = None
    treatments: Mapping[Label, Treatment] = field(default_factory=lambda: _DROP_ALL, hash=False)
    removal_budget: float = 0.5

    def __post_init__(self) -> None:
        if self.name not in PRESETS:
            raise ValueError(f"policy must be one of {', '.join(PRESETS)}, not {self.name!r}")
        for what in ("threshold", "recovery", "removal_budget"):
            value = getattr(self, what)
            if value is None and what != "removal_budget":
                continue
            if not isinstance(value, float | int) or isinstance(value, bool):
                raise TypeError(f"Policy.{what} must be a number from 0 to 1, not {value!r}")
            if not 0 <= value <= 1:
                raise ValueError(f"Policy.{what} must be from 0 to 1, not {value!r}")
        given = _treatments(self.treatments)
        object.__setattr__(self, "treatments", MappingProxyType({**_DROP_ALL, **given}))

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled.
        return _restore, (
            self.name,
            self.threshold,
            self.recovery,
            dict(self.treatments),
            self.removal_budget,
        )


def _restore(
    name: str,
    threshold: float | None,
    recovery: float | None,
    treatments: dict[Label, Treatment],
    removal_budget: float,
) -> Policy:
    return Policy(
        name=name,
        threshold=threshold,
        recovery=recovery,
        treatments=treatments,
        removal_budget=removal_budget,
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """The caller's rules: labels and patterns on a block's text."""

    labels: frozenset[Label]
    patterns: tuple[re.Pattern[str], ...]

    @property
    def empty(self) -> bool:
        """Whether there is no rule."""
        return not self.labels and not self.patterns

    def match(self, text: str, label: Label) -> bool:
        """Whether a block of that text and label is meant."""
        return label in self.labels or any(pattern.search(text) for pattern in self.patterns)


def rules_of(values: Iterable[str], name: str) -> Rules:
    """Reads the caller's `keep` or `drop`.

    Args:
        values: labels, or patterns as `re:` and a regular expression.
        name: of the argument, for messages.

    Raises:
        TypeError: not a sequence of strings.
        ValueError: no such label, a pattern that does not compile, or `content` among those to drop.
    """
    if isinstance(values, str | bytes):
        raise TypeError(f"{name} takes a sequence of strings such as ({values!r},), not one string")
    if not isinstance(values, Iterable):
        raise TypeError(f"{name} takes a sequence of labels and 're:' patterns, not {values!r}")
    labels, patterns = set(), []
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"{name} takes labels and 're:' patterns as strings, not {type(value).__name__}")
        if value.startswith("re:"):
            try:
                patterns.append(re.compile(value[3:]))
            except (
                re.error,
                OverflowError,
                RecursionError,
            ) as error:  # the latter two: it repeats, or nests, too much
                raise ValueError(f"{name}: the pattern {value!r:.200} is wrong: {error}") from error
        elif value in LABELS:
            labels.add(Label(value))
        else:
            raise ValueError(
                f"{name}: {value!r} is no label; labels are {', '.join(LABELS)}; patterns start with 're:'"
            )
    if name == "drop" and Label.CONTENT in labels:
        raise ValueError("drop: 'content' cannot be dropped, nothing would be left")
    return Rules(frozenset(labels), tuple(patterns))


class Decision(NamedTuple):
    """What becomes of one block."""

    label: Label
    score: float
    kept: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class Judged:
    """The input of a decision on all blocks.

    Attributes:
        text: the blocks' text.
        words: number of words, shape (n_blocks,).
        noise: probability of noise, shape (n_blocks,).
        label: probability of each label given noise, shape (n_blocks, 16); blocks under `labels_from` need
            none.
        extracted: whether Trafilatura kept the block, shape (n_blocks,); None for plain text.
    """

    text: Sequence[str]
    words: NDArray[np.float32]
    noise: NDArray[np.float32]
    label: NDArray[np.float32]
    extracted: NDArray[np.bool_] | None


def over_budget(
    judged: Judged, removed: NDArray[np.bool_], ruled: NDArray[np.bool_], budget: float
) -> NDArray[np.int64]:
    """Which of the removed blocks must stay, since too many words would go.

    Only blocks that count towards the budget (see `Policy.removal_budget`) are looked at; the surest go
    first.

    Args:
        judged: blocks and scores.
        removed: which blocks would go.
        ruled: which blocks the caller's rules decide; they do not count.
        budget: largest share of words that may go.
    """
    counts = (judged.words >= BUDGET_MIN_WORDS) & (judged.noise < BUDGET_MAX_NOISE)
    counts &= ~ruled
    if judged.extracted is not None:
        counts &= judged.extracted
    asked = (counts & removed).nonzero()[0]
    if not asked.size:
        return asked
    allowed = budget * float(judged.words[counts].sum())
    if float(judged.words[asked].sum()) < allowed:
        return asked[:0]
    order = asked[np.argsort(-judged.noise[asked], kind="stable")]
    spent = np.cumsum(judged.words[order])
    return order[spent > allowed]


def _by_rule(
    judged: Judged,
    noisy: NDArray[np.bool_],
    number: NDArray[np.int64],
    best: NDArray[np.int64],
    keep: Rules,
    drop: Rules,
) -> Iterator[tuple[int, Reason]]:
    """The blocks that the caller's rules decide, and which rule.

    A label to drop also meets blocks under the threshold that more likely have it than are content.
    """
    if keep.empty and drop.empty:
        return
    likely = judged.noise * judged.label.max(axis=1) > 1 - judged.noise
    # Content that Trafilatura left out goes by its best other label, yet the caller may ask for all content.
    all_content = Label.CONTENT in keep.labels
    to_drop = np.where(likely, best, number).tolist()
    for i, (text, own, other) in enumerate(zip(judged.text, number.tolist(), to_drop, strict=True)):
        spared = LABELS[other] in keep.labels  # else the drop rule would meet a label that is to be kept
        if spared or keep.match(text, LABELS[own]) or (all_content and not noisy[i]):
            yield i, Reason.KEEP_RULE
        elif drop.match(text, LABELS[other]):
            yield i, Reason.DROP_RULE


def is_long(texts: Sequence[str]) -> bool:
    """Whether blocks are more, or say more, than those of any page that the model has learnt from."""
    sizes = list(map(len, texts))
    return len(sizes) >= LONG_BLOCKS or sum(sizes) >= LONG_CHARS or max(sizes, default=0) >= LONG_BLOCK_CHARS


def threshold_of(
    threshold: float, policy: Policy, words: NDArray[np.float32], marked: bool, long: bool
) -> NDArray[np.float32]:
    """Probability of noise from which each block is dropped, shape (n_blocks,).

    Of a page a block of `BUDGET_MIN_WORDS` words or more goes only from a probability of `LIKELY` on,
    whatever the model's threshold: on a page of a few blocks a paragraph is much of the article. The value
    was chosen by F1 on the evaluation pages, see docs/ablation.md. Of plain text a block of `SENTENCE_WORDS`
    goes only from log-odds on that are `SENTENCE_MARGIN` higher, so that what was cleaned before stays as it
    is: of the evaluation pages 0.2% of words go when they are cleaned again. Of a long page or text blocks
    go only from `SURE` on, those of `BUDGET_MIN_WORDS` from `BUDGET_MAX_NOISE` on: what the model makes of a
    block amid so much is beyond what it has learnt, and 40,000 paragraphs lost their last one. The caller's
    own threshold stands as it is.

    Args:
        threshold: the model's for the policy, or the policy's own.
        policy: whose threshold it is.
        words: number of words of each block.
        marked: whether they are of a page.
        long: what `is_long` says of the page or text that they are of.
    """
    if policy.threshold is not None:
        return np.full(len(words), threshold, dtype=np.float32)
    if long:
        least = np.where(words >= BUDGET_MIN_WORDS, BUDGET_MAX_NOISE, SURE)
    elif marked:
        least = np.where(words >= BUDGET_MIN_WORDS, LIKELY, 0)
    else:
        odds = threshold / max(1 - threshold, 1e-9) * math.exp(SENTENCE_MARGIN)
        least = np.where(words >= SENTENCE_WORDS, odds / (1 + odds), 0)
    return np.maximum(least, threshold).astype(np.float32)


def threshold_for_code(threshold: NDArray[np.float32], kinds: Sequence[Kind]) -> NDArray[np.float32]:
    """The thresholds of the blocks of a text, with those of code raised to `BUDGET_MAX_NOISE`.

    What scripts and templates leave behind on a page looks like code, but seldom comes as lines in a row.
    """
    code = np.array([kind is Kind.CODE for kind in kinds])
    return np.where(code, np.maximum(threshold, np.float32(BUDGET_MAX_NOISE)), threshold)


def labels_from(
    threshold: Threshold, recovery: float, extracted: NDArray[np.bool_] | None, keep: Rules, drop: Rules
) -> Threshold:
    """Probability of noise from which a decision looks at a block's label.

    Args:
        threshold: as of `decide`.
        recovery: as of `decide`.
        extracted: which blocks Trafilatura kept, hidden ones left out; None for plain text.
        keep: the caller's.
        drop: the caller's.

    Returns:
        The probability, for all blocks or for each.
    """
    if not (keep.empty and drop.empty):
        return 0.0
    if extracted is None:
        return threshold
    # As precise as the probabilities: else a block on the threshold would go without a label.
    return np.where(extracted, threshold, np.minimum(threshold, recovery)).astype(np.float32)


def decide(
    judged: Judged, policy: Policy, threshold: Threshold, recovery: float, keep: Rules, drop: Rules
) -> list[Decision]:
    """Decides on every block.

    The caller's `keep` wins over everything, then the caller's `drop`, then the policy's treatment of the
    label, then Trafilatura and the model, then the budget.

    Args:
        judged: blocks and scores.
        policy: treatments and budget.
        threshold: probability of noise from which a block is dropped, for all or for each.
        recovery: probability of noise up to which a block that Trafilatura left out is put back.
        keep: the caller's.
        drop: the caller's.

    Returns:
        One decision a block.
    """
    n = len(judged.text)
    noisy = judged.noise >= threshold
    content = ~noisy
    if judged.extracted is not None:
        content &= judged.extracted | (judged.noise <= recovery)
    best = judged.label.argmax(axis=1)
    sure = judged.noise * judged.label.max(axis=1)
    number = np.where(content, _CONTENT, best)
    spared = np.zeros(n, dtype=np.bool_)
    if Treatment.KEEP in policy.treatments.values():
        for label, treatment in policy.treatments.items():
            if treatment is Treatment.KEEP:
                spared |= best == LABELS.index(label)
    kept = content | spared
    reason = np.where(content, _AS_CONTENT, _NOISE)
    if judged.extracted is not None:
        reason[~noisy & ~judged.extracted] = _NOT_EXTRACTED
        reason[content & ~judged.extracted] = _RECOVERED
    reason[spared & ~content] = _TREATMENT

    ruled = np.zeros(n, dtype=np.bool_)
    for i, rule in _by_rule(judged, noisy, number, best, keep, drop):
        ruled[i], kept[i], reason[i] = True, rule is Reason.KEEP_RULE, tuple(Reason).index(rule)
        if rule is Reason.DROP_RULE:
            number[i] = best[i]
        elif not noisy[i] and LABELS[number[i]] not in keep.labels:
            number[i] = _CONTENT
    stay = over_budget(judged, noisy & ~(spared | ruled), ruled, policy.removal_budget)
    if stay.size:
        number[stay], kept[stay], reason[stay] = _CONTENT, True, _BUDGET

    score = np.where(number == _CONTENT, 1 - judged.noise, sure)
    columns = (_LABELS[number], score, kept, _REASONS[reason])
    # Entries of lists are read faster than those of arrays.
    return list(map(Decision._make, zip(*(column.tolist() for column in columns), strict=True)))
