"""Starts and ends the processes of a pool, seen from the caller's process.

They are started as commands of their own rather than through `multiprocessing`, whose children import the
caller's main script again: a script without ``if __name__ == "__main__"`` would run twice.
"""

import contextlib
import math
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import threading
from multiprocessing.connection import Connection
from multiprocessing.spawn import get_executable
from typing import Literal, Protocol, TypeAlias

from noisefilter.batch.child import END, FORK, READY, REPLY, REQUEST, become_nursery
from noisefilter.batch.items import Work
from noisefilter.cleaner import Cleaner
from noisefilter.errors import WorkerCrashed

StartMethod: TypeAlias = Literal["fork", "fork_here", "spawn"]
# Not on macOS, whose own libraries do not outlive a fork.
CAN_FORK = hasattr(os, "fork") and hasattr(socket, "send_fds") and sys.platform != "darwin"
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

    def bound(self, timeout_s: float | None) -> None:
        """Bounds the seconds for which sending to it or receiving from it may stall, as if it were stopped.

        Over them it raises `BlockingIOError`. Not on Windows.
        """
        if sys.platform == "win32":
            return
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


def starter_of(method: StartMethod | None, cleaner: Cleaner, work: Work) -> Starter:
    """The starter for a method, or for None the one that suits the system."""
    if method is None:
        method = "fork" if CAN_FORK else "spawn"
    if method == "spawn":
        return SpawnStarter(cleaner, work)
    return ForkStarter(cleaner, work, from_here=method == "fork_here")


class _Process(Protocol):
    """What is waited for: a command or a fork."""

    def wait(self) -> int:
        """Its exit code, once it has ended."""


