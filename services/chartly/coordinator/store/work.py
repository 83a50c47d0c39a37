"""Items and drones in the database. Every function takes a connection within a transaction that its caller opened.

Only one engine may write: the owner. ``take_over`` raises the epoch, and ``fence`` fails in a transaction of an older epoch, so that one
engine assigns all finish sequences, in commit order and without a gap.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import BindParameter, Connection, RowMapping, bindparam, delete, func, insert, select, update

from chartly.coordinator.domain.batch import BatchChanges
from chartly.coordinator.domain.model import RegisteredDrone, WorkItem, WorkState
from chartly.coordinator.domain.owner_watch import OwnerRow
from chartly.coordinator.errors import Superseded

from .tables import drones, owner, work

_OPEN = [state.value for state in WorkState if state.is_open]
# Fields that never change once an item is stored.
_FIXED = frozenset(
    {
        "work_id", "work_key", "kind", "tenant", "project", "source_id", "run_id", "step",
        "principal", "task", "data_bytes", "attempts_max", "enqueued_at_ms", "position",
    }
)  # fmt: skip
_CHANGING = [field.name for field in fields(WorkItem) if field.name not in _FIXED]
_ONE = 1
# Built once: building a statement of twenty columns costs more than running it.
_UPDATED: dict[str, BindParameter[Any]] = {name: bindparam(name) for name in _CHANGING}
_UPDATE_ITEM = update(work).where(work.c.work_id == bindparam("the_id")).values(_UPDATED)
_FENCE = (
    update(owner)
    .where(owner.c.one == _ONE, owner.c.epoch == bindparam("my_epoch"))
    .values(finished=bindparam("finished_now"), position=bindparam("position_now"), beats=owner.c.beats + 1)
)
# SQLite takes at most 32,766 variables a statement; this stays far below with any of our queries.
_KEYS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class Loaded:
    """The queue as a new owner reads it."""

    epoch: int
    finished: int
    position: int
    items: list[WorkItem]
    drones: list[RegisteredDrone]


def take_over(connection: Connection, owner_id: str, now_ms: int, lease_ms: int, epoch_before: int | None = None) -> Loaded:
    """Become the owner and read all open items. Leases get their whole length, so that drones have time for a heartbeat.

    Args:
        connection: within a write transaction.
        owner_id: the caller's id, unique for each engine.
        now_ms: the time.
        lease_ms: a lease's length.
        epoch_before: fail if another engine took over since this epoch; None takes over in any case. The caller's own takeover whose
            response was lost raised the epoch too, and is recognised by its id.

    Raises:
        Superseded: another engine took over.
    """
    row = connection.execute(select(owner).with_for_update()).mappings().first()
    if epoch_before is not None and (row is None or (row["epoch"] != epoch_before and row["owner_id"] != owner_id)):
        raise Superseded(epoch_before)
    if row is None:
        connection.execute(insert(owner).values(one=_ONE, epoch=1, finished=0, position=0, owner_id=owner_id, beats=0))
        epoch, finished, position = 1, 0, 0
    else:
        epoch, finished, position = row["epoch"] + 1, row["finished"], row["position"]
        connection.execute(update(owner).values(epoch=epoch, owner_id=owner_id))
    found = connection.execute(select(work).where(work.c.state.in_(_OPEN)).order_by(work.c.position)).mappings()
    items = [_item(row) for row in found]
    items = [replace(item, expires_at_ms=now_ms + lease_ms) if item.state is WorkState.LEASED else item for item in items]
    return Loaded(epoch, finished, position, items, [_drone(row) for row in connection.execute(select(drones)).mappings()])


def read_owner(connection: Connection) -> OwnerRow:
    """Read who owns the queue."""
    row = connection.execute(select(owner.c.owner_id, owner.c.epoch, owner.c.beats)).one()
    return OwnerRow(*row)


def release(connection: Connection, epoch: int) -> None:
    """Leave the queue without an owner, unless another engine owns it."""
    connection.execute(update(owner).where(owner.c.epoch == epoch).values(owner_id=""))


class StoredWork:
    """Stored items, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_keys(self, keys: Collection[str]) -> Mapping[str, WorkItem]:
        """Find the items with these keys, open or ended."""
        return by_keys(self._connection, keys)

    def by_id(self, work_id: str) -> WorkItem | None:
        """Find one item, open or ended."""
        return by_id(self._connection, work_id)


