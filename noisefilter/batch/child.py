"""What runs in the processes of a pool: the children, and the nursery that forks them.

Nothing here runs in the caller's process.
"""

import contextlib
import errno
import gc
import os
import pickle
import signal
import socket
import struct
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

from noisefilter.batch.items import Item, Outcome, Status, Work, outcome_of
from noisefilter.cleaner import Cleaner
from noisefilter.errors import NoiseFilterError

FORK, END = b"F", b"E"
REQUEST, REPLY = struct.Struct("=ci"), struct.Struct("=i")
READY = b"ready"
_TEXT = "High water comes twice a day, says the harbour master."


def main() -> None:
    """The whole life of a process of a pool; `noisefilter.batch.processes` writes its orders to stdin."""
    _let_only_the_parent_end_this()
    handle = pickle.load(sys.stdin.buffer)
    is_nursery, cleaner, work = pickle.load(sys.stdin.buffer)
    warm_up(cleaner)
    if is_nursery:
        nurse(socket.socket(fileno=handle), cleaner, work)
    else:
        _end_with_the_parent()
        serve(Connection(_received(handle).detach()), cleaner, work)


def _let_only_the_parent_end_this() -> None:
    """Leaves Ctrl-C and SIGTERM to the parent, which may first have to finish what it is at.

    They arrive here too where there are no sessions, and where all processes of a service are told to end.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if hasattr(signal, "SIGCHLD"):  # ignored by the caller, children would be gone before they are waited for
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _end_with_the_parent() -> None:
    """Looks every second whether the parent is still there, also amid a pattern that takes for ever.

    Children of a nursery need none of it: it ends them.
    """
    if sys.platform == "win32":
        return
    parent = os.getppid()

    def look(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(1)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, 1, 1)


def warm_up(cleaner: Cleaner) -> None:
    """Has what is imported and cached at the first call there before the first item."""
    outcome_of(cleaner, Item(html=f"<html><body><h1>Tides</h1><p>{_TEXT}</p></body></html>"))
    outcome_of(cleaner, Item(text=_TEXT))


def become_nursery(control: socket.socket, cleaner: Cleaner, work: Work) -> NoReturn:
    """Turns a fresh fork of the caller's process into a nursery and ends with it."""
    code = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in signal.valid_signals():
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)
        _let_only_the_parent_end_this()
        _let_go_of_files(control.fileno())
        warm_up(cleaner)
        nurse(control, cleaner, work)
        code = 0
    finally:
        os._exit(code)  # what follows in the stack belongs to the caller


def _let_go_of_files(but: int) -> None:
    """Closes the caller's files and sockets, say a port that it listens at.

    Their numbers stay taken: an object of the caller may close one of them some day.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in [int(path.name) for path in Path("/dev/fd").iterdir()]:
        if number not in (2, but, nothing):
            with contextlib.suppress(OSError):  # that of the listing
                os.fstat(number)
                os.dup2(nothing, number)


def _received(handle: Any) -> socket.socket:
    if sys.platform == "win32":
        sock = socket.fromshare(handle)
        os.write(1, b".")  # the parent waits for it
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return sock
    return socket.socket(fileno=handle)


def serve(connection: Connection, cleaner: Cleaner, work: Work) -> None:
    """Does its work on what comes in until the parent closes its end, or is gone."""
    try:
        connection.send_bytes(READY)
        while True:
            connection.send_bytes(packed(_outcome(cleaner, work, connection.recv_bytes())))
    except (EOFError, OSError):
        return


def _outcome(cleaner: Cleaner, work: Work, message: bytes) -> Outcome:
    try:
        item = pickle.loads(message)
    except Exception as error:  # say, a class of the caller's script
        return Outcome(
            Status.ERROR,
            error=NoiseFilterError(
                f"this item cannot be sent to a child process ({error}): give it and its options as str, "
                "bytes and noisefilter.Policy, or use n_jobs=1 without timeout_s"
            ),
        )
    return work(cleaner, item)


def packed(outcome: Outcome) -> bytes:
    """An outcome as bytes, also if its error is of a kind that cannot be sent."""
    try:
        data = pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)
        if outcome.error is not None:
            pickle.loads(data)  # some exceptions can be pickled only
    except Exception as refused:
        told = outcome.error or refused
        return pickle.dumps(Outcome(Status.ERROR, error=NoiseFilterError(f"{type(told).__name__}: {told}")))
    return data


def nurse(control: socket.socket, cleaner: Cleaner, work: Work) -> None:
    """Forks and ends children as the parent asks; ends all of them when the parent is gone.

    It alone waits for its children, and only when asked, so that no process number is used twice while the
    parent still means the first.
    """
    children: set[int] = set()
    gc.freeze()  # a collection would write to memory that the children share
    try:
        control.sendall(REPLY.pack(0))
        while True:
            request, descriptors, _, _ = socket.recv_fds(control, REQUEST.size, 1)
            if len(request) < REQUEST.size:
                return
            order, pid = REQUEST.unpack(request)
            if order == FORK:
                reply = _fork(control, descriptors[0], cleaner, work)
                if reply > 0:
                    children.add(reply)
            else:
                reply = _end(pid)
                children.discard(pid)
            control.sendall(REPLY.pack(reply))
    except OSError:  # the parent is gone
        return
    finally:
        for pid in children:
            with contextlib.suppress(OSError):  # the others are to end all the same
                _end(pid)


def _fork(control: socket.socket, descriptor: int, cleaner: Cleaner, work: Work) -> int:
    """A new child's number, or less than 0: the number of the error, say of too many processes."""
    try:
        pid = os.fork()
    except OSError as error:
        pid = -(error.errno or errno.EAGAIN)
    if pid == 0:
        control.close()
        _serve_and_exit(descriptor, cleaner, work)
    os.close(descriptor)
    return pid


def _serve_and_exit(descriptor: int, cleaner: Cleaner, work: Work) -> NoReturn:
    code = 1
    try:
        serve(Connection(descriptor), cleaner, work)
        code = 0
    finally:
        os._exit(code)  # what follows in the stack belongs to the nursery


def _end(pid: int) -> int:
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
