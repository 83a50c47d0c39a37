"""Rows of where quarantined records stand. Functions of a connection within a transaction; called on threads."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, and_, func, not_, or_, select

from chartly.storage.domain.model import DatasetKey, Standing
from chartly.storage.domain.quarantine import State

from .dataset_rows import in_utc
from .tables import standings

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
    for standing in changed:
        values = {**msgspec.structs.asdict(standing), "violations": msgspec.json.encode(standing.violations).decode(), "undone_at": 0}
        key = (
            standings.c.tenant == tenant,
            standings.c.project == project,
            standings.c.quarantine_id == values.pop("quarantine_id"),
        )
        if connection.execute(standings.update().where(*key).values(**values)).rowcount == 0:
            row: dict[str, Any] = {**values, "tenant": tenant, "project": project, "quarantine_id": standing.quarantine_id}
            connection.execute(standings.insert().values(**row))


def restore(connection: Connection, key: DatasetKey, version: int, restored: int) -> None:
    """Note that ``version`` holds what ``restored`` held: records that came back later wait again, those that were in then are in again."""
    table = standings.c
    mine = (table.tenant == key.tenant, table.project == key.project, table.dataset == key.dataset, table.version > 0)
    was_in = and_(table.version <= restored, or_(table.undone_at == 0, table.undone_at > restored))
    connection.execute(
        standings.update().where(*mine, table.state == State.RELEASED, not_(was_in)).values(state=State.RETRIED, undone_at=version)
    )
    connection.execute(standings.update().where(*mine, table.state == State.RETRIED, was_in).values(state=State.RELEASED, undone_at=0))


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
