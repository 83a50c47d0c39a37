"""The metadata database."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from chartly.platform.blocking import Blocking
from chartly.platform.config import Config
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.database import MetadataDamaged, MetadataUnavailable
from chartly.platform.metadata.migrate import migrate, version_locations

FIRST = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels = "one_0001", None, ("one",)
def upgrade():
    op.create_table("one_things", sa.Column("name", sa.String(10), primary_key=True))
"""
SECOND = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "one_0002", "one_0001"
def upgrade():
    op.add_column("one_things", sa.Column("size", sa.Integer))
"""
BROKEN = """
from alembic import op
import sqlalchemy as sa
revision, down_revision, branch_labels = "two_0001", None, ("two",)
def upgrade():
    op.create_table("two_things", sa.Column("name", sa.String(10), primary_key=True))
    raise RuntimeError("half way")
"""

counters = sa.Table("counters", sa.MetaData(), sa.Column("name", sa.String(10), primary_key=True), sa.Column("n", sa.Integer))


@pytest.fixture
async def metadata(make_config: Callable[..., Config]) -> AsyncIterator[Metadata]:
    """A database with one counter."""
    blocking = Blocking(4, 100)
    made = Metadata(make_config(), blocking)
    await made.write(_prepare)
    yield made
    blocking.close()
    made.close()


def _prepare(connection: sa.Connection) -> None:
    counters.create(connection)
    connection.execute(counters.insert().values(name="a", n=0))


def _count(connection: sa.Connection) -> int:
    return connection.execute(sa.select(counters.c.n)).scalar_one()


def _add_one(connection: sa.Connection) -> None:
    connection.execute(counters.update().values(n=_count(connection) + 1))


def _add_and_fail(connection: sa.Connection) -> None:
    _add_one(connection)
    raise ValueError


async def test_writes_are_one_after_another(metadata: Metadata) -> None:
    """Concurrent read-modify-write transactions lose no increment, and none fails because of a lock."""
    await asyncio.gather(*(metadata.write(_add_one) for _ in range(50)))

    assert await metadata.read(_count) == 50


async def test_failed_write_leaves_nothing(metadata: Metadata) -> None:
    """A failed transaction changes nothing."""
    with pytest.raises(ValueError):  # noqa: PT011 - raised above
        await metadata.write(_add_and_fail)

    assert await metadata.read(_count) == 0


async def test_reader_sees_one_state(metadata: Metadata) -> None:
    """A read transaction does not see commits after its begin."""

    def twice(connection: sa.Connection) -> tuple[int, int]:
        before = _count(connection)
        with metadata.writing() as other:
            _add_one(other)
        return before, _count(connection)

    assert await metadata.read(twice) == (0, 0)
    assert await metadata.read(_count) == 1


async def test_commits_are_synced(metadata: Metadata) -> None:
    """SQLite runs with WAL and synchronous=FULL, so a commit survives a power loss."""

    def pragmas(connection: sa.Connection) -> tuple[str, int]:
        return tuple(connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous"))  # type: ignore[return-value]

    assert await metadata.read(pragmas) == ("wal", 2)


async def test_locked_database_is_unavailable(make_config: Callable[..., Config]) -> None:
    """If another process holds the lock for too long, the error has a time to retry."""
    blocking = Blocking(1, 1)
    metadata = Metadata(make_config(metadata__busy_timeout_ms=1), blocking)
    await metadata.write(_prepare)
    other = sqlite3.connect(str(metadata.url.database))
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(MetadataUnavailable) as refused:
        await metadata.write(_add_one)

    other.close()
    blocking.close()
    metadata.close()
    assert refused.value.retry_after_s > 0


async def test_only_new_migrations_are_run(metadata: Metadata, tmp_path: Path) -> None:
    """A later release runs only its new migrations."""
    folder = tmp_path / "one" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_things.py").write_text(FIRST)
    assert migrate(metadata, [folder])
    (folder / "0002_size.py").write_text(SECOND)

    assert migrate(metadata, [folder])

    assert await metadata.read(lambda connection: {column["name"] for column in sa.inspect(connection).get_columns("one_things")}) == {
        "name",
        "size",
    }


async def test_start_without_new_migrations_skips_alembic(metadata: Metadata, tmp_path: Path) -> None:
    """If the fingerprint shows that all migrations are applied, Alembic is not loaded."""
    folder = tmp_path / "one" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_things.py").write_text(FIRST)

    assert [migrate(metadata, [folder]), migrate(metadata, [folder])] == [True, False]


async def test_failed_migration_leaves_no_trace(metadata: Metadata, tmp_path: Path) -> None:
    """All migrations of a start are one transaction, so a failed one changes nothing."""
    for name, text in (("one", FIRST), ("two", BROKEN)):
        folder = tmp_path / name / "migrations"
        folder.mkdir(parents=True)
        (folder / "0001_things.py").write_text(text)

    with pytest.raises(RuntimeError, match="half way"):
        migrate(metadata, [tmp_path / name / "migrations" for name in ("one", "two")])

    tables = await metadata.read(lambda connection: set(sa.inspect(connection).get_table_names()))
    assert tables == {"counters"}


async def test_two_processes_start_at_once(metadata: Metadata, make_config: Callable[..., Config]) -> None:
    """Of two processes one migrates, and the other waits."""
    blocking = Blocking(4, 4)
    other = Metadata(make_config(), blocking)

    done = await asyncio.gather(blocking.run(migrate, metadata), blocking.run(migrate, other))

    blocking.close()
    other.close()
    assert sorted(done) == [False, True]


def test_every_services_history_is_found() -> None:
    """The migrations of a new service are found by their folder."""
    assert "auth" in {location.parent.name for location in version_locations()}


@pytest.mark.parametrize("place", ["header", "page", "end"])
async def test_damaged_file_is_named_and_never_read(make_config: Callable[..., Config], place: str) -> None:
    """A start on a damaged database file is refused with the file's name: changed bytes in header or page, or a truncated end."""
    config, blocking = make_config(), Blocking(4, 100)
    first = Metadata(config, blocking)
    await first.write(_prepare)
    await first.write(lambda connection: connection.execute(counters.insert(), [{"name": f"c{n}", "n": n} for n in range(2_000)]))
    first.close()
    path = config.data_path / "metadata.sqlite"
    stored = bytearray(path.read_bytes())
    if place == "end":
        del stored[len(stored) // 2 :]
    else:
        at = 0 if place == "header" else 2 * 4096
        stored[at : at + 64] = bytes(byte ^ 0xFF for byte in stored[at : at + 64])
    path.write_bytes(stored)

    again = Metadata(config, blocking)
    with pytest.raises(MetadataDamaged) as refused:
        migrate(again, [])
    assert refused.value.path == str(path)
    again.close()
    blocking.close()
