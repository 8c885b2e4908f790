"""What several test files share."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FreshProcess = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def fresh_process() -> FreshProcess:
    """Runs Python code in a process of its own, which must end well."""

    def run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code, *arguments],
            capture_output=True,
            check=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            timeout=60,
        )

    return run
