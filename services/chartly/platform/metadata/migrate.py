"""Migrate the metadata database to this build's tables, under a lock, at start. To downgrade, restore a backup.

Each service has its own linear history in ``chartly/<service>/migrations/NNNN_<what>.py`` (revision id ``<service>_NNNN``), so that the
numbers of two services never conflict; Alembic calls these branches. A fingerprint of all files is stored after success. A start with
the same fingerprint skips Alembic, whose import alone costs 0.3 s.
"""

import fcntl
import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, text

from chartly.platform.lazy import lazy_module

from .database import Metadata

if TYPE_CHECKING:
    import alembic.config as alembic_config
    import alembic.runtime.environment as alembic_environment
    import alembic.script as alembic_script
else:
    alembic_config = lazy_module("alembic.config")
    alembic_environment = lazy_module("alembic.runtime.environment")
    alembic_script = lazy_module("alembic.script")

_PACKAGE = Path(__file__).parent.parent.parent
# Any number that no other application uses for an advisory lock in this database.
_ADVISORY_LOCK = 0x_C4A7_17B1

_tables = MetaData()
_fingerprints = Table("chartly_schema", _tables, Column("fingerprint", String(64), primary_key=True))


def version_locations(package: Path = _PACKAGE) -> list[Path]:
    """Return the migrations folder of every service, ordered by name."""
    return sorted(path for path in package.glob("*/migrations") if any(path.glob("[0-9]*.py")))


def fingerprint(locations: list[Path]) -> str:
    """Return a hash of the names and contents of all migrations."""
    digest = hashlib.sha256()
    for location in locations:
        for path in sorted(location.glob("[0-9]*.py")):
            digest.update(f"{location.parent.name}/{path.name}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def migrate(metadata: Metadata, locations: list[Path] | None = None) -> bool:
    """Apply missing migrations. Return False if the fingerprint showed that nothing is missing.

    Blocking. Many processes may call it at once: one migrates, the others wait.

    Raises:
        MetadataDamaged: the file of the embedded database is damaged.
    """
    locations = version_locations() if locations is None else locations
    wanted = fingerprint(locations)
    with _locked(metadata):
        # Checked first: a lost page would otherwise show in the middle of a run.
        metadata.check()
        with metadata.reading() as connection:
            if _stored(connection) == wanted:
                return False
        with metadata.writing() as connection:
            _upgrade(connection, locations)
            _tables.create_all(connection)
            connection.execute(_fingerprints.delete())
            connection.execute(_fingerprints.insert().values(fingerprint=wanted))
    return True


def _stored(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_fingerprints.name):
        return None
    return connection.execute(_fingerprints.select()).scalar()


def _upgrade(connection: Connection, locations: list[Path]) -> None:
    script = alembic_script.ScriptDirectory(str(Path(__file__).parent), version_locations=[str(path) for path in locations])

    def steps(revision: Any, _: object) -> Any:
        # alembic.command.upgrade calls the same.
        return script._upgrade_revs("heads", revision)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    with alembic_environment.EnvironmentContext(alembic_config.Config(), script, fn=steps) as environment:
        environment.configure(connection=connection, transactional_ddl=True, transaction_per_migration=False)
        environment.run_migrations()


@contextmanager
def _locked(metadata: Metadata) -> Generator[None]:
    if not metadata.is_sqlite:
        with metadata.engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _ADVISORY_LOCK})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _ADVISORY_LOCK})
        return
    path = Path(metadata.url.database or "").with_suffix(".lock")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
