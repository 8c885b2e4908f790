"""How much memory a child process holds."""

import importlib
import os
import sys
from pathlib import Path
from typing import Any

_MB = 1e6


def check_measurable() -> None:
    """Makes sure that the size of another process can be read on this system.

    Raises:
        RuntimeError: it cannot; the message says what to install.
    """
    if sys.platform != "linux":
        _psutil()


def resident_mb(pid: int) -> float:
    """Resident size of a process in megabytes (of 1,000,000 bytes), as top and ps show it; 0 if it is gone.

    Memory that forked children share with the process they are forks of counts for each of them.
    """
    if sys.platform == "linux":
        try:
            pages = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
        except (OSError, IndexError):
            return 0.0
        return pages * os.sysconf("SC_PAGE_SIZE") / _MB
    psutil = _psutil()
    try:
        return float(psutil.Process(pid).memory_info().rss) / _MB
    except psutil.Error:
        return 0.0


def _psutil() -> Any:
    try:
        return importlib.import_module("psutil")
    except ImportError:
        raise RuntimeError(
            "max_memory_mb needs psutil on this system to see how large a child is: pip install psutil"
        ) from None
