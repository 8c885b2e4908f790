"""What a child of the fuzzer does when a test plants faults: some inputs fail, hang or kill it."""

import os
import signal
import time

from noisefilter import Cleaner, Item, Status
from noisefilter.batch.items import Outcome
from tools.fuzz.check import Failure

BUG, HANG, CRASH = b"<p>", b"<hang>", b"<crash>"


def check_item(cleaner: Cleaner, item: Item) -> Outcome:
    """In place of `tools.fuzz.running.check_item`."""
    del cleaner
    data = item.html
    assert isinstance(data, bytes)
    if HANG in data:
        time.sleep(600)
    if CRASH in data:
        os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    found = Failure("planted", "AssertionError", "a paragraph") if BUG in data else "held"
    return Outcome(Status.OK, made=found)
