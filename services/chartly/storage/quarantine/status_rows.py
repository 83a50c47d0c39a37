"""Rows of the statuses of quarantined records. Functions of a connection within a transaction; called on threads."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, func, select

from chartly.storage.model import DatasetKey, QuarantineStatus
from chartly.storage.stored_time import in_utc
from chartly.storage.tables import quarantine_statuses

from .states import State

# Ids in one query's IN list: SQLite allows some thirty thousand, PostgreSQL plans a few hundred quickly.
_IDS_A_QUERY = 500


def find(connection: Connection, tenant: str, project: str, quarantine_ids: Sequence[str]) -> dict[str, QuarantineStatus]:
    """Return the statuses of these records. A record without an action has none."""
    found: dict[str, QuarantineStatus] = {}
    for start in range(0, len(quarantine_ids), _IDS_A_QUERY):
        query = select(quarantine_statuses).where(
            quarantine_statuses.c.tenant == tenant,
            quarantine_statuses.c.project == project,
            quarantine_statuses.c.quarantine_id.in_(quarantine_ids[start : start + _IDS_A_QUERY]),
        )
        for row in connection.execute(query).mappings():
            found[row["quarantine_id"]] = _decode(row)
    return found


def put(connection: Connection, tenant: str, project: str, changed: Iterable[QuarantineStatus]) -> None:
    """Store statuses. The caller holds the dataset's lock, so no other writer can change them in between."""
    table = quarantine_statuses.c
    for status in changed:
        key = (table.tenant == tenant, table.project == project, table.quarantine_id == status.quarantine_id)
        held = connection.execute(select(table.turns).where(*key)).scalar()
        turns = _turns(held or "[]")
        if status.state == State.RELEASED and not _in_after(turns):
            turns.append(status.version)
        values: dict[str, Any] = {
            **msgspec.structs.asdict(status),
            "violations": msgspec.json.encode(status.violations).decode(),
            "turns": msgspec.json.encode(turns).decode(),
        }
        if held is None:
            connection.execute(quarantine_statuses.insert().values(**values, tenant=tenant, project=project))
        else:
            connection.execute(quarantine_statuses.update().where(*key).values(**values))


def restore(connection: Connection, key: DatasetKey, version: int, restored: int) -> None:
    """Restore the statuses of version ``restored`` in ``version``: later releases become retried again, earlier ones stay released."""
    table = quarantine_statuses.c
    mine = (table.tenant == key.tenant, table.project == key.project, table.dataset == key.dataset)
    acted = table.state.in_([State.RELEASED.value, State.RETRIED.value])
    found = connection.execute(select(table.quarantine_id, table.turns).where(*mine, acted, table.turns != "[]")).all()
    for quarantine_id, text in found:
        turns = _turns(text)
        if _in_after(turns) != _in_after(turns[: bisect_right(turns, restored)]):
            _store_turns(connection, key, quarantine_id, [*turns, version])


def remove_since(connection: Connection, key: DatasetKey, version: int) -> None:
    """Undo the changes of ``restore`` and ``reopened`` in versions from ``version`` on, which were set aside."""
    table = quarantine_statuses.c
    mine = (table.tenant == key.tenant, table.project == key.project, table.dataset == key.dataset, table.turns != "[]")
    for quarantine_id, text in connection.execute(select(table.quarantine_id, table.turns).where(*mine)).all():
        turns = _turns(text)
        before = turns[: bisect_left(turns, version)]
        if before != turns:
            _store_turns(connection, key, quarantine_id, before)


def _store_turns(connection: Connection, key: DatasetKey, quarantine_id: str, turns: list[int]) -> None:
    table = quarantine_statuses.c
    state = State.RELEASED if _in_after(turns) else State.RETRIED
    connection.execute(
        quarantine_statuses.update()
        .where(table.tenant == key.tenant, table.project == key.project, table.quarantine_id == quarantine_id)
        .values(state=state.value, turns=msgspec.json.encode(turns).decode())
    )


def _turns(text: str) -> list[int]:
    return msgspec.json.decode(text, type=list[int])


def _in_after(turns: Sequence[int]) -> bool:
    return len(turns) % 2 == 1


def settled(connection: Connection, key: DatasetKey) -> list[QuarantineStatus]:
    """Return the statuses of a dataset's released and discarded records."""
    table = quarantine_statuses.c
    ended = table.state.in_([State.RELEASED.value, State.DISCARDED.value])
    query = select(quarantine_statuses).where(table.tenant == key.tenant, table.project == key.project, table.dataset == key.dataset, ended)
    return [_decode(row) for row in connection.execute(query.order_by(table.quarantine_id)).mappings()]


def ids(connection: Connection, key: DatasetKey) -> list[str]:
    """Return the ids of all records of a dataset that have a status."""
    table = quarantine_statuses.c
    query = select(table.quarantine_id).where(table.tenant == key.tenant, table.project == key.project, table.dataset == key.dataset)
    return sorted(connection.execute(query).scalars())


def moved(connection: Connection, key: DatasetKey, quarantine_ids: Sequence[str], now: str) -> None:
    """Point statuses to the rows that another commit wrote for the same chunk, with the same ids."""
    table = quarantine_statuses.c
    mine = (table.tenant == key.tenant, table.project == key.project, table.dataset == key.dataset)
    for start in range(0, len(quarantine_ids), _IDS_A_QUERY):
        part = quarantine_ids[start : start + _IDS_A_QUERY]
        connection.execute(quarantine_statuses.update().where(*mine, table.quarantine_id.in_(part)).values(chunk=now))


def reopened(connection: Connection, key: DatasetKey, version: int, quarantine_ids: Sequence[str]) -> None:
    """Return released records to quarantine in ``version``. A rollback to an earlier version releases them again."""
    held = find(connection, key.tenant, key.project, quarantine_ids)
    table = quarantine_statuses.c
    for quarantine_id, status in held.items():
        if status.state == State.RELEASED:
            mine = (table.tenant == key.tenant, table.project == key.project, table.quarantine_id == quarantine_id)
            turns = _turns(connection.execute(select(table.turns).where(*mine)).scalar_one())
            _store_turns(connection, key, quarantine_id, [*turns, version])


def counts(
    connection: Connection, tenant: str, project: str, datasets: Sequence[str], withdrawn: Collection[str]
) -> dict[str, dict[str, int]]:
    """Count records with a status by dataset and state, without those whose rows are withdrawn."""
    table = quarantine_statuses.c
    query = (
        select(table.dataset, table.state, table.chunk, func.count())
        .where(table.tenant == tenant, table.project == project, table.dataset.in_(datasets))
        .group_by(table.dataset, table.state, table.chunk)
    )
    found: dict[str, dict[str, int]] = {}
    for dataset, state, chunk, number in connection.execute(query):
        if chunk not in withdrawn:
            of_dataset = found.setdefault(dataset, {})
            of_dataset[state] = of_dataset.get(state, 0) + int(number)
    return found


def _decode(row: RowMapping) -> QuarantineStatus:
    return QuarantineStatus(
        quarantine_id=row["quarantine_id"],
        dataset=row["dataset"],
        state=row["state"],
        attempts=row["attempts"],
        violations=msgspec.json.decode(row["violations"], type=tuple[dict[str, str], ...]),
        profile_hash=row["profile_hash"],
        principal=row["principal"],
        justification=row["justification"],
        before_sha256=row["before_sha256"],
        after_sha256=row["after_sha256"],
        version=row["version"] if row["state"] == State.RELEASED else 0,
        chunk=row["chunk"],
        changed_at=in_utc(row["changed_at"]),
    )
