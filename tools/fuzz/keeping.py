"""Failed cases as files: the input, and beside it what failed."""

import hashlib
import json
import shlex
from collections import Counter
from pathlib import Path

from tools.fuzz.check import Case, Failure
from tools.fuzz.corpus import Mutated
from tools.fuzz.minimising import minimised
from tools.fuzz.running import Checker

ALIKE = 3
"""Failures of one kind that are kept; the rest are counted."""
_SLOW_TRIES = 60
"""Tries to make a hang smaller: each may take until the deadline."""


class Keeper:
    """Keeps failed cases in a folder.

    Args:
        folder: made when there is something to keep.
        checker: checks smaller and smaller pieces of them.
        seed: of the run.
        data: folder of the real pages of the run, for the command that makes the case again.
    """

    def __init__(self, folder: Path, checker: Checker, seed: int, data: Path | None) -> None:
        self.folder = folder
        self.kinds: Counter[tuple[str, str]] = Counter()
        self._checker = checker
        self._seed = seed
        self._data = data

    def keep(self, failed: Mutated, failure: Failure) -> Path | None:
        """Makes a failed case small and writes it.

        Args:
            failed: the case.
            failure: what failed.

        Returns:
            The file of the input, or None if enough of that kind are kept.
        """
        self.kinds[failure.kind] += 1
        if self.kinds[failure.kind] > ALIKE:
            return None

        def fails(data: bytes) -> bool:
            found = self._checker.check(Case(data, failed.case.is_text))
            return isinstance(found, Failure) and found.kind == failure.kind

        data = failed.case.data
        if fails(data):
            tries = {"most_tries": _SLOW_TRIES} if failure.name == "hang" else {}
            data = minimised(data, fails, **tries)
        case = Case(data, failed.case.is_text)
        digest = hashlib.sha256(data).hexdigest()[:8]
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{failure.name}-{digest}{case.suffix}"
        path.write_bytes(data)
        options = f" --data {shlex.quote(str(self._data))}" if self._data else ""
        about = {
            "property": failure.name,
            "error": failure.error,
            "message": failure.message,
            "seed": self._seed,
            "case": failed.number,
            "again": f"python -m tools.fuzz --seed {self._seed}{options} --first {failed.number} --cases 1",
            "mutations": failed.mutations,
            "bytes_before": len(failed.case.data),
        }
        path.with_name(path.name + ".json").write_text(
            json.dumps(about, ensure_ascii=True, indent=1) + "\n", encoding="utf-8"
        )
        return path
