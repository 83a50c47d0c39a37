"""Encode an event as the bytes of a ledger entry: RFC 8785 JSON that meets contracts/v1/canonical/audit_record.json. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from google.protobuf.json_format import MessageToDict

from chartly.contracts import ContractStore
from chartly.ledger.bundle import ENTRY_BYTES_MAX
from chartly.native import canonicalize
from chartly.platform.errors import FieldViolation
from chartly.platform.identity.scope import Scope
from chartly.platform.json.numbers import whole
from chartly.v1.audit_pb2 import AuditEvent

from .errors import EntryInvalid

CONTRACT = "canonical.audit_record"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry without an index."""

    event_key: str
    kind: str
    run_id: str
    tenant: str
    project: str
    data: bytes
    """The bytes that are hashed and stored in a bundle."""


class EntryEncoder:
    """Encodes events as entries, and validates each against the contract."""

    def __init__(self, contracts: ContractStore, entry_bytes_max: int) -> None:
        self._entry_bytes_max = min(entry_bytes_max, ENTRY_BYTES_MAX)
        self._validator = contracts.validator(CONTRACT)

    def encode(self, event: AuditEvent, scope: Scope, now: datetime) -> Entry:
        """Return the entry of an event in ``scope``.

        Raises:
            EntryInvalid: the event breaks the contract, or is larger than an entry may be.
        """
        record = _record(event, scope, now)
        broken = self._validator.violations(record)
        if broken:
            raise EntryInvalid(violations=tuple(violation.as_field_violation("event") for violation in broken))
        data = canonicalize(orjson.dumps(record))
        if len(data) > self._entry_bytes_max:
            rule = f"must have at most {self._entry_bytes_max} bytes as canonical JSON"
            raise EntryInvalid(violations=(FieldViolation("event", rule),))
        return Entry(event.event_key, event.type, event.run_id, scope.tenant, scope.project, data)


def _record(event: AuditEvent, scope: Scope, now: datetime) -> dict[str, Any]:
    subject_kind, _, subject_id = event.subject.partition("/")
    moment = event.occurred_at.ToDatetime(UTC) if event.HasField("occurred_at") else now
    record: dict[str, Any] = {
        "entry_id": event.event_key,
        "kind": event.type,
        "ts": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "tenant_id": scope.tenant,
        "project_id": scope.project,
        "actor": _actor(scope.on_behalf_of or scope.principal),
        "subject": {"kind": subject_kind, "id": subject_id},
        "outcome": _outcome(event.type),
    }
    if event.run_id:
        record["run_id"] = event.run_id
    details: dict[str, Any] = MessageToDict(event.details)
    if details:
        record["details"] = whole(details)
    return record


def _actor(principal: str) -> dict[str, str]:
    kind, _, name = principal.partition(":")
    return {"kind": kind if kind in ("service", "drone", "schedule") else "user", "id": name or principal}


def _outcome(kind: str) -> str:
    verb = kind.rpartition(".")[2]
    return verb if verb in ("failed", "refused") else "succeeded"
