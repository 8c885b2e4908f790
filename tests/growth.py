"""How the time of a call grows with its input, for tests of bounds that must hold on any machine."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_FLOOR_S = 5e-5  # shorter times are noise
_ROUNDS = 5


def growth(call: Callable[[T], object], short: T, long: T) -> float:
    """How many times as long a call takes with the long input; the best of some rounds counts."""

    def best(value: T) -> float:
        times = []
        for _ in range(_ROUNDS):
            start = time.perf_counter()
            call(value)
            times.append(time.perf_counter() - start)
        return max(min(times), _FLOOR_S)

    return best(long) / best(short)
