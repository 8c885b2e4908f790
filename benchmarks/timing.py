"""Times rivals turn and turn about, and gives ratios with their intervals."""

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

T = TypeVar("T")
DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of times.

    Attributes:
        value: the ratio.
        low: lower end of its interval over rounds.
        high: upper end.
        rounds: number of rounds.
    """

    value: float
    low: float
    high: float
    rounds: int

    def inverse(self) -> "Ratio":
        """How many times faster, if this is a share of time."""
        return Ratio(1 / self.value, 1 / self.high, 1 / self.low, self.rounds)


def race(
    runs: Mapping[str, Callable[[T], object]],
    items: Sequence[T],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, list[float]]:
    """Times several runs on the same items.

    Every item goes to all runs before the next one, and the order moves on with each item and round, so that
    no run always finds warm caches. Garbage of the items themselves is not looked at again.

    Args:
        runs: what is timed, by name.
        items: what each run is called with, one by one.
        rounds: how often all items are gone through.
        clock: process time, unless the wall counts.

    Returns:
        By run, the sum of times of each round.
    """
    names = list(runs)
    times: dict[str, list[float]] = {name: [] for name in names}
    gc.collect()
    gc.freeze()
    try:
        for number in range(rounds):
            sums = dict.fromkeys(names, 0.0)
            for index, item in enumerate(items):
                turn = (index + number) % len(names)
                for name in names[turn:] + names[:turn]:
                    start = clock()
                    runs[name](item)
                    sums[name] += clock() - start
            for name in names:
                times[name].append(sums[name])
    finally:
        gc.unfreeze()
    return times


def ratio(own: Sequence[float], base: Sequence[float], paired: bool = True) -> Ratio:
    """The ratio of two runs' times, with its 95% interval by drawing rounds with replacement.

    Args:
        own: times of each round.
        base: times of the other run in the same rounds.
        paired: the median of the rounds' ratios; else the ratio of the medians.
    """
    pairs = list(zip(own, base, strict=True))
    chance = np.random.default_rng(0)
    draws = chance.integers(0, len(pairs), size=(DRAWS, len(pairs)))
    values = [_centre([pairs[i] for i in draw], paired) for draw in draws]
    low, high = np.percentile(values, (2.5, 97.5))
    return Ratio(_centre(pairs, paired), float(low), float(high), len(pairs))


def _centre(pairs: Iterable[tuple[float, float]], paired: bool) -> float:
    pairs = list(pairs)
    if paired:
        return statistics.median(own / base for own, base in pairs)
    return statistics.median(own for own, _ in pairs) / statistics.median(base for _, base in pairs)
