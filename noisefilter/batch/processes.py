"""Processes of a pool, seen from the caller's: what a child is, and how it is started.

They are started as commands of their own rather than through `multiprocessing`, whose children import the
caller's main script again: a script without ``if __name__ == "__main__"`` would run twice.
"""

import contextlib
import math
import os
import pickle
import select
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.spawn import get_executable
from typing import Protocol

from noisefilter.batch.child import READY
from noisefilter.batch.items import Work
from noisefilter.cleaner import Cleaner
from noisefilter.errors import WorkerCrashed

# -P: what happens to lie in the current folder is not imported.
_OPTIONS = (
    "-P",
    "-c",
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from noisefilter.batch.child import main; main()",
)
# The children share the cores; threads of their own would only be in the way, and in that of a fork.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class Child:
    """A child process, as its keeper sees it.

    Attributes:
        pid: its process number.
        connection: takes pickled items, gives pickled outcomes.
    """

    def __init__(self, pid: int, connection: Connection) -> None:
        self.pid = pid
        self.connection = connection
        self._bound: float | None = None
        self._poll: select.poll | None = None
        if sys.platform != "win32":
            self._poll = select.poll()
            self._poll.register(connection.fileno(), select.POLLIN)

    def speaks_within(self, timeout_s: float | None) -> bool:
        """Waits until it has sent something, or is dead; None: for ever.

        As `Connection.poll`, which makes a selector for each call.
        """
        if self._poll is None:
            return self.connection.poll(timeout_s)
        return bool(self._poll.poll(None if timeout_s is None else math.ceil(timeout_s * 1000)))

    def bound(self, timeout_s: float | None) -> None:
        """Bounds the seconds for which sending to it or receiving from it may stall, as if it were stopped.

        Over them it raises `BlockingIOError`. Not on Windows.
        """
        if sys.platform == "win32" or timeout_s == self._bound:
            return
        self._bound = timeout_s
        seconds, part = divmod(timeout_s or 0.0, 1.0)  # 0 is no bound
        time = struct.pack("@ll", int(seconds), math.ceil(part * 1e6))
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=self.connection.fileno())
        for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            sock.setsockopt(socket.SOL_SOCKET, option, time)
        sock.detach()  # the connection owns it


class Starter(Protocol):
    """Starts children and ends them; safe to share between threads."""

    def start(self) -> Child:
        """Starts a child and waits until it is warm.

        Raises:
            WorkerCrashed: it cannot be started, or the starter is closed.
        """

    def end(self, child: Child) -> int | None:
        """Kills a child, if it is not dead already.

        Returns:
            Its exit code, or less than 0: the signal that ended it; None if it is not known.
        """

    def close(self) -> None:
        """Kills all children and refuses to start others."""


def warm_child(begin: Callable[[socket.socket], int], end: Callable[[Child], object]) -> Child:
    """A new child, once it is warm.

    Args:
        begin: starts it, given its end of the connection; returns its process number.
        end: kills it.

    Raises:
        WorkerCrashed: it cannot be started.
    """
    try:
        ours, theirs = socket.socketpair()
    except OSError as error:  # say, too many open files
        raise _not_started(error) from error
    connection = Connection(ours.detach())
    try:
        with theirs:
            child = Child(begin(theirs), connection)
        try:
            if connection.recv_bytes() != READY:
                raise EOFError
        except (EOFError, OSError):
            end(child)
            raise
    except (EOFError, OSError) as error:
        connection.close()
        raise _not_started(error) from error
    return child


def _not_started(error: Exception) -> WorkerCrashed:
    why = f" ({error})" if str(error) else ""
    return WorkerCrashed(
        None,
        f"no child process could be started{why}: stderr may say why; n_jobs=1 without timeout_s needs none",
    )


def launch(end: socket.socket, is_nursery: bool, cleaner: Cleaner, work: Work) -> subprocess.Popen[bytes]:
    """Starts a process that holds one end of a socket pair, and closes that end here."""
    with end:
        executable = get_executable()
        if not executable:  # where Python is part of another program
            raise OSError("sys.executable does not name a Python")
        # Before there is a process that would wait for it.
        orders = pickle.dumps(sys.path), pickle.dumps((is_nursery, cleaner, work))
        # A session of its own: Ctrl-C is for the caller, who then ends the children.
        process = subprocess.Popen(
            [executable, *_OPTIONS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if sys.platform == "win32" else subprocess.DEVNULL,
            env={**_ONE_THREAD, **os.environ},
            pass_fds=() if sys.platform == "win32" else (end.fileno(),),
            start_new_session=True,
        )
        handle: int | bytes
        if sys.platform == "win32":
            handle = end.share(process.pid)
        else:
            handle = end.fileno()
        assert process.stdin is not None
        # If it is dead already, its end of the socket tells so.
        with contextlib.suppress(OSError), process.stdin as stdin:
            stdin.write(orders[0] + pickle.dumps(handle) + orders[1])
        if process.stdout is not None:  # Windows: a shared socket is to stay open until it is taken over
            with process.stdout as stdout:
                stdout.read(1)
    return process
