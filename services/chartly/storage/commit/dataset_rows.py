"""Rows of datasets. Functions of a connection within a transaction; called on threads."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, func, select

from chartly.storage.model import Column, Commit, Counts, Dataset, DatasetKey, DerivedFrom, FrozenRef, Value, WriteMode
from chartly.storage.policy import StoragePolicy
from chartly.storage.stored_time import in_utc
from chartly.storage.tables import datasets


class DatasetRow(Value, frozen=True, kw_only=True):
    """A dataset with what its next commit needs."""

    dataset: Dataset
    policy: StoragePolicy
    content_state: bytes


def find(connection: Connection, key: DatasetKey) -> DatasetRow | None:
    """Return a dataset; None if it has no commit yet."""
    row = connection.execute(select(datasets).where(*_is(key))).mappings().first()
    return None if row is None else _decode(row)


def page(connection: Connection, tenant: str, project: str, after: str, limit: int) -> list[Dataset]:
    """Return a project's datasets by name, starting behind ``after``."""
    query = (
        select(datasets)
        .where(datasets.c.tenant == tenant, datasets.c.project == project, datasets.c.dataset > after)
        .order_by(datasets.c.dataset)
        .limit(limit)
    )
    return [_decode(row).dataset for row in connection.execute(query).mappings()]


def versions(connection: Connection, tenant: str, project: str) -> dict[str, int]:
    """Return the version of each of a project's datasets."""
    query = select(datasets.c.dataset, datasets.c.version).where(datasets.c.tenant == tenant, datasets.c.project == project)
    return {name: int(version) for name, version in connection.execute(query)}


def with_retention(connection: Connection) -> list[DatasetKey]:
    """Return the canonical datasets of all projects whose profile has a retention."""
    query = select(datasets).where(datasets.c.derived.is_(False)).order_by(datasets.c.tenant, datasets.c.project, datasets.c.dataset)
    held = (_decode(row) for row in connection.execute(query).mappings())
    return [each.dataset.key for each in held if each.policy.retention_days is not None]


def totals(connection: Connection, tenant: str | None, project: str | None) -> tuple[int, int]:
    """Count datasets and quarantined records, of one project or of all."""
    query = select(func.count(), func.coalesce(func.sum(datasets.c.quarantined), 0))
    if tenant is not None:
        query = query.where(datasets.c.tenant == tenant, datasets.c.project == project)
    counted, quarantined = connection.execute(query).one()
    return int(counted), int(quarantined)


def apply(
    connection: Connection,
    commit: Commit,
    policy: StoragePolicy,
    columns: tuple[Column, ...],
    content_state: bytes,
    inputs: Sequence[DerivedFrom] = (),
) -> None:
    """Update a dataset's row to its next commit; insert the row with its first. ``inputs`` are those of a derived dataset's content."""
    held = find(connection, commit.key)
    replaces = commit.mode is WriteMode.REPLACE
    derived = replaces or (held is not None and held.dataset.derived)
    # A derived dataset counts its last content only. A reprocess or rollback counts the whole dataset.
    whole = commit.mode in (WriteMode.REPLACE, WriteMode.REBUILD, WriteMode.RESTORE)
    counts = commit.counts if held is None or whole else held.dataset.counts.plus(commit.counts)
    values: dict[str, Any] = {
        "derived": derived,
        "version": commit.sequence,
        "rows": commit.rows,
        "content_hash": commit.content_hash,
        "content_state": content_state,
        "storage_ref": commit.storage.ref,
        "storage_hash": commit.storage.hash,
        "policy": msgspec.json.encode(policy).decode(),
        "columns": msgspec.json.encode(columns).decode(),
        "inputs": msgspec.json.encode(list(inputs)).decode(),
        "records_in": counts.records_in,
        "canonical": counts.canonical,
        "duplicates": counts.duplicates,
        "quarantined": counts.quarantined,
        "updated_at": commit.committed_at,
    }
    if held is None:
        key = msgspec.structs.asdict(commit.key)
        connection.execute(datasets.insert().values(**key, **values, created_at=commit.committed_at))
    else:
        connection.execute(datasets.update().where(*_is(commit.key)).values(**values))


def _is(key: DatasetKey) -> tuple[Any, ...]:
    table = datasets.c
    return table.tenant == key.tenant, table.project == key.project, table.dataset == key.dataset


def _decode(row: RowMapping) -> DatasetRow:
    dataset = Dataset(
        key=DatasetKey(row["tenant"], row["project"], row["dataset"]),
        derived=row["derived"],
        version=row["version"],
        rows=row["rows"],
        content_hash=row["content_hash"],
        storage=FrozenRef(ref=row["storage_ref"], hash=row["storage_hash"]),
        columns=msgspec.json.decode(row["columns"], type=tuple[Column, ...]),
        inputs=msgspec.json.decode(row["inputs"], type=tuple[DerivedFrom, ...]),
        counts=Counts(
            records_in=row["records_in"],
            canonical=row["canonical"],
            duplicates=row["duplicates"],
            quarantined=row["quarantined"],
        ),
        created_at=in_utc(row["created_at"]),
        updated_at=in_utc(row["updated_at"]),
    )
    policy = msgspec.json.decode(row["policy"], type=StoragePolicy)
    return DatasetRow(dataset=dataset, policy=policy, content_state=row["content_state"])
