"""Rows of profiles and workflows. A version is written once, and changes only when it is marked as deprecated."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chartly.contracts import ContractStore
from chartly.platform.metadata import Metadata
from chartly.profiles import GLOBAL, Document, Kind, ProfileInvalid, Reference
from chartly.registry.errors import StoredDamaged

from .tables import profiles
from .times import from_us, to_us


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """One version."""

    reference: Reference
    description: str
    content_hash: str
    text: str
    """The stored YAML text; empty in listings."""
    created_at: datetime
    deprecated: bool


class StoredProfiles:
    """The source for resolving references, within one transaction."""

    def __init__(self, connection: sa.Connection, contracts: ContractStore) -> None:
        self._connection = connection
        self._contracts = contracts

    def find(self, reference: Reference) -> Document | None:
        """Return exactly this version in exactly this namespace, if it exists."""
        stored = get(self._connection, reference)
        return None if stored is None else read(stored, self._contracts)


def get(connection: sa.Connection, reference: Reference) -> StoredProfile | None:
    """Return one version."""
    row = connection.execute(sa.select(profiles).where(_is(reference))).mappings().one_or_none()
    return None if row is None else _stored(row, row["document"])


def read(stored: StoredProfile, contracts: ContractStore) -> Document:
    """Return a stored version's document, after a check of its text against its hash.

    Raises:
        StoredDamaged: the text doesn't have the hash, or is not a valid document.
    """
    name = str(stored.reference)
    try:
        document = Document.parse(stored.text, name, contracts)
    except ProfileInvalid as refused:
        raise StoredDamaged(name, stored.content_hash) from refused
    if document.content_hash != stored.content_hash:
        raise StoredDamaged(name, stored.content_hash)
    return document


def add(connection: sa.Connection, metadata: Metadata, reference: Reference, document: Document, now: datetime) -> StoredProfile:
    """Insert one version.

    Of two concurrent writers, SQLite runs one after the other; PostgreSQL refuses the second, which must be retried.
    """
    row = {
        "namespace": reference.namespace,
        "kind": reference.kind.value,
        "name": reference.name,
        "version": reference.version,
        "description": document.metadata.get("description", ""),
        "content_hash": document.content_hash,
        "document": document.text,
        "created_at_us": to_us(now),
        "deprecated": False,
    }
    connection.execute(metadata.insert(profiles).values(row).on_conflict_do_nothing())
    return _stored(row, document.text)


def deprecate(connection: sa.Connection, reference: Reference) -> None:
    """Mark one version as deprecated; marking it twice changes nothing."""
    connection.execute(profiles.update().where(_is(reference)).values(deprecated=True))


def listed(
    connection: sa.Connection, namespace: str, kind: str, name: str, after: tuple[str, ...] | None, count: int
) -> list[StoredProfile]:
    """List a project's versions and the global ones by namespace, kind, name and version, without their texts."""
    columns = [column for column in profiles.c if column.name != "document"]
    key = sa.tuple_(profiles.c.namespace, profiles.c.kind, profiles.c.name, profiles.c.version)
    wanted = sa.select(*columns).where(profiles.c.namespace.in_([namespace, GLOBAL]))
    if kind:
        wanted = wanted.where(profiles.c.kind == kind)
    if name:
        wanted = wanted.where(profiles.c.name == name)
    if after is not None:
        wanted = wanted.where(key > sa.tuple_(*(sa.literal(part) for part in after)))
    rows = connection.execute(wanted.order_by(*key.clauses).limit(count)).mappings()
    return [_stored(row, "") for row in rows]


def position(stored: StoredProfile) -> tuple[str, str, str, str]:
    """Return a version's position in the listing."""
    found = stored.reference
    return found.namespace, found.kind.value, found.name, found.version


def _is(reference: Reference) -> sa.ColumnElement[bool]:
    return sa.and_(
        profiles.c.namespace == reference.namespace,
        profiles.c.kind == reference.kind.value,
        profiles.c.name == reference.name,
        profiles.c.version == reference.version,
    )


def _stored(row: Any, text: str) -> StoredProfile:
    return StoredProfile(
        reference=Reference(row["namespace"], Kind(row["kind"]), row["name"], row["version"]),
        description=row["description"],
        content_hash=row["content_hash"],
        text=text,
        created_at=from_us(row["created_at_us"]),
        deprecated=bool(row["deprecated"]),
    )
