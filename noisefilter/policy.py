"""From scores and the caller's rules to what is kept, with a reason for every block."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from noisefilter.labels import PRESETS, Label, Reason, Treatment

BUDGET_MIN_WORDS = 15
BUDGET_MAX_NOISE = 0.98
LIKELY = 0.5
Threshold: TypeAlias = float | NDArray[np.float32]
LABELS = tuple(Label)

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
            except re.error as error:
                raise ValueError(f"{name}: the pattern {value!r} is wrong: {error}") from error
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
) -> list[int]:
    """Which of the removed blocks must stay, since too many words would go.

    Only blocks that count towards the budget (see `Policy.removal_budget`) are looked at; the surest go
    first.

    Args:
        judged: blocks and scores.
        removed: which blocks would go.
        ruled: which blocks the caller's rules decide; they do not count.
        budget: largest share of words that may go.
    """
    counts = (judged.words >= BUDGET_MIN_WORDS) & (judged.noise < BUDGET_MAX_NOISE) & ~ruled
    if judged.extracted is not None:
        counts &= judged.extracted
    total = float(judged.words[counts].sum())
    asked = np.flatnonzero(counts & removed)
    if not asked.size or float(judged.words[asked].sum()) < budget * total:
        return []
    order = asked[np.argsort(-judged.noise[asked], kind="stable")]
    spent = np.cumsum(judged.words[order])
    return [int(number) for number in order[spent > budget * total]]


def _by_rule(
    judged: Judged, noisy: NDArray[np.bool_], labels: list[Label], best: list[Label], keep: Rules, drop: Rules
) -> list[Reason | None]:
    """What the caller's rules say of each block.

    A label to drop also meets blocks under the threshold that more likely have it than are content.
    """
    if keep.empty and drop.empty:
        return [None] * len(labels)
    likely = judged.noise * judged.label.max(axis=1) > 1 - judged.noise
    # Content that Trafilatura left out goes by its best other label, yet the caller may ask for all content.
    all_content = Label.CONTENT in keep.labels
    found: list[Reason | None] = []
    for i, (text, label) in enumerate(zip(judged.text, labels, strict=True)):
        if keep.match(text, label) or (all_content and not noisy[i]):
            found.append(Reason.KEEP_RULE)
        elif drop.match(text, best[i] if likely[i] else label):
            found.append(Reason.DROP_RULE)
        else:
            found.append(None)
    return found


def threshold_of(threshold: float, policy: Policy, words: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probability of noise from which each block is dropped, shape (n_blocks,).

    A block of `BUDGET_MIN_WORDS` words or more goes only if it is likelier noise than content, whatever the
    model's threshold: on a page of a few blocks a paragraph is much of the article. The caller's own
    threshold stands as it is.

    Args:
        threshold: the model's for the policy, or the policy's own.
        policy: whose threshold it is.
        words: number of words of each block.
    """
    if policy.threshold is not None or threshold >= LIKELY:
        return np.full(len(words), threshold, dtype=np.float32)
    return np.where(words >= BUDGET_MIN_WORDS, LIKELY, threshold).astype(np.float32)


def labels_from(
    threshold: Threshold, recovery: float, extracted: NDArray[np.bool_] | None, keep: Rules, drop: Rules
) -> Threshold:
    """Probability of noise from which a decision looks at a block's label.

    Args:
        threshold: as of `decide`.
        recovery: as of `decide`.
        extracted: which blocks Trafilatura kept; None for plain text.
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
    extracted = np.ones(n, dtype=np.bool_) if judged.extracted is None else judged.extracted
    noisy = judged.noise >= threshold
    content = ~noisy & (extracted | (judged.noise <= recovery))
    number = judged.label.argmax(axis=1)
    best = [LABELS[i] for i in number.tolist()]
    labels = [Label.CONTENT if kept else label for kept, label in zip(content.tolist(), best, strict=True)]
    rules = _by_rule(judged, noisy, labels, best, keep, drop)
    ruled = np.array([rule is not None for rule in rules], dtype=np.bool_)
    droppable = [policy.treatments.get(label) is not Treatment.KEEP for label in LABELS]
    treated = np.array(droppable, dtype=np.bool_)[number]
    removed = extracted & noisy & treated & ~ruled
    stay = set(over_budget(judged, removed, ruled, policy.removal_budget))

    as_content = (1 - judged.noise).tolist()
    as_noise = (judged.noise * judged.label.max(axis=1)).tolist()
    # Entries of lists are read faster than those of arrays.
    columns = (array.tolist() for array in (content, extracted, noisy, treated))
    decisions = []
    for i, (rule, label, kept, is_extracted, is_noisy, is_treated) in enumerate(
        zip(rules, labels, *columns, strict=True)
    ):
        if rule is not None:
            kept, reason = rule is Reason.KEEP_RULE, rule
            if rule is Reason.DROP_RULE:
                label = best[i]
            elif not is_noisy and (label not in keep.labels):
                label = Label.CONTENT
        elif kept:
            reason = Reason.CONTENT if is_extracted else Reason.RECOVERED
        elif not is_treated:
            kept, reason = True, Reason.TREATMENT
        elif i in stay:
            label, kept, reason = Label.CONTENT, True, Reason.BUDGET
        else:
            reason = Reason.NOISE if is_noisy else Reason.NOT_EXTRACTED
        score = as_content[i] if label is Label.CONTENT else as_noise[i]
        decisions.append(Decision(label, score, kept, reason))
    return decisions
