"""Children as forks of a nursery, which share the memory of the model."""

import contextlib
import os
import signal
import socket
import threading
from typing import Protocol

from noisefilter.batch.child import END, FORK, REPLY, REQUEST, become_nursery
from noisefilter.batch.items import Work
from noisefilter.batch.processes import Child, launch, warm_child
from noisefilter.cleaner import Cleaner


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
        return warm_child(self._fork, self.end)

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
        except ConnectionError:  # it has died; reading tells so too
            pass
        except OSError:  # it was not asked, so there will be no answer
            if theirs is not None:
                raise
            self._end_nursery()
            raise EOFError from None
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
            self._process = launch(theirs, True, self._cleaner, self._work)
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
