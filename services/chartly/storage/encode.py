"""From storage's values to messages. It reads nothing."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from chartly.platform.json.values import json_value
from chartly.v1 import commit_pb2, common_pb2, dataset_pb2, quarantine_pb2

from .model import Column, Counts, Dataset, Frozen, QuarantineStatus, Receipt, WriteMode
from .quarantine.reader import Held
from .quarantine.states import State, state_of
from .raw.rows import Blob
from .table import columns as c


def timestamp(time: datetime) -> Timestamp:
    """An instant."""
    message = Timestamp()
    message.FromDatetime(time)
    return message


def raw_ref(blob: Blob) -> common_pb2.RawRef:
    """A blob's reference."""
    return common_pb2.RawRef(
        bucket=blob.bucket,
        key=blob.key,
        sha256=blob.sha256,
        content_type=blob.content_type,
        captured_at=timestamp(blob.captured_at),
        size_bytes=blob.size_bytes,
    )


def counts(value: Counts) -> common_pb2.RecordCounts:
    """Counts of records."""
    return common_pb2.RecordCounts(
        records_in=value.records_in,
        canonical=value.canonical,
        duplicates=value.duplicates,
        quarantined=value.quarantined,
        replayed=value.replayed,
    )


def frozen(value: Frozen) -> common_pb2.FrozenProfile | None:
    """A frozen profile, or nothing where there is none."""
    return common_pb2.FrozenProfile(ref=value.ref, hash=value.hash) if value.hash else None


def columns(values: tuple[Column, ...]) -> list[dataset_pb2.DatasetColumn]:
    """Columns in their order."""
    return [dataset_pb2.DatasetColumn(name=column.name, type=column.type) for column in values]


def receipt(value: Receipt) -> commit_pb2.CommitReceipt:
    """What one submission of a chunk did."""
    commit = value.commit
    return commit_pb2.CommitReceipt(
        work_key=commit.submission.work_key,
        dataset=commit.key.dataset,
        dataset_version=commit.sequence,
        counts=counts(value.counts),
        quarantine_reasons=[common_pb2.ReasonCount(reason=reason, records=records) for reason, records in value.reasons.items()],
        content_hash=commit.content_hash,
        committed_at=timestamp(commit.committed_at),
        run_id=commit.submission.run_id,
        replayed=value.replayed,
        chunk_counts=counts(commit.counts),
        chunk_digest=commit.chunk_digest,
        accepted_digest=commit.accepted_digest,
        rejected_digest=commit.rejected_digest,
        rebuilt=commit.mode is WriteMode.REBUILD,
    )


def dataset(value: Dataset, status: Mapping[str, int]) -> dataset_pb2.Dataset:
    """A dataset's description; ``status`` counts its quarantined records that somebody acted on, by state."""
    retried, released, discarded = (status.get(state, 0) for state in (State.RETRIED, State.RELEASED, State.DISCARDED))
    return dataset_pb2.Dataset(
        dataset=value.key.dataset,
        version=value.version,
        rows=value.rows,
        content_hash=value.content_hash,
        storage=frozen(value.storage),
        columns=columns(value.columns),
        created_at=timestamp(value.created_at),
        updated_at=timestamp(value.updated_at),
        derived=value.derived,
        counts=counts(value.counts),
        quarantine=dataset_pb2.QuarantineCounts(
            open=value.counts.quarantined - retried - discarded, retried=retried, released=released, discarded=discarded
        ),
    )


def record(row: dict[str, Any], hidden: tuple[str, ...] = ()) -> Struct:
    """One record as JSON; absent fields are left out."""
    message = Struct()
    message.update({name: json_value(value) for name, value in row.items() if value is not None and name not in hidden})
    return message


def quarantined(held: Held, payload: str = "") -> quarantine_pb2.QuarantinedRecord:
    """One quarantined record, with where it stands."""
    row, status = held
    message = quarantine_pb2.QuarantinedRecord(
        quarantine_id=row["quarantine_id"],
        dataset=row["dataset"],
        source_id=row["source_id"],
        run_id=row["run_id"],
        place=common_pb2.RawPlace(sha256=row["raw_sha256"], line=row[c.RAW_LINE], offset=row[c.RAW_OFFSET], length=row[c.RAW_LENGTH]),
        violations=violations(row[c.VIOLATIONS]),
        profile_hash=row["profile_hash"],
        captured_at=timestamp(row["captured_at"]),
        payload=payload,
        state=state_of(status),
        sealed=is_sealed(held),
    )
    if status is not None:
        message.attempts = status.attempts
        message.retry_violations.extend(violations(status.violations))
        message.retry_profile_hash = status.profile_hash
        message.principal = status.principal
        message.changed_at.CopyFrom(timestamp(status.changed_at))
        message.justification = status.justification
        message.before_sha256, message.after_sha256 = status.before_sha256, status.after_sha256
        message.dataset_version = status.version
    return message


def is_sealed(held: Held) -> bool:
    """Whether a record's payload is kept encrypted; records of before sealing are not."""
    return bool(held.row.get(c.SEALED))


def outcome(status: QuarantineStatus) -> quarantine_pb2.QuarantineOutcome:
    """Where a record stands that was acted on."""
    return quarantine_pb2.QuarantineOutcome(
        quarantine_id=status.quarantine_id,
        state=status.state,
        attempts=status.attempts,
        violations=violations(status.violations),
        dataset_version=status.version,
    )


def violations(values: Iterable[dict[str, str]]) -> list[common_pb2.RecordViolation]:
    """What a record broke."""
    return [common_pb2.RecordViolation(**violation) for violation in values]


def time_of(message: Timestamp) -> datetime:
    """An instant, read back."""
    return message.ToDatetime(tzinfo=UTC)
