"""From scores and rules to what is kept: `decide` on constructed scores, and policies on authored pages."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_misses import PAGE_NAMES, PAGES, clean_file, cleaned

import noisefilter
from noisefilter import Article, Label, Policy, Reason, Treatment
from noisefilter.labels import PRESETS
from noisefilter.policy import (
    BUDGET_MAX_NOISE,
    BUDGET_MIN_WORDS,
    LABELS,
    Decision,
    Judged,
    decide,
    rules_of,
)

LINES = (
    "The ferry across the sound will stop at the old pier again from May, the port said on Monday.",
    "It had not called there since the storm nine years ago, when the landing stage was torn away.",
    "A new stage of larch and steel was built over the winter by a yard on the mainland.",
    "Islanders had asked for the stop every year, and the council paid for half of the work.",
)
PLAIN = "\n\n".join(LINES)


def judged(
    noise: Sequence[float],
    words: Sequence[float] | float = 10,
    label: Sequence[Label] | Label = Label.AD,
    extracted: Sequence[bool] | None = None,
    text: Sequence[str] | None = None,
    share: float = 1.0,
) -> Judged:
    """Scores of blocks, each sure of one label given that it is noise; `share` is how sure."""
    count = len(noise)
    labels = [label] * count if isinstance(label, Label) else label
    shares = np.full((count, len(LABELS)), (1 - share) / (len(LABELS) - 2), dtype=np.float32)
    shares[:, 0] = 0
    shares[np.arange(count), [LABELS.index(one) for one in labels]] = share
    return Judged(
        text=text or [f"block {number}" for number in range(count)],
        words=np.array([words] * count if isinstance(words, int | float) else words, dtype=np.float32),
        noise=np.array(noise, dtype=np.float32),
        label=shares,
        extracted=None if extracted is None else np.array(extracted, dtype=np.bool_),
    )


def decided(
    scores: Judged,
    policy: Policy | None = None,
    threshold: float = 0.5,
    recovery: float = 0.1,
    keep: Iterable[str] = (),
    drop: Iterable[str] = (),
) -> list[Decision]:
    rules = rules_of(keep, "keep"), rules_of(drop, "drop")
    return decide(scores, policy or Policy(), threshold, recovery, *rules)


def reasons(decisions: Iterable[Decision]) -> list[str]:
    return [str(decision.reason) for decision in decisions]


def kept(decisions: Iterable[Decision]) -> list[bool]:
    return [decision.kept for decision in decisions]


# Threshold, recovery and treatments.


def test_threshold_is_where_dropping_begins() -> None:
    assert reasons(decided(judged([0.25, 0.49, 0.5, 0.75]))) == ["content", "content", "noise", "noise"]


def test_recovery_is_where_putting_back_ends() -> None:
    scores = judged([0.05, 0.125, 0.126, 0.75], extracted=[False] * 4)
    assert reasons(decided(scores, recovery=0.125)) == ["recovered", "recovered", "not_extracted", "noise"]
    assert kept(decided(scores, recovery=0.125)) == [True, True, False, False]


@pytest.mark.parametrize("extracted", [None, [True, True]])
def test_labels_and_scores_of_decisions(extracted: list[bool] | None) -> None:
    content, noise = decided(judged([0.25, 0.75], label=Label.CTA, extracted=extracted, share=0.5))
    assert (content.label, content.score) == (Label.CONTENT, 0.75)
    assert (noise.label, noise.score) == (Label.CTA, 0.375)


def test_treatment_keeps_noise_of_its_label_alone() -> None:
    scores = judged([0.9, 0.9, 0.1], label=[Label.CAPTION, Label.AD, Label.CAPTION])
    decisions = decided(scores, Policy(treatments={Label.CAPTION: Treatment.KEEP}))
    assert reasons(decisions) == ["treatment", "noise", "content"]
    assert [decision.label for decision in decisions] == ["caption", "ad", "content"]


def test_treatment_of_content_cannot_be_changed() -> None:
    assert Label.CONTENT not in Policy(treatments={Label.CONTENT: Treatment.DROP}).treatments


@pytest.mark.parametrize("label", [label for label in Label if label is not Label.CONTENT])
def test_every_label_is_dropped_unless_named(label: Label) -> None:
    assert Policy().treatments[label] is Treatment.DROP
    assert reasons(decided(judged([0.9], label=label))) == ["noise"]
    assert reasons(decided(judged([0.9], label=label), Policy(treatments={label: Treatment.KEEP}))) == [
        "treatment"
    ]


# The caller's rules.


@pytest.mark.parametrize("keep", [["ad"], [Label.AD], ["re:^block 1"], ["cta", "re:nothing", "ad"]])
def test_keep_wins_over_the_model(keep: list[str]) -> None:
    assert reasons(decided(judged([0.1, 0.99]), keep=keep))[1] == "keep_rule"


@pytest.mark.parametrize("drop", [["ad"], ["re:block 1$"], ["re:(?i)BLOCK 1"]])
@pytest.mark.parametrize("keep", [["ad"], ["re:k 1"]])
def test_keep_wins_over_drop(keep: list[str], drop: list[str]) -> None:
    assert reasons(decided(judged([0.1, 0.9]), keep=keep, drop=drop))[1] == "keep_rule"


@pytest.mark.parametrize("noise", [0.01, 0.4, 0.9])
def test_keep_by_pattern_wins_over_trafilatura(noise: float) -> None:
    assert reasons(decided(judged([noise], extracted=[False]), keep=["re:block"])) == ["keep_rule"]


def test_keep_by_label_wins_over_trafilatura() -> None:
    scores = judged([0.9, 0.3], extracted=[False, False])
    assert reasons(decided(scores, keep=["ad"]))[0] == "keep_rule"
    assert reasons(decided(scores, keep=["content"]))[1] == "keep_rule"


@pytest.mark.parametrize("noise", [0.2, 0.4, 0.49])
def test_keep_by_label_keeps_what_would_be_dropped_under_that_label(noise: float) -> None:
    scores = judged([noise], label=Label.COMMENT, extracted=[False])
    assert decided(scores)[0].label is Label.COMMENT
    assert kept(decided(scores, keep=["comment"])) == [True]


def test_drop_by_label_needs_noise_of_that_label() -> None:
    scores = judged([0.9, 0.9, 0.1], label=[Label.AD, Label.CAPTION, Label.CAPTION])
    policy = Policy(treatments=dict.fromkeys(Label, Treatment.KEEP))
    assert reasons(decided(scores, policy, drop=["caption"])) == ["treatment", "drop_rule", "content"]


def test_drop_by_label_takes_the_likeliest_under_a_high_threshold() -> None:
    assert reasons(decided(judged([0.6, 0.4]), threshold=0.9, drop=["ad"])) == ["drop_rule", "content"]


def test_drop_by_pattern_wins_over_content_and_names_a_label_of_noise() -> None:
    (decision,) = decided(judged([0.01], label=Label.CTA), drop=["re:^block 0$"])
    assert (decision.kept, decision.reason, decision.label) == (False, Reason.DROP_RULE, Label.CTA)


def test_drop_wins_over_treatment_budget_and_recovery() -> None:
    scores = judged([0.9, 0.8, 0.01], words=20, extracted=[True, True, False])
    policy = Policy(removal_budget=0, treatments={Label.AD: Treatment.KEEP})
    assert reasons(decided(scores, policy, drop=["re:block"])) == ["drop_rule"] * 3


# The removal budget.


def budget(
    noise: Sequence[float], words: Sequence[float] | float, share: float = 0.5, **more: Any
) -> list[str]:
    return reasons(decided(judged(noise, words, **more), Policy(removal_budget=share)))


BUDGETS: dict[str, tuple[Sequence[float], Sequence[float] | float, list[str]]] = {
    "less than half goes": ([0.9, 0.1, 0.1], 20, ["noise", "content", "content"]),
    "just half goes": ([0.9, 0.1], 20, ["noise", "content"]),
    "a word more than half stays": ([0.9, 0.1], [21, 20], ["budget", "content"]),
    "the surest go first": ([0.8, 0.95, 0.9, 0.1], 20, ["budget", "noise", "noise", "content"]),
    "all are noise": ([0.8, 0.9], 20, ["budget", "noise"]),
    "of equals the first go first": ([0.9, 0.9, 0.9], 20, ["noise", "budget", "budget"]),
    "what exceeds the budget ends it": ([0.95, 0.9, 0.8], [40, 60, 15], ["noise", "budget", "budget"]),
    "alone and over the budget": ([0.9], 15, ["budget"]),
    "a block of 14 words does not count": ([0.9, 0.1], [14, 100], ["noise", "content"]),
    "blocks of 14 words all go": ([0.9, 0.9], 14, ["noise", "noise"]),
    "nor a half word less than 15": ([0.9], 14.5, ["noise"]),
    "noise of 0.98 does not count": ([0.98, 0.9, 0.1], [500, 20, 20], ["noise", "noise", "content"]),
    "and goes alone": ([0.98], 500, ["noise"]),
    "noise just under 0.98 counts": ([0.9799, 0.1], [500, 20], ["budget", "content"]),
    "short content does not count": ([0.9, 0.1, 0.1], [20, 14, 14], ["budget", "content", "content"]),
    "no blocks": ([], 20, []),
}  # fmt: skip


@pytest.mark.parametrize(("noise", "words", "expected"), BUDGETS.values(), ids=BUDGETS)
def test_budget(noise: Sequence[float], words: Sequence[float] | float, expected: list[str]) -> None:
    assert budget(noise, words) == expected


def test_borders_of_the_budget_are_the_contract() -> None:
    assert (BUDGET_MIN_WORDS, BUDGET_MAX_NOISE, Policy().removal_budget) == (15, 0.98, 0.5)


def test_budget_of_nothing_and_of_all() -> None:
    assert budget([0.9, 0.9], 20, share=0) == ["budget", "budget"]
    assert budget([0.9, 0.9], 20, share=1) == ["noise", "noise"]


def test_budget_looks_at_what_trafilatura_kept() -> None:
    expected = ["noise", "noise", "noise", "content"]
    assert budget([0.9, 0.9, 0.9, 0.1], 20, extracted=[True, False, False, True]) == expected
    expected = ["budget", "noise", "content", "not_extracted"]
    assert budget([0.9, 0.9, 0.1, 0.3], [21, 20, 20, 500], extracted=[True, False, True, False]) == expected


def test_budget_leaves_out_what_the_treatment_keeps() -> None:
    scores = judged([0.9, 0.95, 0.1], 20, label=[Label.AD, Label.CAPTION, Label.AD])
    policy = Policy(treatments={"caption": "keep"})  # type: ignore[dict-item]  # strings are allowed
    assert reasons(decided(scores, policy)) == ["noise", "treatment", "content"]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"keep": ["re:block 0"]}, ["keep_rule", "noise", "content"]),
        ({"drop": ["re:block 0"]}, ["drop_rule", "noise", "content"]),
    ],
)
def test_budget_leaves_out_what_rules_decide(rules: dict[str, list[str]], expected: list[str]) -> None:
    assert reasons(decided(judged([0.95, 0.9, 0.1], [30, 20, 20]), **rules)) == expected  # type: ignore[arg-type]


def test_blocks_that_the_budget_keeps_carry_content() -> None:
    (decision,) = decided(judged([0.75], 20), Policy(removal_budget=0))
    assert (decision.label, decision.score, decision.kept) == (Label.CONTENT, 0.25, True)


PROBABILITY = st.integers(0, 100).map(lambda percent: percent / 100)


@st.composite
def any_scores(draw: st.DrawFn) -> Judged:
    count = draw(st.integers(0, 12))
    return judged(
        noise=draw(st.lists(PROBABILITY, min_size=count, max_size=count)),
        words=draw(st.lists(st.integers(0, 60), min_size=count, max_size=count)),
        label=draw(st.lists(st.sampled_from(LABELS[1:]), min_size=count, max_size=count)),
        extracted=draw(st.none() | st.lists(st.booleans(), min_size=count, max_size=count)),
    )


POLICIES = st.builds(
    Policy,
    removal_budget=PROBABILITY,
    treatments=st.dictionaries(st.sampled_from(LABELS), st.sampled_from(Treatment), max_size=4),
)


@settings(max_examples=300, deadline=None)
@given(any_scores(), POLICIES, PROBABILITY, PROBABILITY, PROBABILITY)
def test_a_higher_threshold_only_keeps_more(
    scores: Judged, policy: Policy, one: float, other: float, recovery: float
) -> None:
    low, high = sorted((one, other))
    at_low = kept(decided(scores, policy, low, recovery))
    at_high = kept(decided(scores, policy, high, recovery))
    assert all(stays for stayed, stays in zip(at_low, at_high, strict=True) if stayed)


@settings(max_examples=300, deadline=None)
@given(any_scores(), POLICIES, PROBABILITY, PROBABILITY, PROBABILITY)
def test_a_higher_recovery_only_keeps_more(
    scores: Judged, policy: Policy, threshold: float, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    at_low = kept(decided(scores, policy, threshold, low))
    at_high = kept(decided(scores, policy, threshold, high))
    assert all(stays for stayed, stays in zip(at_low, at_high, strict=True) if stayed)


KEPT_REASONS = {Reason.CONTENT, Reason.RECOVERED, Reason.TREATMENT, Reason.BUDGET, Reason.KEEP_RULE}


@settings(max_examples=300, deadline=None)
@given(
    any_scores(),
    POLICIES,
    PROBABILITY,
    PROBABILITY,
    st.lists(st.sampled_from(LABELS), max_size=2),
    st.lists(st.sampled_from(LABELS[1:]), max_size=2),
)
def test_every_decision_hangs_together(
    scores: Judged, policy: Policy, threshold: float, recovery: float, keep: list[str], drop: list[str]
) -> None:
    decisions = decided(scores, policy, threshold, recovery, keep, drop)
    assert len(decisions) == len(scores.noise)
    for decision in decisions:
        assert decision.kept is (decision.reason in KEPT_REASONS)
        assert 0 <= decision.score <= 1
        assert decision.kept or decision.label is not Label.CONTENT
        if decision.reason in (Reason.CONTENT, Reason.RECOVERED, Reason.BUDGET):
            assert decision.label is Label.CONTENT
        if decision.reason is Reason.TREATMENT:
            assert policy.treatments[decision.label] is Treatment.KEEP


# Policies on pages and text.

PAGES_TRIED = [page for page in PAGE_NAMES if not page.startswith(("docs", "recipe"))]


def kept_but_for_budget(article: Article) -> set[int]:
    return {i for i, block in enumerate(article.blocks) if block.kept and block.reason is not Reason.BUDGET}


@pytest.mark.parametrize("page", PAGES_TRIED)
def test_presets_are_ordered(page: str) -> None:
    precision, balanced, recall = (
        kept_but_for_budget(clean_file(PAGES / page, policy)) for policy in PRESETS
    )
    assert precision <= balanced <= recall


def test_presets_differ() -> None:
    counts = {
        policy: sum(len(kept_but_for_budget(clean_file(PAGES / page, policy))) for page in PAGES_TRIED)
        for policy in PRESETS
    }
    assert counts["precision"] < counts["balanced"] < counts["recall"]


@pytest.mark.parametrize("page", ["news_en.html", "press_text_pt.txt"])
def test_preset_by_name_and_by_policy_are_the_same(page: str) -> None:
    assert clean_file(PAGES / page, Policy()) == clean_file(PAGES / page)
    assert clean_file(PAGES / page, Policy(name="recall")) == clean_file(PAGES / page, "recall")


@pytest.mark.parametrize("page", ["news_en.html", "press_text_pt.txt"])
@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.8])
def test_threshold_of_a_policy_is_used(page: str, threshold: float) -> None:
    article = clean_file(PAGES / page, Policy(threshold=threshold, removal_budget=1))
    for block in article.blocks:
        if block.reason in (Reason.CONTENT, Reason.NOISE):
            assert (block.noise < threshold) is (block.reason is Reason.CONTENT)


def test_extreme_thresholds() -> None:
    everything = noisefilter.clean_text(PLAIN, policy=Policy(threshold=1))
    nothing = noisefilter.clean_text(PLAIN, policy=Policy(threshold=0, removal_budget=1))
    assert everything.text == PLAIN
    assert nothing.text == ""
    assert nothing.flags == {noisefilter.Flag.EMPTY}


@pytest.mark.parametrize("recovery", [0.0, 0.3])
def test_recovery_of_a_policy_is_used(recovery: float) -> None:
    article = clean_file(PAGES / "forum_en.html", Policy(recovery=recovery))
    for block in article.blocks:
        if block.reason in (Reason.RECOVERED, Reason.NOT_EXTRACTED):
            assert (block.noise <= recovery) is (block.reason is Reason.RECOVERED)


def test_noise_of_a_label_stays_where_the_policy_says_so() -> None:
    text = PLAIN + "\n\nThe old pier in 1931. Photo: Port archive"
    everything = Policy(threshold=0, removal_budget=1, treatments=dict.fromkeys(Label, Treatment.KEEP))
    label = noisefilter.clean_text(text, policy=everything).blocks[-1].label
    alone = Policy(threshold=0, removal_budget=1, treatments={label: Treatment.KEEP})
    block = noisefilter.clean_text(text, policy=alone).blocks[-1]
    assert label is not Label.CONTENT
    assert (block.kept, block.label, block.reason) == (True, label, Reason.TREATMENT)


def test_budget_sets_its_flag() -> None:
    article = noisefilter.clean_text(PLAIN, policy=Policy(threshold=0, removal_budget=0))
    counted = [block for block in article.blocks if block.noise < BUDGET_MAX_NOISE]
    assert [block.reason for block in counted] == [Reason.BUDGET] * len(counted) != []
    assert noisefilter.Flag.REMOVAL_BUDGET in article.flags
    assert noisefilter.Flag.REMOVAL_BUDGET not in noisefilter.clean_text(PLAIN).flags


def test_drop_and_keep_of_a_call() -> None:
    article = noisefilter.clean_text(PLAIN, drop=[r"re:\bstorm\b", "re:^A new"], keep=("re:larch",))
    assert article.text == PLAIN.replace(LINES[1] + "\n\n", "")
    assert [str(block.reason) for block in article.blocks[1:3]] == ["drop_rule", "keep_rule"]


def test_keep_puts_back_what_trafilatura_drops() -> None:
    page = cleaned("news_en.html")
    dropped = [block.text for block in page.blocks if not block.kept]
    again = noisefilter.clean((PAGES / "news_en.html").read_bytes(), keep=("re:",))
    assert dropped
    assert [block.reason for block in again.blocks] == [Reason.KEEP_RULE] * len(page.blocks)


def test_blocks_dropped_under_a_label_are_kept_by_it() -> None:
    labels = [label for label in Label if label is not Label.CONTENT]
    pages = [(PAGES / page).read_bytes() for page in PAGES_TRIED if page.endswith(".html")]
    again = [noisefilter.clean(page, keep=labels) for page in pages]
    assert [block.text for article in again for block in article.blocks if not block.kept] == []


# Wrong values.


@pytest.mark.parametrize("preset", ["fast", "", "Balanced", 3])
def test_unknown_presets_are_named_with_those_allowed(preset: Any) -> None:
    with pytest.raises(ValueError, match="precision, balanced, recall"):
        Policy(name=preset)


@pytest.mark.parametrize("field", ["threshold", "recovery", "removal_budget"])
@pytest.mark.parametrize("value", [-0.01, 1.01, 50, float("nan"), float("inf")])
def test_values_out_of_range_are_named_with_the_range(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{field} must be from 0 to 1, not"):
        Policy(**{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["threshold", "recovery", "removal_budget"])
def test_values_of_a_wrong_type_are_named_with_the_range(field: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"{field} must be"):
        Policy(**{field: "0.5"})  # type: ignore[arg-type]


def test_removal_budget_cannot_be_none() -> None:
    with pytest.raises((TypeError, ValueError), match="removal_budget"):
        Policy(removal_budget=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("treatments", "allowed"),
    [
        ({"advert": "keep"}, "byline, date, caption, ad"),
        ({"ad": "link"}, "drop, keep"),
        (None, "treatments"),
        (["ad"], "treatments"),
    ],
)
def test_wrong_treatments_are_named_with_those_allowed(treatments: Any, allowed: str) -> None:
    with pytest.raises((TypeError, ValueError), match=allowed):
        Policy(treatments=treatments)


@pytest.mark.parametrize("treatments", [{"advert": "keep"}, {"ad": "link"}])
def test_wrong_treatments_raise_value_error(treatments: Any) -> None:
    with pytest.raises(ValueError, match=r"advert|link"):
        Policy(treatments=treatments)


@pytest.mark.parametrize("policy", [None, 0.5, {"name": "recall"}, Policy])
def test_policy_of_a_wrong_type_is_named(policy: Any) -> None:
    with pytest.raises(TypeError, match=r"policy must be a name or a noisefilter\.Policy"):
        noisefilter.clean_text(PLAIN, policy=policy)


def test_policy_of_a_call_is_checked() -> None:
    with pytest.raises(ValueError, match="policy must be one of precision, balanced, recall, not 'fast'"):
        noisefilter.clean("<p>Text</p>", policy="fast")


RULE_NAMES = pytest.mark.parametrize("name", ["keep", "drop"])


@RULE_NAMES
@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("ad", TypeError, r"takes a sequence of strings such as \('ad',\)"),
        (b"ad", TypeError, "takes a sequence of strings"),
        ([b"ad"], TypeError, "as strings, not bytes"),
        ([None], TypeError, "as strings, not NoneType"),
        (
            ["advert"],
            ValueError,
            "'advert' is no label; labels are content, title, .*patterns start with 're:'",
        ),
        (["AD"], ValueError, "'AD' is no label"),
        (["re:("], ValueError, r"the pattern 're:\(' is wrong"),
        (["re:a{99999999999}"], ValueError, r"the pattern 're:a\{9+\}' is wrong"),
        ([f"re:{'(' * 5_000}{')' * 5_000}"], ValueError, r"the pattern 're:\(+ is wrong"),
        (["ad", "^Share"], ValueError, r"patterns start with 're:'"),
    ],
)
def test_wrong_rules_are_named(name: str, value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{name}.*{message}"):
        noisefilter.clean_text(PLAIN, **{name: value})


@RULE_NAMES
@pytest.mark.parametrize("value", [None, 3])
def test_rules_that_are_no_sequence_are_named(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=name):
        noisefilter.clean_text(PLAIN, **{name: value})


def test_keep_of_a_label_wins_over_drop_of_it_under_the_threshold() -> None:
    scores = judged([0.75], label=Label.DATE)
    assert reasons(decided(scores, threshold=0.9, drop=["date"])) == ["drop_rule"]
    assert reasons(decided(scores, threshold=0.9, keep=["date"], drop=["date"])) == ["keep_rule"]
    assert reasons(decided(scores, threshold=0.9, keep=["date"], drop=["re:block"])) == ["keep_rule"]


def test_content_cannot_be_dropped() -> None:
    with pytest.raises(ValueError, match="'content' cannot be dropped"):
        noisefilter.clean_text(PLAIN, drop=["content"])


@RULE_NAMES
def test_rules_may_be_any_iterable(name: str) -> None:
    once = (value for value in ["re:storm", "ad"])
    expected = noisefilter.clean_text(PLAIN, **{name: ["re:storm", "ad"]})  # type: ignore[arg-type]
    assert noisefilter.clean_text(PLAIN, **{name: once}) == expected  # type: ignore[arg-type]
    assert noisefilter.clean_text(PLAIN, **{name: {"re:storm"}}) == expected  # type: ignore[arg-type]


def test_policies_are_values() -> None:
    assert Policy(treatments={Label.AD: Treatment.KEEP}) == Policy(treatments={Label.AD: Treatment.KEEP})
    assert Policy() != Policy(threshold=0.5)
    assert len({Policy(), Policy(), Policy(threshold=0.5)}) == 2
    assert (
        replace(Policy(treatments={Label.AD: Treatment.KEEP}), threshold=0.5).treatments[Label.AD] == "keep"
    )


def test_policies_do_not_share_the_callers_mapping() -> None:
    mine = {Label.AD: Treatment.KEEP}
    policy = Policy(treatments=mine)
    mine[Label.AD] = Treatment.DROP
    assert policy.treatments[Label.AD] is Treatment.KEEP
    with pytest.raises(TypeError):
        policy.treatments[Label.AD] = Treatment.DROP  # type: ignore[index]
