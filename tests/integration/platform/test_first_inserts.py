"""Several processes insert the same new row at once, on a real PostgreSQL, which runs their transactions in parallel."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event

from chartly.connector_hub.domain.pages import Cursor
from chartly.connector_hub.store import SourceStore, StoredPage, SyncKey, SyncStore
from chartly.contracts import ContractStore
from chartly.platform.blocking import Blocking
from chartly.platform.clock import SystemClock
from chartly.platform.config import Config
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.migrate import migrate
from chartly.platform.outbox import Event
from chartly.registry.contract_catalog import ContractCatalog
from chartly.reporter.store.reports import ReportRow, ReportStore

from .postgresql import INSTALLED, server

pytest.importorskip("psycopg", reason="the extra chartly[postgresql]")
pytestmark = pytest.mark.skipif(not INSTALLED, reason="no PostgreSQL server is installed")

PROJECT = "tenant-demo/proj-sales"
SCOPE = Scope.service("test", "tenant-demo", "proj-sales")
PROCESSES = 3


class RacingMetadata(Metadata):
    """A database whose first transactions meet between what they read and what they insert, as those of processes can."""

    meet: threading.Barrier | None = None

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """Open a write transaction that waits, before its first insert, until the other processes have read as well."""
        meet, self.meet = self.meet, None
        with super().writing() as connection:
            if meet is not None:
                waits = [meet]

                @event.listens_for(connection, "before_cursor_execute")
                def before(_: Any, __: Any, statement: str, *___: Any) -> None:  # pyright: ignore[reportUnusedFunction] - the event keeps it
                    if waits and statement.startswith("INSERT"):
                        waits.pop().wait(10)

            yield connection


@pytest.fixture(scope="module")
def url() -> Generator[str]:
    """Start a server for this file."""
    with server() as found:
        yield found


@pytest.fixture
async def processes(url: str, make_config: Callable[..., Config]) -> AsyncGenerator[list[RacingMetadata]]:
    """Return the database as several processes see it; their next write transactions meet."""
    blocking = Blocking(8, 8)
    made = [RacingMetadata(make_config(metadata__url=url), blocking) for _ in range(PROCESSES)]
    await blocking.run(migrate, made[0])
    meet = threading.Barrier(PROCESSES)
    for each in made:
        each.meet = meet
    yield made
    blocking.close()
    for each in made:
        each.close()


def sync_key(run_id: str) -> SyncKey:
    """Return the key of a run's sync of a source that has no row."""
    return SyncKey(PROJECT, run_id, "other", "")


async def at_once(calls: list[Awaitable[Any]]) -> list[Any]:
    """Run calls at once; return their results."""
    return list(await asyncio.gather(*calls))


async def test_source_that_several_hubs_see_first_has_one_row(processes: list[RacingMetadata]) -> None:
    """All of them get the row of the source, and it counts what each adds."""
    stores = [SourceStore(each) for each in processes]

    seen = await at_once([store.seen(PROJECT, "new", "ref", "hash") for store in stores])
    await at_once([store.change(PROJECT, "new", lambda row: replace(row, requests=row.requests + 1)) for store in stores])

    assert [row.source_id for row in seen] == ["new"] * PROCESSES
    stored = await stores[0].get(PROJECT, "new")
    assert stored is not None
    assert stored.requests == PROCESSES


async def test_sync_that_several_hubs_open_has_one_cursor(processes: list[RacingMetadata]) -> None:
    """A sync opened by several hubs begins once."""
    opened = await at_once([SyncStore(each).open(sync_key("run_1"), "run_1", Cursor("1"), 9) for each in processes])
    assert opened == [Cursor("1", ends_at=9)] * PROCESSES


async def test_page_that_several_hubs_fetched_is_recorded_once(processes: list[RacingMetadata]) -> None:
    """One hub moves the cursor, and the others learn that it has moved."""
    for each in processes:
        each.meet = None
    stores = [SyncStore(each) for each in processes]
    await stores[0].open(sync_key("run_2"), "run_2", Cursor("1"), 9)
    page, after = StoredPage(0, 0, b"raw"), Cursor("2", 1, ends_at=9)

    moved = await at_once([store.record(sync_key("run_2"), page, after) for store in stores])

    assert sorted(moved) == [False, False, True]
    assert await stores[1].open(sync_key("run_2"), "run_2", Cursor("1"), 9) == after


async def test_contract_that_several_put_is_stored_once(processes: list[RacingMetadata]) -> None:
    """One caller adds the contract, and the others find it stored."""
    schema = '{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "T", "description": "D", "type": "object"}'
    catalogs = [ContractCatalog(each, SystemClock(), ContractStore.packaged()) for each in processes]
    put = await at_once([catalog.put(SCOPE, "race.made@1.0.0", schema) for catalog in catalogs])
    assert sorted(is_new for _, is_new in put) == [False, False, True]


async def test_report_that_several_make_is_stored_once(processes: list[RacingMetadata], make_config: Callable[..., Config]) -> None:
    """All get the same report, and the ledger gets one event."""
    stores = [ReportStore(each, make_config().limits, lambda: None) for each in processes]
    row = ReportRow("rep_1", "title", "sha256:0", b"{}", b"{}", datetime(2026, 2, 2, tzinfo=UTC))
    made_event = Event(key="k", type="report.created", subject="s", run_id="", principal="p", occurred_at=row.created_at, details={})
    made = await at_once([store.add(SCOPE, row, made_event) for store in stores])
    assert [each.report_id for each in made] == ["rep_1"] * PROCESSES
