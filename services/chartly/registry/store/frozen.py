"""Rows of frozen profiles, stored forever. A run reads its profile here, whatever is published later."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from chartly.contracts.digest import digest
from chartly.platform.metadata import Metadata
from chartly.profiles import Reference
from chartly.registry.errors import StoredDamaged

from .tables import frozen
from .times import to_us


@dataclass(frozen=True, slots=True)
class FrozenRow:
    """A resolved profile."""

    found: str
    """The reference under which it was found."""
    hash: str
    resolved_json: str
    """RFC 8785 JSON; the hash is computed over its bytes."""
    contract_json: str
    """A normalizer's contract; empty otherwise."""


def by_reference(connection: sa.Connection, namespace: str, reference: Reference) -> FrozenRow | None:
    """Return the frozen profile of a reference in this project."""
    return _one(connection, sa.and_(frozen.c.namespace == namespace, frozen.c.reference == str(reference)))


def by_hash(connection: sa.Connection, namespace: str, wanted: str) -> FrozenRow | None:
    """Return a frozen profile by its hash. Two references with the same hash have the same content."""
    return _one(connection, sa.and_(frozen.c.namespace == namespace, frozen.c.hash == wanted))


def add(connection: sa.Connection, metadata: Metadata, namespace: str, reference: Reference, resolved: FrozenRow, now: datetime) -> None:
    """Store a frozen profile. A concurrent call may have stored the same already."""
    row = {
        "namespace": namespace,
        "reference": str(reference),
        "found": resolved.found,
        "hash": resolved.hash,
        "resolved_json": resolved.resolved_json,
        "contract_json": resolved.contract_json,
        "frozen_at_us": to_us(now),
    }
    connection.execute(metadata.insert(frozen).values(row).on_conflict_do_nothing())


def _one(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> FrozenRow | None:
    """Return one row, after a check of its text against its hash.

    Raises:
        StoredDamaged: the text doesn't have the hash.
    """
    wanted = sa.select(frozen.c.found, frozen.c.hash, frozen.c.resolved_json, frozen.c.contract_json).where(condition).limit(1)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return None
    kept = FrozenRow(*row)
    if digest(kept.resolved_json.encode()) != kept.hash:
        raise StoredDamaged(kept.found, kept.hash)
    return kept
