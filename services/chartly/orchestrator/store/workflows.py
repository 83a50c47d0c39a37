"""Workflows and idempotency keys in the database. Every function takes a connection within a transaction that its caller opened."""

from dataclasses import dataclass

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update
from sqlalchemy import delete as sql_delete

from chartly.orchestrator.errors import WorkflowConflict
from chartly.platform.identity.scope import Scope
from chartly.profiles import Schedule

from .tables import keys, workflows


class StoredStep(msgspec.Struct, frozen=True):
    """A step as its workflow defines it."""

    name: str
    type: str
    profile_ref: str
    depends_on: tuple[str, ...]
    enabled: bool


@dataclass(frozen=True, slots=True)
class StoredWorkflow:
    """A definition."""

    workflow_id: str
    name: str
    version: str
    content_hash: str
    steps: tuple[StoredStep, ...]
    created_at_ms: int
    schedule: Schedule | None = None
    deleted: bool = False


def by_name(connection: Connection, scope: Scope, name: str) -> StoredWorkflow | None:
    """Find the workflow that has this name now."""
    return _one(connection, scope, workflows.c.slot == name)


def by_id(connection: Connection, scope: Scope, workflow_id: str) -> StoredWorkflow | None:
    """Find a workflow by id, deleted ones included."""
    return _one(connection, scope, workflows.c.workflow_id == workflow_id)


def page(connection: Connection, scope: Scope, after: str, count: int) -> list[StoredWorkflow]:
    """Read workflows whose name sorts behind ``after``, by name."""
    query = (
        select(workflows)
        .where(workflows.c.tenant == scope.tenant, workflows.c.project == scope.project)
        .where(workflows.c.slot == workflows.c.name, workflows.c.name > after)
        .order_by(workflows.c.name)
        .limit(count)
    )
    return [_workflow(row) for row in connection.execute(query).mappings()]


def put(connection: Connection, scope: Scope, made: StoredWorkflow) -> None:
    """Store a new definition under its name."""
    connection.execute(
        insert(workflows).values(
            workflow_id=made.workflow_id,
            tenant=scope.tenant,
            project=scope.project,
            name=made.name,
            version=made.version,
            content_hash=made.content_hash,
            steps=msgspec.json.encode(made.steps).decode(),
            created_at_ms=made.created_at_ms,
            slot=made.name,
            schedule=msgspec.json.encode(made.schedule).decode() if made.schedule else "",
        )
    )


def delete(connection: Connection, scope: Scope, workflow_id: str) -> bool:
    """Free a workflow's name; its row stays for its runs. Return False when it never existed."""
    where = (workflows.c.tenant == scope.tenant, workflows.c.project == scope.project, workflows.c.workflow_id == workflow_id)
    return connection.execute(update(workflows).where(*where).values(slot=workflow_id)).rowcount == 1


def made_under(connection: Connection, scope: Scope, method: str, key: str, request_hash: str) -> str | None:
    """Return the id that an earlier call with this idempotency key created; None when there was none, or the key is empty.

    Raises:
        WorkflowConflict: the key was used with another request.
    """
    if not key:
        return None
    where = (keys.c.tenant == scope.tenant, keys.c.project == scope.project, keys.c.method == method, keys.c.key == key)
    row = connection.execute(select(keys).where(*where)).mappings().first()
    if row is None:
        return None
    if row["request_hash"] != request_hash:
        raise WorkflowConflict("idempotency_key")
    return row["made_id"]


def remember(connection: Connection, scope: Scope, method: str, key: str, request_hash: str, made_id: str, now_ms: int) -> None:
    """Store the id that a call with an idempotency key created; an empty key stores nothing."""
    if key:
        row = {"tenant": scope.tenant, "project": scope.project, "method": method, "key": key}
        connection.execute(insert(keys).values(**row, request_hash=request_hash, made_id=made_id, created_at_ms=now_ms))


def delete_keys(connection: Connection, before_ms: int) -> None:
    """Delete idempotency keys that were used before a time."""
    connection.execute(sql_delete(keys).where(keys.c.created_at_ms < before_ms))


def _one(connection: Connection, scope: Scope, where: ColumnElement[bool]) -> StoredWorkflow | None:
    query = select(workflows).where(workflows.c.tenant == scope.tenant, workflows.c.project == scope.project).where(where)
    row = connection.execute(query).mappings().first()
    return _workflow(row) if row else None


def _workflow(row: RowMapping) -> StoredWorkflow:
    return StoredWorkflow(
        row["workflow_id"],
        row["name"],
        row["version"],
        row["content_hash"],
        msgspec.json.decode(row["steps"], type=tuple[StoredStep, ...]),
        row["created_at_ms"],
        msgspec.json.decode(row["schedule"], type=Schedule) if row["schedule"] else None,
        deleted=row["slot"] != row["name"],
    )
