"""Encodes reprocesses and rollbacks, decodes scopes."""

from typing import Any

from google.protobuf.struct_pb2 import Struct

from chartly.storage import wire
from chartly.v1 import common_pb2
from chartly.v1 import reprocess_pb2 as pb

from .model import ChunkFilter, Difference, Reprocess, Sample
from .rollback import Restored

_NUMBERS = (
    "base_version",
    "base_rows",
    "chunks",
    "unchanged",
    "changed",
    "appear",
    "vanish",
    "newly_quarantined",
    "no_longer_quarantined",
    "outside",
    "rows",
    "edited",
    "discarded",
)


def reprocess(value: Reprocess, *, with_samples: bool = False) -> pb.Reprocess:
    """Encode a reprocess."""
    made = pb.Reprocess(
        reprocess_id=value.reprocess_id,
        dataset=value.key.dataset,
        scope=_scope(value.scope),
        state=value.state.value,
        diff=_difference(value.difference) if value.difference else None,
        version=value.version,
        rebased_to=value.rebased_to,
        created_at=wire.timestamp(value.created_at),
    )
    if with_samples:
        made.samples.extend(map(_sample, value.samples))
    return made


def rollback(dataset: str, done: Restored) -> pb.RollbackDatasetResponse:
    """Encode what a rollback did, or would do."""
    base, target, difference = done.base.dataset, done.target, done.difference
    return pb.RollbackDatasetResponse(
        dataset=dataset,
        restored_version=target.sequence,
        version=done.version,
        rows=target.rows,
        content_hash=target.content_hash,
        appear=difference.appear,
        vanish=difference.vanish,
        changed=difference.changed,
        base_version=base.version,
        base_content_hash=base.content_hash,
    )


def scope_of(message: pb.ReprocessScope) -> ChunkFilter:
    """Decode a scope."""
    return ChunkFilter(
        normalizer=wire.frozen_of(message.normalizer),
        replaces=message.replaces,
        since=wire.time_of(message.since) if message.HasField("since") else None,
        until=wire.time_of(message.until) if message.HasField("until") else None,
        quarantined=message.quarantined,
    )


def _scope(value: ChunkFilter) -> pb.ReprocessScope:
    return pb.ReprocessScope(
        normalizer=wire.frozen(value.normalizer),
        replaces=value.replaces,
        since=wire.timestamp(value.since) if value.since else None,
        until=wire.timestamp(value.until) if value.until else None,
        quarantined=value.quarantined,
    )


def _difference(value: Difference) -> pb.ReprocessDiff:
    return pb.ReprocessDiff(
        **{name: getattr(value, name) for name in _NUMBERS},
        base_content_hash=value.base_content_hash,
        content_hash=value.content_hash,
        counts=wire.counts(value.counts),
        quarantine_reasons=wire.reason_counts(value.reasons),
    )


def _sample(value: Sample) -> pb.ReprocessSample:
    return pb.ReprocessSample(
        change=value.change,
        before=_struct(value.before),
        after=_struct(value.after),
        place=common_pb2.RawPlace(**value.place) if value.place else None,
        violations=wire.violations(value.violations),
    )


def _struct(record: dict[str, Any] | None) -> Struct | None:
    if record is None:
        return None
    made = Struct()
    made.update(record)
    return made
