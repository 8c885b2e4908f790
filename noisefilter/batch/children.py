"""Which way children are started on this system."""

import os
import socket
import sys
from typing import Literal, TypeAlias

from noisefilter.batch.forking import ForkStarter
from noisefilter.batch.items import Work
from noisefilter.batch.processes import Starter
from noisefilter.batch.spawning import SpawnStarter
from noisefilter.cleaner import Cleaner

StartMethod: TypeAlias = Literal["fork", "fork_here", "spawn"]
# Not on macOS, whose own libraries do not outlive a fork.
CAN_FORK = hasattr(os, "fork") and hasattr(socket, "send_fds") and sys.platform != "darwin"


def starter_of(method: StartMethod | None, cleaner: Cleaner, work: Work) -> Starter:
    """The starter for a method, or for None the one that suits the system."""
    if method is None:
        method = "fork" if CAN_FORK else "spawn"
    if method == "spawn":
        return SpawnStarter(cleaner, work)
    return ForkStarter(cleaner, work, from_here=method == "fork_here")
