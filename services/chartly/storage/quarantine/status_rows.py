"""Rows of where quarantined records stand. Functions of a connection within a transaction; called on threads."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, func, select

from chartly.storage.commit.dataset_rows import in_utc
from chartly.storage.model import DatasetKey, Standing
from chartly.storage.tables import standings

from .states import State

# Of one query's IN list: SQLite takes some thirty thousand, PostgreSQL plans a few hundred quickly.
_IDS_A_QUERY = 500


def find(connection: Connection, tenant: str, project: str, quarantine_ids: Sequence[str]) -> dict[str, Standing]:
    """Read those of the records that somebody acted on."""
    found: dict[str, Standing] = {}
    for start in range(0, len(quarantine_ids), _IDS_A_QUERY):
        query = select(standings).where(
            standings.c.tenant == tenant,
            standings.c.project == project,
            standings.c.quarantine_id.in_(quarantine_ids[start : start + _IDS_A_QUERY]),
        )
        for row in connection.execute(query).mappings():
            found[row["quarantine_id"]] = _decode(row)
    return found


def put(connection: Connection, tenant: str, project: str, changed: Iterable[Standing]) -> None:
    """Keep where records stand now. The dataset's lane is the only writer, so what is there is what was decided upon."""
    table = standings.c
    for standing in changed:
        key = (table.tenant == tenant, table.project == project, table.quarantine_id == standing.quarantine_id)
        held = connection.execute(select(table.turns).where(*key)).scalar()
        turns = _turns(held or "[]")
        if standing.state == State.RELEASED and not _in_after(turns):
            turns.append(standing.version)
        values: dict[str, Any] = {
            **msgspec.structs.asdict(standing),
            "violations": msgspec.json.encode(standing.violations).decode(),
            "turns": msgspec.json.encode(turns).decode(),
        }
        if held is None:
            connection.execute(standings.insert().values(**values, tenant=tenant, project=project))
        else:
            connection.execute(standings.update().where(*key).values(**values))


def restore(connection: Connection, key: DatasetKey, version: int, restored: int) -> None:
    """Note that ``version`` holds what ``restored`` held: records that came back later wait again, those that were in then are in again."""
    table = standings.c
    mine = (table.tenant == key.tenant, table.project == key.project, table.dataset == key.dataset)
    acted = table.state.in_([State.RELEASED.value, State.RETRIED.value])
    found = connection.execute(select(table.quarantine_id, table.turns).where(*mine, acted, table.turns != "[]")).all()
    for quarantine_id, text in found:
        turns = _turns(text)
        if _in_after(turns) != _in_after(turns[: bisect_right(turns, restored)]):
            _turn(connection, key, quarantine_id, [*turns, version])


def _turn(connection: Connection, key: DatasetKey, quarantine_id: str, turns: list[int]) -> None:
    table = standings.c
    state = State.RELEASED if _in_after(turns) else State.RETRIED
    connection.execute(
        standings.update()
        .where(table.tenant == key.tenant, table.project == key.project, table.quarantine_id == quarantine_id)
        .values(state=state.value, turns=msgspec.json.encode(turns).decode())
    )


def _turns(text: str) -> list[int]:
    return msgspec.json.decode(text, type=list[int])


def _in_after(turns: Sequence[int]) -> bool:
    return len(turns) % 2 == 1


def settled(connection: Connection, key: DatasetKey) -> list[Standing]:
    """Read the records of a dataset that nobody waits for any more."""
    table = standings.c
    ended = table.state.in_([State.RELEASED.value, State.DISCARDED.value])
    query = select(standings).where(table.tenant == key.tenant, table.project == key.project, table.dataset == key.dataset, ended)
    return [_decode(row) for row in connection.execute(query.order_by(table.quarantine_id)).mappings()]


def ids(connection: Connection, key: DatasetKey) -> list[str]:
    """Name the records of a dataset on which somebody acted, in whatever chunk."""
    table = standings.c
    query = select(table.quarantine_id).where(table.tenant == key.tenant, table.project == key.project, table.dataset == key.dataset)
    return sorted(connection.execute(query).scalars())


def moved(connection: Connection, key: DatasetKey, quarantine_ids: Sequence[str], now: str) -> None:
    """Note that another commit's rows of the same chunk, which bear the same ids, are the ones that are shown."""
    table = standings.c
    mine = (table.tenant == key.tenant, table.project == key.project, table.dataset == key.dataset)
    for start in range(0, len(quarantine_ids), _IDS_A_QUERY):
        part = quarantine_ids[start : start + _IDS_A_QUERY]
        connection.execute(standings.update().where(*mine, table.quarantine_id.in_(part)).values(chunk=now))


def reopened(connection: Connection, key: DatasetKey, version: int, quarantine_ids: Sequence[str]) -> None:
    """Note that ``version`` holds records back again that had come back; a rollback to before it knows that they were in."""
    held = find(connection, key.tenant, key.project, quarantine_ids)
    table = standings.c
    for quarantine_id, standing in held.items():
        if standing.state == State.RELEASED:
            mine = (table.tenant == key.tenant, table.project == key.project, table.quarantine_id == quarantine_id)
            turns = _turns(connection.execute(select(table.turns).where(*mine)).scalar_one())
            _turn(connection, key, quarantine_id, [*turns, version])


def counts(
    connection: Connection, tenant: str, project: str, datasets: Sequence[str], withdrawn: Collection[str]
) -> dict[str, dict[str, int]]:
    """Count the records of datasets by state; those that nobody acted on are not among them, nor those that no version holds any more."""
    query = (
        select(standings.c.dataset, standings.c.state, standings.c.chunk, func.count())
        .where(standings.c.tenant == tenant, standings.c.project == project, standings.c.dataset.in_(datasets))
        .group_by(standings.c.dataset, standings.c.state, standings.c.chunk)
    )
    found: dict[str, dict[str, int]] = {}
    for dataset, state, chunk, number in connection.execute(query):
        if chunk not in withdrawn:
            of_dataset = found.setdefault(dataset, {})
            of_dataset[state] = of_dataset.get(state, 0) + int(number)
    return found


def _decode(row: RowMapping) -> Standing:
    return Standing(
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
