"""What is measured, as functions of texts, labels and scores."""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

# A word; ideographs and kana one by one, since they stand without blanks.
_WORD = re.compile(r"[぀-ヿ㐀-鿿豈-﫿]|[^\W぀-ヿ㐀-鿿豈-﫿]+")


def words(text: str) -> list[str]:
    """The words of a text in lower case."""
    return _WORD.findall(text.lower())


def phrase(text: str) -> str:
    """The words of a text between single blanks, with a blank at each end, so that `in` finds whole words."""
    return f" {' '.join(words(text))} "


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """The runs of `size` words of a text with their numbers."""
    found = words(text)
    return Counter(tuple(found[i : i + size]) for i in range(max(len(found) - size + 1, 1)) if found)


def overlap(output: str, gold: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of an output against the gold text, over 4-word shingles."""
    got, want = shingles(output), shingles(gold)
    common = sum((got & want).values())
    precision, recall = common / max(sum(got.values()), 1), common / max(sum(want.values()), 1)
    return precision, recall, 2 * precision * recall / (precision + recall) if common else 0.0


def share_kept(block: str, output: str, runs: set[tuple[str, ...]]) -> float:
    """How much of a block stands in an output: all of it in one piece, else the share of its 3-word runs.

    Args:
        block: text of the block.
        output: `phrase` of the output.
        runs: all runs of three words of the output.
    """
    if phrase(block) in output:
        return 1.0
    own = shingles(block, 3)
    return sum(count for run, count in own.items() if run in runs) / max(sum(own.values()), 1)


def runs_of(text: str) -> set[tuple[str, ...]]:
    """All runs of three words of a text, for `share_kept`."""
    return set(shingles(text, 3))


def caught_at_loss(
    noise: NDArray[np.float64], is_noise: NDArray[np.bool_], counts: NDArray[np.float64], loss: float
) -> float:
    """Share of noise blocks over the threshold at which `loss` of the content words are lost."""
    content = ~is_noise
    order = np.argsort(-noise[content], kind="stable")
    lost = np.cumsum(counts[content][order]) / max(float(counts[content].sum()), 1e-9)
    allowed = int(np.searchsorted(lost, loss, side="right"))
    threshold = noise[content][order][allowed] if allowed < len(order) else -1.0
    return float((noise[is_noise] > threshold).mean()) if is_noise.any() else float("nan")


def reliability(
    score: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 15
) -> list[tuple[float, float, int]]:
    """Mean score, share that is right, and number of blocks, in bins of equal mass."""
    parts = np.array_split(np.argsort(score, kind="stable"), bins)
    return [(float(score[p].mean()), float(right[p].mean()), len(p)) for p in parts if len(p)]


def calibration_error(score: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error over bins of equal mass."""
    return sum(abs(said - found) * count for said, found, count in reliability(score, right, bins)) / max(
        len(score), 1
    )


def interval(values: Sequence[Sequence[float]], rounds: int = 500, seed: int = 0) -> tuple[float, float]:
    """95% bootstrap interval of a ratio of sums.

    Args:
        values: numerator and denominator of each page; pages are drawn with replacement.
        rounds: number of draws.
        seed: of the draws.
    """
    table = np.asarray(values, dtype=np.float64)
    chance = np.random.default_rng(seed)
    draws = chance.integers(0, len(table), size=(rounds, len(table)))
    sums = table[draws].sum(axis=1)
    ratios = sums[:, 0] / np.maximum(sums[:, 1], 1e-9)
    low, high = np.percentile(ratios, (2.5, 97.5))
    return float(low), float(high)


def mean_interval(values: Sequence[float], rounds: int = 500, seed: int = 0) -> tuple[float, float]:
    """95% bootstrap interval of a mean over pages."""
    return interval([(value, 1.0) for value in values], rounds, seed)


def page_interval(
    measure: Callable[[NDArray[np.intp]], float], page: NDArray[np.intp], rounds: int = 200, seed: int = 0
) -> tuple[float, float]:
    """95% bootstrap interval of a figure over blocks; whole pages are drawn with replacement.

    Args:
        measure: the figure, from the numbers of the blocks that were drawn.
        page: number of the page of each block, in runs.
        rounds: number of draws.
        seed: of the draws.
    """
    edges = np.flatnonzero(np.diff(page, prepend=-1, append=-1))
    blocks = [np.arange(start, end) for start, end in itertools.pairwise(edges)]
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(rounds):
        draw = chance.integers(0, len(blocks), size=len(blocks))
        found.append(measure(np.concatenate([blocks[number] for number in draw])))
    low, high = np.nanpercentile(found, (2.5, 97.5))
    return float(low), float(high)