class _Fork:
    """A forked process, as `subprocess.Popen` would show it."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


def _forked_nursery(end: socket.socket, cleaner: Cleaner, work: Work) -> _Fork:
    with end:
        pid = os.fork()
        if pid == 0:
            become_nursery(end, cleaner, work)
        return _Fork(pid)


def _launch(end: socket.socket, is_nursery: bool, cleaner: Cleaner, work: Work) -> subprocess.Popen[bytes]:
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


def _pair() -> tuple[Connection, socket.socket]:
    """Both ends of a new connection: ours, and that of a child."""
    try:
        ours, theirs = socket.socketpair()
    except OSError as error:  # say, too many open files
        raise _not_started(error) from error
    return Connection(ours.detach()), theirs


def _wait_until_warm(connection: Connection) -> None:
    if connection.recv_bytes() != READY:
        raise EOFError


def _not_started(error: Exception) -> WorkerCrashed:
    why = f" ({error})" if str(error) else ""
    return WorkerCrashed(
        None,
        f"no child process could be started{why}: stderr may say why; n_jobs=1 without timeout_s needs none",
    )


class SpawnStarter:
    """Starts every child as a new interpreter, which takes half a second and shares no memory."""

    def __init__(self, cleaner: Cleaner, work: Work) -> None:
        self._cleaner = cleaner
        self._work = work
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._closed = False
        self._lock = threading.RLock()

    def start(self) -> Child:
        """Starts a child; see `Starter.start`."""
        connection, theirs = _pair()
        try:
            process = _launch(theirs, False, self._cleaner, self._work)
            child = Child(process.pid, connection)
            with self._lock:
                self._processes[process.pid] = process
                closed = self._closed
            try:
                if closed:
                    raise OSError("the pool is closed")
                _wait_until_warm(connection)
            except (EOFError, OSError):
                self.end(child)
                raise
        except (EOFError, OSError) as error:
            connection.close()
            raise _not_started(error) from error
        return child

    def end(self, child: Child) -> int | None:
        """Kills a child; see `Starter.end`."""
        child.connection.close()
        with self._lock:
            process = self._processes.pop(child.pid, None)
        if process is None:
            return None
        process.kill()
        return process.wait()

    def close(self) -> None:
        """Kills all children; see `Starter.close`."""
        with self._lock:
            self._closed = True
            processes = list(self._processes.values())
            self._processes.clear()
        for process in processes:
            process.kill()
            process.wait()


class ForkStarter:
    """Has a nursery fork every child: a process that holds the model, whose memory the children share.

    It has one thread, so that a fork is safe whatever threads the caller has.

    Args:
        cleaner: what cleans.
        work: what a child does with an item.
        from_here: fork the first nursery now, from this process; any later one is a command of its own, since
            by then this process has threads.
    """

    def __init__(self, cleaner: Cleaner, work: Work, from_here: bool) -> None:
        self._cleaner = cleaner
        self._work = work
        self._process: _Process | None = None
        self._control: socket.socket | None = None
        self._pids: set[int] = set()
        self._closed = False
        self._lock = threading.RLock()
        if from_here:
            control, theirs = socket.socketpair()
            self._process, self._control = _forked_nursery(theirs, cleaner, work), control
            self._reply(control)  # once it is warm

    def start(self) -> Child:
        """Starts a child; see `Starter.start`."""
        connection, theirs = _pair()
        try:
            with theirs:
                child = Child(self._fork(theirs), connection)
            try:
                _wait_until_warm(connection)
            except (EOFError, OSError):
                self.end(child)
                raise
        except (EOFError, OSError) as error:
            connection.close()
            raise _not_started(error) from error
        return child

    def end(self, child: Child) -> int | None:
        """Kills a child; see `Starter.end`."""
        child.connection.close()
        with self._lock, contextlib.suppress(EOFError):
            if child.pid in self._pids:  # else it went with its nursery
                code = self._ask(END, child.pid)
                self._pids.discard(child.pid)
                return code
        return None

    def close(self) -> None:
        """Kills all children; see `Starter.close`."""
        with self._lock:
            self._closed = True
            self._end_nursery()

    def _fork(self, theirs: socket.socket) -> int:
        with self._lock:
            try:
                pid = self._ask(FORK, 0, theirs)
            except EOFError:  # the nursery has died since it was last asked
                pid = self._ask(FORK, 0, theirs)
            if pid <= 0:
                raise OSError(-pid, os.strerror(-pid))
            self._pids.add(pid)
        return pid

    def _ask(self, order: bytes, pid: int, theirs: socket.socket | None = None) -> int:
        """Asks the nursery, which is started if there is none.

        Raises:
            EOFError: it has died; the next call starts another.
        """
        control = self._control or self._start_nursery()
        try:
            descriptors = [] if theirs is None else [theirs.fileno()]
            socket.send_fds(control, [REQUEST.pack(order, pid)], descriptors)
        except OSError:  # it has died; reading tells so too
            pass
        return self._reply(control)

    def _reply(self, control: socket.socket) -> int:
        try:
            reply = control.recv(REPLY.size, socket.MSG_WAITALL)
        except OSError:
            reply = b""
        if len(reply) < REPLY.size:
            self._end_nursery()
            raise EOFError
        return int(REPLY.unpack(reply)[0])

    def _start_nursery(self) -> socket.socket:
        if self._closed:
            raise OSError("the pool is closed")
        control, theirs = socket.socketpair()
        try:
            self._process = _launch(theirs, True, self._cleaner, self._work)
        except OSError:
            control.close()
            raise
        self._control = control
        try:
            if self._closed:  # a collection while it was launched ended the pool
                raise EOFError
            self._reply(control)  # once it is warm
        except EOFError:
            self._end_nursery()
            raise OSError from None  # unlike one that was warm, another one would fare no better
        return control

    def _end_nursery(self) -> None:
        if self._control is None or self._process is None:
            return
        with contextlib.suppress(OSError):
            # Unlike closing it, this is seen at the other end even if a fork of the caller holds a copy.
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        if self._process.wait() != 0:  # killed itself, it could not end its children
            for pid in self._pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._control = self._process = None
        self._pids.clear()
