"""Discard quarantined records: under the dataset's lock, with the ledger event in the same transaction. It deletes nothing."""

from collections.abc import Mapping
from datetime import datetime

from chartly.platform import outbox
from chartly.platform.metadata import Metadata
from chartly.platform.outbox import Event
from chartly.storage import tables
from chartly.storage.errors import QuarantineSettled
from chartly.storage.model import DatasetKey, QuarantineStatus

from . import status_rows
from .states import State, attempts_of, digest_of_ids, state_of


def discard(
    metadata: Metadata, key: DatasetKey, chunks: Mapping[str, str], principal: str, justification: str, now: datetime
) -> list[QuarantineStatus]:
    """Discard records of one dataset, all or none. Discarded records stay unchanged.

    Args:
        metadata: the metadata database.
        key: the dataset.
        chunks: the records' ids, each with the name of the chunk that has its row.
        principal: the person or program that discards them.
        justification: the reason, for the ledger.
        now: the time of the action.

    Raises:
        QuarantineSettled: one of them was released.
    """
    with metadata.writing() as connection:
        statuses = status_rows.find(connection, key.tenant, key.project, list(chunks))
        for quarantine_id, status in statuses.items():
            if status.state == State.RELEASED:
                raise QuarantineSettled(quarantine_id, status.state)
        waiting = [each for each in chunks if state_of(statuses.get(each)) is not State.DISCARDED]
        changed = [_discarded(key, (each, chunks[each]), statuses.get(each), principal, justification, now) for each in waiting]
        status_rows.put(connection, key.tenant, key.project, changed)
        if changed:
            outbox.put(connection, tables.outbox, key.tenant, key.project, [_event(key, waiting, principal, justification, now)])
    kept = [status for status in statuses.values() if status.state == State.DISCARDED]
    return [*changed, *kept]


def _discarded(
    key: DatasetKey, record: tuple[str, str], status: QuarantineStatus | None, principal: str, justification: str, now: datetime
) -> QuarantineStatus:
    quarantine_id, chunk = record
    return QuarantineStatus(
        quarantine_id=quarantine_id,
        chunk=chunk,
        dataset=key.dataset,
        state=State.DISCARDED,
        attempts=attempts_of(status),
        violations=status.violations if status else (),
        profile_hash=status.profile_hash if status else "",
        principal=principal,
        justification=justification,
        changed_at=now,
    )


def _event(key: DatasetKey, quarantine_ids: list[str], principal: str, justification: str, now: datetime) -> Event:
    digest = digest_of_ids(quarantine_ids)
    return Event(
        key=f"quarantine.discarded/{digest}",
        type="quarantine.discarded",
        subject=f"dataset/{key.dataset}",
        principal=principal,
        occurred_at=now,
        details={"records": len(quarantine_ids), "quarantine_ids_digest": digest, "justification": justification},
    )
