"""Storage's metrics, in addition to those of its calls. No label is a tenant or dataset, since their number has no bound."""

from collections.abc import Generator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram

from .model import Receipt

# From a small chunk on an idle disk to the largest chunk on a busy disk.
_BUCKETS_S = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_KINDS = ("canonical", "duplicates", "quarantined", "replayed")


class StorageMetrics:
    """Commits, records and bytes of this process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._commit_seconds = Histogram(
            "chartly_storage_commit_seconds",
            "Time of a commit, waiting for the dataset included.",
            registry=registry,
            buckets=_BUCKETS_S,
        )
        self._records = Counter("chartly_storage_records", "Records by what became of them.", ("kind",), registry=registry)
        self._retention_failures = Counter(
            "chartly_storage_retention_failures", "Datasets whose expired records a periodic pass could not remove.", registry=registry
        )
        self._blob_bytes = Counter("chartly_storage_blob_bytes", "Bytes of new raw blobs.", registry=registry)

    @contextmanager
    def committing(self) -> Generator[None]:
        """Measure the time of a commit, also of a failed one."""
        with self._commit_seconds.time():
            yield

    def committed(self, receipt: Receipt) -> None:
        """Count a submission's records."""
        for kind in _KINDS:
            self._records.labels(kind).inc(getattr(receipt.counts, kind))

    def retention_failed(self) -> None:
        """Count a dataset that a periodic pass of retention failed on."""
        self._retention_failures.inc()

    def stored(self, size_bytes: int) -> None:
        """Count a new blob."""
        self._blob_bytes.inc(size_bytes)
