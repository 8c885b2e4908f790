"""Delta debugging: the smallest input, as far as cutting out pieces goes, that still fails the same way."""

import time
from collections.abc import Callable, Sequence

MOST_TRIES = 3_000
MOST_SECONDS = 60.0


class _Spent(Exception):
    """No more tries are allowed."""


def minimised(
    data: bytes,
    fails: Callable[[bytes], bool],
    most_tries: int = MOST_TRIES,
    most_seconds: float = MOST_SECONDS,
) -> bytes:
    """Cuts out lines, then bytes.

    Args:
        data: an input that fails.
        fails: whether an input fails the same way.
        most_tries: after as many calls of `fails`, the smallest input so far is taken.
        most_seconds: likewise.

    Returns:
        An input that fails, at most as long.
    """
    smallest, tries, end = data, 0, time.monotonic() + most_seconds

    def still_fails(parts: Sequence[bytes]) -> bool:
        nonlocal smallest, tries
        if tries >= most_tries or time.monotonic() > end:
            raise _Spent
        tries += 1
        joined = b"".join(parts)
        if not fails(joined):
            return False
        smallest = joined
        return True

    try:
        _ddmin(data.splitlines(keepends=True), still_fails)
        _ddmin([bytes((byte,)) for byte in smallest], still_fails)
    except _Spent:
        pass
    return smallest


def _ddmin(parts: list[bytes], fails: Callable[[Sequence[bytes]], bool]) -> None:
    """Zeller and Hildebrandt's ddmin, complements only: halves are cut out, then quarters, and so on."""
    n = 2
    while len(parts) >= 2:
        size = -(-len(parts) // n)
        for start in range(0, len(parts), size):
            rest = parts[:start] + parts[start + size :]
            if fails(rest):
                parts, n = rest, max(n - 1, 2)
                break
        else:
            if size == 1:
                return
            n = min(2 * n, len(parts))
    if parts:
        fails([])
