"""Transactions on the metadata database: SQLite (WAL) in the data directory, or PostgreSQL.

Reads run in parallel. With SQLite, writes of one process run one at a time under ``_writer``; across processes, SQLite's lock with
``busy_timeout`` orders them. With ``synchronous=FULL``, a commit survives a power loss.
"""

import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.exc import DatabaseError, OperationalError

from chartly.platform.blocking import Blocking
from chartly.platform.config import Config
from chartly.platform.errors import DataLoss, Unavailable, error
from chartly.platform.lazy import lazy_module

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql
else:
    # 5 MB that an installation on SQLite does without.
    postgresql = lazy_module("sqlalchemy.dialects.postgresql")

P = ParamSpec("P")
T = TypeVar("T")

_WRITES = "chartly_writes"
# libpq's options: without them a connection to a machine that has gone would hang for hours. In seconds, the last one in milliseconds.
_REACHABLE = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}
# The low byte of SQLite's result codes; the other bytes give details.
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@error(reason="SERVICE_UNAVAILABLE")
class MetadataUnavailable(Unavailable):
    """The metadata database doesn't answer."""

    problem: str


@error(reason="CORRUPT")
class MetadataDamaged(DataLoss):
    """The metadata database's file is damaged: restore a backup of it."""

    path: str
    problem: str


class Metadata:
    """The services' interface to the database: ``await metadata.read(function, …)`` and ``await metadata.write(function, …)``.

    The function gets a ``Connection`` within a transaction, runs on a thread, and must not keep the connection.
    """

    def __init__(self, config: Config, blocking: Blocking) -> None:
        self._blocking = blocking
        self.url = database_url(config)
        self.engine: Engine = _engine(self.url, config)
        self._writer = threading.Lock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is the embedded one."""
        return self.url.get_backend_name() == "sqlite"

    async def read(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``function(connection, …)`` in a transaction with one consistent state."""

        def transaction() -> T:
            with self.reading() as connection:
                return function(connection, *args, **kwargs)

        return await self._blocking.run(transaction)

    async def write(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``function(connection, …)`` in one write transaction. It is durable on return, and rolled back when the function raises."""

        def transaction() -> T:
            with self.writing() as connection:
                return function(connection, *args, **kwargs)

        return await self._blocking.run(transaction)

    def check(self) -> None:
        """Check the integrity of an embedded database by reading all of it. PostgreSQL checks itself. Blocking.

        Raises:
            MetadataDamaged: the database is damaged.
        """
        if not self.is_sqlite:
            return
        with self.reading() as connection:
            problem = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        if problem != "ok":
            raise MetadataDamaged(str(self.url.database), problem)

    async def ping(self) -> None:
        """Run a query that reads nothing.

        Raises:
            MetadataUnavailable: the database doesn't answer.
        """
        await self.read(lambda connection: connection.execute(text("SELECT 1")).scalar())

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """Open a read transaction on this thread. For code that already runs on a thread."""
        with self._translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """Open a write transaction on this thread. For code that already runs on a thread."""
        with self._translated(), self._writer, self.engine.connect() as plain:
            connection = plain.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    def insert(self, table: Table) -> "SqliteInsert | postgresql.Insert":
        """Return an INSERT with ``on_conflict_do_nothing`` and ``on_conflict_do_update``, which both dialects have."""
        if self.is_sqlite:
            return SqliteInsert(table)
        return postgresql.Insert(table)

    def close(self) -> None:
        """Close all connections. SQLite then merges its log into the database file."""
        self.engine.dispose()

    @contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except DatabaseError as failure:
            if getattr(failure.orig, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
                raise MetadataDamaged(str(self.url.database), str(failure.orig)) from failure
            if isinstance(failure, OperationalError):
                raise MetadataUnavailable(type(failure.orig).__name__ if failure.orig else "OperationalError") from failure
            raise


def database_url(config: Config) -> URL:
    """Return the database's URL with its password."""
    if not config.metadata.url:
        return URL.create("sqlite+pysqlite", database=str(config.data_path / "metadata.sqlite"))
    url = make_url(config.metadata.url)
    return url.set(password=config.metadata.password.reveal()) if config.metadata.password else url


def _engine(url: URL, config: Config) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url,
            pool_size=config.metadata.pool_size,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            # What the URL itself says has precedence.
            connect_args={name: value for name, value in _REACHABLE.items() if name not in url.query},
        )
    Path(url.database or "").parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=config.metadata.pool_size, max_overflow=config.metadata.pool_size)
    busy_timeout_ms = config.metadata.busy_timeout_ms

    @event.listens_for(engine, "connect")
    def settle(connection: sqlite3.Connection, _: Any) -> None:  # pyright: ignore[reportUnusedFunction] - the event keeps it
        # The driver starts no transaction for reads. We start one, see below.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={busy_timeout_ms}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction] - the event keeps it
        # A deferred transaction that turns into a write fails if another one wrote in between. So a writer begins with BEGIN IMMEDIATE.
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
