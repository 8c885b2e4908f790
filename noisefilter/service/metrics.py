"""Numbers for Prometheus, added up over all worker processes."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client reads it when it is imported
CONTENT_TYPE = CONTENT_TYPE_LATEST
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The numbers of one application.

    Attributes:
        requests: by method, endpoint and status.
        seconds: time until the answer was sent, by endpoint.
        pages: by what became of them: ok, error, timeout, crashed or memory.
        received_bytes: of bodies, unpacked.
        present: requests that are being cleaned or wait for it.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "noisefilter_requests", "Requests answered.", ("method", "endpoint", "status"),
            registry=self._registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "noisefilter_request_seconds", "Time until the answer was sent.", ("endpoint",),
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self.pages = Counter(
            "noisefilter_pages", "Pages and texts, by what became of them.", ("status",),
            registry=self._registry,
        )  # fmt: skip
        self.received_bytes = Counter(
            "noisefilter_received_bytes", "Bytes of bodies, unpacked.", registry=self._registry
        )
        self.present = Gauge(
            "noisefilter_present_requests", "Requests that are being cleaned or wait for it.",
            multiprocess_mode="livesum", registry=self._registry,
        )  # fmt: skip

    def count(self, method: str, endpoint: str, status: int, seconds: float) -> None:
        """Counts one request that was answered; the method is one of `METHODS` or ``other``."""
        self.requests.labels(method, endpoint, status).inc()
        self.seconds.labels(endpoint).observe(seconds)

    def text(self) -> bytes:
        """All numbers in the text form of Prometheus; those of the other workers too, if there are any."""
        registry = self._registry
        if DIRECTORY_VARIABLE in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has no hints
        return generate_latest(registry)
