"""From scores and the caller's rules to what is kept, with a reason for every block."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from noisefilter.labels import Label, Reason, Treatment

PRESETS = ("precision", "balanced", "recall")
BUDGET_MIN_WORDS = 15
BUDGET_MAX_NOISE = 0.98
LABELS = tuple(Label)

_DROP_ALL: Mapping[Label, Treatment] = MappingProxyType(
    {label: Treatment.DROP for label in Label if label is not Label.CONTENT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What becomes of blocks.

    Attributes:
        name: a preset (precision, balanced, recall), whose thresholds the model knows.
        threshold: probability of noise from which a block is dropped; None: the model's for `name`, which
            differs between pages and plain text.
        recovery: probability of noise up to which a page's block that Trafilatura left out is put back;
            None: the model's for `name`.
        treatments: what is done with blocks of each label once they count as noise; labels not
            named are dropped.
        removal_budget: largest share of words that may go, counted over blocks of `BUDGET_MIN_WORDS` words or
            more whose noise is under `BUDGET_MAX_NOISE`.

    Raises:
        ValueError: a value out of range or a name that is no preset.

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
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"Policy.{what} must be from 0 to 1, not {value!r}")
        given = {Label(label): Treatment(treatment) for label, treatment in self.treatments.items()}
        given.pop(Label.CONTENT, None)
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


@dataclass(frozen=True, slots=True)
class Decision:
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
        label: probability of each label given noise, shape (n_blocks, 16).
        extracted: whether Trafilatura kept the block, shape (n_blocks,); None for plain text.
    """

    text: Sequence[str]
    words: NDArray[np.float32]
    noise: NDArray[np.float32]
    label: NDArray[np.float32]
    extracted: NDArray[np.bool_] | None


def over_budget(judged: Judged, removed: NDArray[np.bool_], budget: float) -> NDArray[np.bool_]:
    """Which of the removed blocks must stay, since too many words would go.

    Only blocks that count towards the budget (see `Policy.removal_budget`) are looked at; the surest go
    first.
    """
    counts = (judged.words >= BUDGET_MIN_WORDS) & (judged.noise < BUDGET_MAX_NOISE)
    if judged.extracted is not None:
        counts &= judged.extracted
    stay = np.zeros(len(removed), dtype=np.bool_)
    total = float(judged.words[counts].sum())
    asked = np.flatnonzero(counts & removed)
    if not asked.size or float(judged.words[asked].sum()) < budget * total:
        return stay
    order = asked[np.argsort(-judged.noise[asked], kind="stable")]
    spent = np.cumsum(judged.words[order])
    stay[order[spent > budget * total]] = True
    return stay


def decide(
    judged: Judged, policy: Policy, threshold: float, recovery: float, keep: Rules, drop: Rules
) -> list[Decision]:
    """Decides on every block.

    The caller's `keep` wins over everything, then the caller's `drop`, then Trafilatura and the model, then
    the policy's treatment of the label, then its budget.

    Args:
        judged: blocks and scores.
        policy: treatments and budget.
        threshold: probability of noise from which a block is dropped.
        recovery: probability of noise up to which a block that Trafilatura left out is put back.
        keep: the caller's.
        drop: the caller's.

    Returns:
        One decision a block.
    """
    noisy = judged.noise >= threshold
    removed = noisy if judged.extracted is None else noisy & judged.extracted
    best = np.argmax(judged.label, axis=1)
    labels = [LABELS[number] for number in best]
    shares = judged.label[np.arange(len(best)), best]
    treated = np.array([policy.treatments[label] is Treatment.DROP for label in labels], dtype=np.bool_)
    stay = over_budget(judged, removed & treated, policy.removal_budget)
    decisions = []
    for i, label in enumerate(labels):
        noise = float(judged.noise[i])
        as_noise, as_content = noise * float(shares[i]), 1 - noise
        out = judged.extracted is not None and not judged.extracted[i]
        likely = as_noise > as_content
        if keep.match(judged.text[i], label if noisy[i] else Label.CONTENT):
            kept, reason, noisy_label = True, Reason.KEEP_RULE, bool(noisy[i])
        elif drop.match(judged.text[i], label if noisy[i] or likely else Label.CONTENT):
            kept, reason, noisy_label = False, Reason.DROP_RULE, True
        elif out:
            kept = noise <= recovery
            reason, noisy_label = (Reason.RECOVERED, False) if kept else (Reason.NOT_EXTRACTED, True)
            if noisy[i] and not kept:
                reason = Reason.NOISE
        elif not noisy[i]:
            kept, reason, noisy_label = True, Reason.CONTENT, False
        elif not treated[i]:
            kept, reason, noisy_label = True, Reason.TREATMENT, True
        elif stay[i]:
            kept, reason, noisy_label = True, Reason.BUDGET, False
        else:
            kept, reason, noisy_label = False, Reason.NOISE, True
        if noisy_label:
            decisions.append(Decision(label, as_noise, kept, reason))
        else:
            decisions.append(Decision(Label.CONTENT, as_content, kept, reason))
    return decisions
