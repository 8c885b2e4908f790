"""Settings of the fit."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_LOST = {
    "text": {"precision": 0.015, "balanced": 0.0024, "recall": 0.001},
    "page": {"precision": 0.02, "balanced": 0.0068, "recall": 0.002},
}
_PUT_BACK = {"precision": 0.0005, "balanced": 0.003, "recall": 0.012}


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the fit; how the values were found is in docs/evaluation.md and docs/ablation.md.

    Attributes:
        c_noise: inverse regularisation of the first pass.
        hashed_scale: factor of the hashed columns in the first pass: the larger, the less they are
            regularised against the dense ones. The labels go without.
        c_labels: inverse regularisation of the labels.
        tolerance: of the optimiser.
        label_tolerance: the same for the labels.
        max_iterations: of the optimiser.
        folds: in which the first pass is scored for the second one; models of more folds are closer to the
            final one.
        label_folds: the same of the labels.
        words_per_weight: a content block weighs its words divided by this, within `weight_bounds`, against
            1 for a noise block: what counts is words lost and blocks left.
        weight_bounds: see there.
        rounds: articles with injected lines a page, as plain text.
        marked_rounds: the same with the page's markup.
        min_per_language: about how many articles with injected lines a language has at least, as plain text:
            most of its templates are seen then. A language with few pages uses them more often.
        lost: share of content words that a policy may lose, by kind of input and policy; sets the
            thresholds. On pages it is counted against what Trafilatura kept, what is put back left out; on
            plain text over real pages and articles with generated lines together.
        put_back: share of a page's noise blocks that may be put back with the content that Trafilatura left
            out, by policy.
    """

    c_noise: float = 0.1
    hashed_scale: float = 2.0
    c_labels: float = 0.3
    tolerance: float = 2e-4
    label_tolerance: float = 2e-3
    max_iterations: int = 400
    folds: int = 6
    label_folds: int = 3
    words_per_weight: float = 10.0
    weight_bounds: tuple[float, float] = (0.3, 8.0)
    rounds: int = 2
    marked_rounds: int = 1
    min_per_language: int = 200
    lost: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: _LOST)
    put_back: Mapping[str, float] = field(default_factory=lambda: _PUT_BACK)
