"""Log lines as JSON, one for each request. The text of a page, and what else a caller sends, is in none."""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

REQUESTS = logging.getLogger("noisefilter.requests")
SERVICE = logging.getLogger("noisefilter.service")


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        members: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
        }
        if isinstance(fields := getattr(record, "fields", None), dict):
            members |= fields
        else:
            members["message"] = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            members["error"] = where(record.exc_info[1])
        return json.dumps(members, ensure_ascii=False)


def where(error: BaseException) -> list[str]:
    """The type of an error and the lines of code it came through; not its message, which may quote a page."""
    frames = traceback.extract_tb(error.__traceback__)
    return [type(error).__name__, *(f"{f.filename}:{f.lineno} {f.name}" for f in frames)]


def configuration() -> dict[str, Any]:
    """For `logging.config.dictConfig`: requests to stdout, everything else to stderr."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": f"{__name__}.{JsonFormatter.__name__}"}},
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout",
            },
            "stderr": {
                "class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr",
            },
        },
        "loggers": {
            REQUESTS.name: {"handlers": ["stdout"], "level": "INFO", "propagate": False},
            SERVICE.name: {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }  # fmt: skip