def store_changes(connection: Connection, changes: BatchChanges) -> None:
    """Store the changes of a batch."""
    insert_items(connection, changes.fresh.values())
    update_items(connection, changes.changed.values())
    save_drones(connection, changes.drones.values())
    delete_drones(connection, changes.forgotten)


def fence(connection: Connection, epoch: int, finished: int, position: int) -> None:
    """Store the counters as the owner of ``epoch``.

    Raises:
        Superseded: another process has taken over; the transaction must be rolled back.
    """
    done = connection.execute(_FENCE, {"my_epoch": epoch, "finished_now": finished, "position_now": position})
    if done.rowcount != 1:
        raise Superseded(epoch)


def insert_items(connection: Connection, items: Iterable[WorkItem]) -> None:
    """Store new items."""
    rows = [asdict(item) for item in items]
    if rows:
        connection.execute(insert(work), rows)


def update_items(connection: Connection, items: Iterable[WorkItem]) -> None:
    """Store the state of known items."""
    rows = [{"the_id": item.work_id, **{name: getattr(item, name) for name in _CHANGING}} for item in items]
    if rows:
        connection.execute(_UPDATE_ITEM, rows)


def by_keys(connection: Connection, keys: Collection[str]) -> dict[str, WorkItem]:
    """Find the items with these keys, open or ended."""
    wanted, found = list(keys), dict[str, WorkItem]()
    for start in range(0, len(wanted), _KEYS_A_QUERY):
        query = select(work).where(work.c.work_key.in_(wanted[start : start + _KEYS_A_QUERY]))
        for row in connection.execute(query).mappings():
            found[row["work_key"]] = _item(row)
    return found


def by_id(connection: Connection, work_id: str) -> WorkItem | None:
    """Find one item, open or ended."""
    row = connection.execute(select(work).where(work.c.work_id == work_id)).mappings().first()
    return _item(row) if row else None


def finished_after(connection: Connection, sequence: int, count: int) -> list[WorkItem]:
    """Read items that ended after ``sequence``, in the order in which they ended."""
    query = select(work).where(work.c.finish_sequence > sequence).order_by(work.c.finish_sequence).limit(count)
    return [_item(row) for row in connection.execute(query).mappings()]


def dead_letters(connection: Connection, tenant: str, project: str) -> int:
    """Count a project's items that ended as failed."""
    where = (work.c.state == WorkState.FAILED.value, work.c.tenant == tenant, work.c.project == project)
    return int(connection.execute(select(func.count()).select_from(work).where(*where)).scalar_one())


def delete_ended(connection: Connection, before_ms: int) -> int:
    """Delete items that ended before a time, except failed ones: their dead letters wait for a person."""
    kept = (*_OPEN, WorkState.FAILED.value)
    return connection.execute(delete(work).where(work.c.state.not_in(kept), work.c.ended_at_ms < before_ms)).rowcount


def delete_failed(connection: Connection, tenant: str, project: str, keys: Collection[str]) -> int:
    """Delete a project's items that ended as failed, by key."""
    left, forgotten = list(keys), 0
    for start in range(0, len(left), _KEYS_A_QUERY):
        where = (work.c.state == WorkState.FAILED.value, work.c.tenant == tenant, work.c.project == project)
        some = work.c.work_key.in_(left[start : start + _KEYS_A_QUERY])
        forgotten += connection.execute(delete(work).where(*where, some)).rowcount
    return forgotten


def save_drones(connection: Connection, known: Iterable[RegisteredDrone]) -> None:
    """Store drones, new or known."""
    for drone in known:
        row = {**asdict(drone), "kinds": ",".join(sorted(drone.kinds))}
        if connection.execute(update(drones).where(drones.c.drone_id == drone.drone_id).values(row)).rowcount == 0:
            connection.execute(insert(drones).values(row))


def delete_drones(connection: Connection, drone_ids: Collection[str]) -> None:
    """Delete drones."""
    if drone_ids:
        connection.execute(delete(drones).where(drones.c.drone_id.in_(drone_ids)))


def _item(row: RowMapping) -> WorkItem:
    facts = dict[str, Any](row)
    facts["state"] = WorkState(facts["state"])
    return WorkItem(**facts)


def _drone(row: RowMapping) -> RegisteredDrone:
    facts = dict[str, Any](row)
    facts["kinds"] = frozenset(kind for kind in facts["kinds"].split(",") if kind)
    return RegisteredDrone(**facts)
