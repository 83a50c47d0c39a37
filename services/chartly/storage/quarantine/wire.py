"""Encodes quarantined records and their statuses."""

from chartly.storage.model import QuarantineStatus
from chartly.storage.table import columns as c
from chartly.storage.wire import timestamp, violations
from chartly.v1 import common_pb2
from chartly.v1 import quarantine_pb2 as pb

from .reader import QuarantinedRecord
from .states import state_of


def record(held: QuarantinedRecord, payload: str = "") -> pb.QuarantinedRecord:
    """Encode a record with its status."""
    row, status = held
    message = pb.QuarantinedRecord(
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
        payload_sha256=row.get(c.PAYLOAD_SHA256) or "",
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


def is_sealed(held: QuarantinedRecord) -> bool:
    """Return whether a record's payload is stored encrypted. Older rows lack the column; their payloads are not."""
    return bool(held.row.get(c.SEALED))


def outcome(status: QuarantineStatus) -> pb.QuarantineOutcome:
    """Encode the status of a record after an action."""
    return pb.QuarantineOutcome(
        quarantine_id=status.quarantine_id,
        state=status.state,
        attempts=status.attempts,
        violations=violations(status.violations),
        dataset_version=status.version,
    )
