"""What the handlers of several rooms encode and decode. Each room encodes its own messages itself."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from chartly.platform.identity.scope import current_scope
from chartly.v1 import common_pb2

from .model import Counts, DatasetKey, DedupePolicy, FrozenRef

_DEDUPE_POLICIES: Mapping[str, DedupePolicy] = {"": "first", "first": "first", "last": "last", "quarantine": "quarantine"}


def dataset_key(dataset: str) -> DatasetKey:
    """Return the key of a dataset of the caller's project."""
    scope = current_scope()
    return DatasetKey(scope.tenant, scope.project, dataset)


def acting_principal() -> str:
    """Return the principal that the ledger names: the caller, or the principal that a service calls for."""
    scope = current_scope()
    return scope.on_behalf_of or scope.principal


def dedupe_policy(name: str) -> DedupePolicy:
    """Decode a dedupe policy; empty means ``first``. The protos' field rules allow no other names."""
    return _DEDUPE_POLICIES[name]


def timestamp(time: datetime) -> Timestamp:
    """Encode an instant."""
    message = Timestamp()
    message.FromDatetime(time)
    return message


def time_of(message: Timestamp) -> datetime:
    """Decode an instant, in UTC."""
    return message.ToDatetime(tzinfo=UTC)


def counts(value: Counts) -> common_pb2.RecordCounts:
    """Encode counts of records."""
    return common_pb2.RecordCounts(
        records_in=value.records_in,
        canonical=value.canonical,
        duplicates=value.duplicates,
        quarantined=value.quarantined,
        replayed=value.replayed,
    )


def reason_counts(reasons: Mapping[str, int]) -> list[common_pb2.ReasonCount]:
    """Encode records by reason, in the mapping's order."""
    return [common_pb2.ReasonCount(reason=reason, records=records) for reason, records in reasons.items()]


def violations(values: Iterable[Mapping[str, str]]) -> list[common_pb2.RecordViolation]:
    """Encode a record's violations."""
    return [common_pb2.RecordViolation(**violation) for violation in values]


def frozen(value: FrozenRef) -> common_pb2.FrozenProfile | None:
    """Encode a resolved profile; None for the empty one."""
    return common_pb2.FrozenProfile(ref=value.ref, hash=value.hash) if value.hash else None


def frozen_of(message: common_pb2.FrozenProfile) -> FrozenRef:
    """Decode a resolved profile; an unset one is empty."""
    return FrozenRef(ref=message.ref, hash=message.hash)
