"""Children as processes of their own, for systems on which a fork is not safe."""

import socket
import subprocess
import threading

from noisefilter.batch.items import Work
from noisefilter.batch.processes import Child, launch, warm_child
from noisefilter.cleaner import Cleaner


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
        return warm_child(self._begin, self.end)

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

    def _begin(self, theirs: socket.socket) -> int:
        process = launch(theirs, False, self._cleaner, self._work)
        with self._lock:
            if not self._closed:
                self._processes[process.pid] = process
                return process.pid
        process.kill()
        process.wait()
        raise OSError("the pool is closed")
