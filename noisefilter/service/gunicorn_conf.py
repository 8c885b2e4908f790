"""gunicorn's configuration: ``gunicorn --config python:noisefilter.service.gunicorn_conf``.

`noisefilter serve` runs just that.
"""

import atexit
import logging
import math
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from noisefilter.service.logs import SERVICE, configuration
from noisefilter.service.settings import Settings, SettingsError, unknown_variables
from noisefilter.service.worker import Worker

_METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

try:
    _settings = Settings.from_environment()
except SettingsError as error:
    sys.exit(f"noisefilter: {error}")


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # not in workers, which are forks
        shutil.rmtree(folder, ignore_errors=True)


def _metrics_folder() -> None:
    """Makes an empty folder for the numbers of the workers, named where prometheus_client looks for it."""
    chosen = _settings.metrics_dir
    try:
        if chosen is None:
            folder = Path(tempfile.mkdtemp(prefix="noisefilter-metrics-"))
            atexit.register(_remove, folder, os.getpid())
        else:
            folder = Path(chosen)
            folder.mkdir(parents=True, exist_ok=True)
            for kind in ("counter", "gauge", "histogram"):  # of the run before would be added to ours
                for old in folder.glob(f"{kind}_*.db"):
                    old.unlink()
    except OSError as error:
        sys.exit(
            f"noisefilter: no folder for metrics ({error}): name one that can be written to with "
            "NOISEFILTER_METRICS_DIR"
        )
    os.environ[_METRICS_VARIABLE] = str(folder)


_metrics_folder()
# Children share the cores, and a fork must find no threads.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

wsgi_app = "noisefilter.service:create_app()"
bind = [
    f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
]
workers = _settings.workers
worker_class = Worker
threads = _settings.threads
Worker.transfer_s = _settings.transfer_s
worker_connections = threads + 1000  # those beyond the threads are idle
preload_app = True  # the model is loaded once, and shared
timeout = 60
limit_request_line = 8190  # for options in the query
graceful_timeout = math.ceil(_settings.graceful_s)
keepalive = 5
control_socket_disable = True
accesslog = None
logconfig_dict = configuration()
logging.captureWarnings(True)  # a caller's pattern can make `re` warn
if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK):
    worker_tmp_dir = "/dev/shm"  # a slow disk must not look like a worker that hangs


def when_ready(_server: Any) -> None:
    """Tells of variables that are no settings."""
    for name in unknown_variables(os.environ):
        SERVICE.warning("%s is no setting: see docs/service.md", name)


def post_fork(server: Any, _worker: Any) -> None:
    """Starts the children of a worker, while it has one thread and can be forked."""
    from noisefilter.batch.children import CAN_FORK
    from noisefilter.service.app import EXTENSION

    server.app.wsgi().extensions[EXTENSION].start("fork_here" if CAN_FORK else None)


def worker_exit(server: Any, _worker: Any) -> None:
    """Ends the children of a worker."""
    from noisefilter.service.app import EXTENSION

    server.app.wsgi().extensions[EXTENSION].close()


def child_exit(_server: Any, worker: Any) -> None:
    """Forgets the gauges of a worker that is gone."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # it has no hints
