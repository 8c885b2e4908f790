"""Where the policies draw the line: thresholds from scores out of fold."""

import numpy as np
from numpy.typing import NDArray

from training.matrix import CONTENT
from training.settings import Settings


def loss_threshold(
    noise: NDArray[np.float64], words: NDArray[np.float32], total: float, share: float
) -> float:
    """The lowest threshold at which content blocks with at most `share` of `total` words are lost."""
    order = np.argsort(-noise, kind="stable")
    lost = np.cumsum(words[order]) / total
    allowed = int(np.searchsorted(lost, share, side="right"))
    return float(np.nextafter(noise[order[allowed]], 2)) if allowed < len(order) else 0.0


def recovery_threshold(noise_of_junk: NDArray[np.float64], allowed: float) -> float:
    """The highest threshold at which no more than `allowed` noise blocks are put back."""
    ranked = np.sort(noise_of_junk)
    number = int(allowed)
    return float(np.nextafter(ranked[number], 0)) if number < len(ranked) else 1.0


def thresholds_of(
    noise: NDArray[np.float64],
    y: NDArray[np.int8],
    words: NDArray[np.float32],
    extracted: NDArray[np.bool_] | None,
    settings: Settings,
) -> dict[str, dict[str, float]]:
    """Thresholds of all policies for one kind of input."""
    content = y == CONTENT
    total = float(words[content].sum())
    inside = content if extracted is None else content & extracted
    found = {}
    kind = "text" if extracted is None else "page"
    for policy, share in settings.lost[kind].items():
        entry = {"threshold": loss_threshold(noise[inside], words[inside], total, share)}
        if extracted is not None:
            allowed = settings.put_back[policy] * np.count_nonzero(~content)
            entry["recovery"] = recovery_threshold(noise[~content & ~extracted], allowed)
            entry["recovery"] = min(entry["recovery"], entry["threshold"])
        found[policy] = entry
    return found
