"""The ledger's outbox: events stored with the facts that they tell of, until the ledger has them. It sends nothing."""

from collections.abc import Collection, Iterable

import msgspec
from sqlalchemy import Connection, delete, select

from chartly.storage.model import Event, Value
from chartly.storage.tables import outbox

_POSITIONS_A_QUERY = 500


class Unsent(Value, frozen=True, kw_only=True):
    """An event that the ledger hasn't acknowledged."""

    position: int
    tenant: str
    project: str
    event: Event


def put(connection: Connection, tenant: str, project: str, events: Iterable[Event]) -> None:
    """Keep events, in the transaction of what they tell."""
    for event in events:
        body = msgspec.json.encode(event).decode()
        connection.execute(outbox.insert().values(tenant=tenant, project=project, principal=event.principal, body=body))


def unsent(connection: Connection, count: int) -> list[Unsent]:
    """Read the oldest events."""
    query = select(outbox).order_by(outbox.c.position).limit(count)
    return [
        Unsent(
            position=row["position"],
            tenant=row["tenant"],
            project=row["project"],
            event=msgspec.json.decode(row["body"], type=Event),
        )
        for row in connection.execute(query).mappings()
    ]


def sent(connection: Connection, positions: Collection[int]) -> None:
    """Forget events that the ledger has."""
    left = list(positions)
    for start in range(0, len(left), _POSITIONS_A_QUERY):
        connection.execute(delete(outbox).where(outbox.c.position.in_(left[start : start + _POSITIONS_A_QUERY])))
