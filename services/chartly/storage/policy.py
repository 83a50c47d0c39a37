"""The storage profile's rules. The registry has validated the document."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from .model import Value

GRANULARITIES = ("hour", "day", "month", "year")


class StoragePolicy(Value, frozen=True, kw_only=True):
    """How one dataset is stored."""

    partition_by: tuple[str, ...] = ()
    granularity: str = "day"
    """The unit to which instants in partition fields are truncated; other values are used unchanged."""
    index_fields: tuple[str, ...] = ()
    """Fields that rows are sorted by within a file, and that get statistics and bloom filters."""
    retention_days: int | None = None
    retention_by: Literal["ingested_at", "occurred_at"] = "ingested_at"
    seal_quarantine: bool = False
    """Whether payloads of quarantined records are encrypted."""


def kept_since(policy: StoragePolicy, now: datetime) -> datetime | None:
    """Return the time before which records are expired; None if the policy keeps records for ever.

    ``retention_by`` says which time of a record is compared with it.
    """
    return None if policy.retention_days is None else now - timedelta(days=policy.retention_days)


def read_policy(document: Mapping[str, Any]) -> StoragePolicy:
    """Read the ``spec`` of a resolved storage profile."""
    spec = document["spec"]
    partitioning = spec.get("partitioning", {})
    return StoragePolicy(
        partition_by=tuple(partitioning.get("by", ())),
        granularity=partitioning.get("granularity", "day"),
        index_fields=tuple(spec.get("indexing", {}).get("fields", ())),
        retention_days=spec.get("retentionDays"),
        retention_by=spec.get("retentionBy", "ingested_at"),
        seal_quarantine=spec.get("quarantine", {}).get("payload") == "sealed",
    )
