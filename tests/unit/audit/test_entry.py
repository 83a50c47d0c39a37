"""The bound of one ledger entry."""

from datetime import UTC, datetime

import pytest

from chartly.audit.entry import EntryEncoder
from chartly.audit.errors import EntryInvalid
from chartly.contracts import ContractStore
from chartly.platform.config import Limits
from chartly.platform.identity.scope import Scope
from chartly.v1.audit_pb2 import AuditEvent

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
SCOPE = Scope.service("storage", "tenant-demo", "proj-sales")
EVENT = AuditEvent(event_key="run.started/run_1", type="run.started", subject="run/run_1")


def test_entry_has_at_most_ledger_entry_bytes_max_bytes() -> None:
    """An entry of the limit is encoded; one byte less room and it is refused."""
    contracts = ContractStore.packaged()
    size = len(EntryEncoder(contracts, Limits().ledger_entry_bytes_max).encode(EVENT, SCOPE, NOW).data)

    assert len(EntryEncoder(contracts, size).encode(EVENT, SCOPE, NOW).data) == size
    with pytest.raises(EntryInvalid) as refused:
        EntryEncoder(contracts, size - 1).encode(EVENT, SCOPE, NOW)
    assert refused.value.violations[0].description == f"must have at most {size - 1} bytes as canonical JSON"
