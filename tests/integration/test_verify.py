"""A past run is repeated from its raw bytes: it is equal until something is changed, and each change is named."""

import asyncio
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path

import pytest

from chartly.platform.errors import Unavailable
from chartly.platform.failpoints import observe, observer
from chartly.platform.outbox import OutboxPoint
from chartly.platform.rpc.clients import Clients
from chartly.v1 import audit_pb2
from chartly.v1 import orchestrator_pb2 as pb

from .test_all_services import PAGES, SALES, clients, run_once, upstream

# One page comes twice, in bytes that differ.
CHUNKS = PAGES + 1
__all__ = ["clients", "upstream"]


async def verified(clients: Clients, run_id: str) -> tuple[pb.VerifyRunResponse, list[pb.VerifyRunResponse]]:
    """Verify a run; return the last message and those before it."""
    async with asyncio.timeout(120):
        found = [message async for message in clients.orchestrator.VerifyRun(pb.VerifyRunRequest(run_id=run_id))]
    assert found[-1].last
    return found[-1], found[:-1]


@contextmanager
def flipped(path: Path, at: int) -> Generator[None]:
    """Flip a bit of a file until the block ends."""
    content = path.read_bytes()
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    try:
        yield
    finally:
        path.write_bytes(content)


@contextmanager
def changed_profile(database: Path, digest: str) -> Generator[None]:
    """Change a frozen profile's row until the block ends."""
    with closing(sqlite3.connect(database)) as db:
        (text,) = db.execute("SELECT resolved_json FROM registry_frozen WHERE hash = ?", (digest,)).fetchone()

        def write(value: str) -> None:
            with db:
                db.execute("UPDATE registry_frozen SET resolved_json = ? WHERE hash = ?", (value, digest))

        write(text.replace("sales.event", "sales.other", 1))
        try:
            yield
        finally:
            write(text)


@contextmanager
def undelivered() -> Generator[None]:
    """Make every delivery from an outbox fail, as when the ledger is unavailable."""
    former = observer()

    def fail(point: StrEnum) -> None:
        if point.value == OutboxPoint.EVENTS_READ.value:
            raise Unavailable

    observe(fail)
    try:
        yield
    finally:
        observe(former)


@pytest.mark.timeout(300)
async def test_verification_waits_for_entries_on_their_way(clients: Clients) -> None:
    """A run is equal although the ledger gets the entries of its commits only during the verification."""
    document = (SALES / "workflows" / "sales-demo@1.0.0.yaml").read_text()
    workflow = await clients.orchestrator.CreateWorkflow(pb.CreateWorkflowRequest(document=document))
    with undelivered():
        run = await run_once(clients, workflow.workflow_id)
        listed = await clients.audit.ListEvents(audit_pb2.ListEventsRequest(run_id=run.run_id, type="dataset.updated"))
        assert not listed.events
        verifying = asyncio.create_task(verified(clients, run.run_id))
        await asyncio.sleep(1)
    last, parts = await verifying
    assert (last.verdict, last.unequal) == ("equal", 0), parts


@pytest.mark.timeout(300)
async def test_a_run_is_equal_until_something_of_it_is_touched(clients: Clients, tmp_path: Path) -> None:
    """A changed blob, profile row or table file makes its part unequal, and no other."""
    document = (SALES / "workflows" / "sales-demo@1.0.0.yaml").read_text()
    workflow = await clients.orchestrator.CreateWorkflow(pb.CreateWorkflowRequest(document=document))
    run = await run_once(clients, workflow.workflow_id)
    data = tmp_path / "data"

    last, parts = await verified(clients, run.run_id)
    assert (last.verdict, last.unequal, last.uncovered, last.first_difference) == ("equal", 0, 0, ""), parts
    assert sorted(message.part.kind for message in parts) == [*["chunk"] * CHUNKS, "rollup"]
    assert [message.done for message in parts] == list(range(1, last.total + 1))

    raw = next(message.part.raw_sha256 for message in parts if message.part.kind == "chunk")
    with flipped(next(data.glob(f"raw/*/*/*/{raw}")), 3):
        last, parts = await verified(clients, run.run_id)
    assert (last.verdict, last.unequal) == ("unequal", 1)
    assert [message.part.raw_sha256 for message in parts if message.part.verdict == "unequal"] == [raw]
    assert "CORRUPT" in last.first_difference

    normalizer = next(step.profile.hash for step in run.steps if step.type == "normalize")
    with changed_profile(data / "metadata.sqlite", normalizer):
        last, parts = await verified(clients, run.run_id)
    assert (last.verdict, last.unequal) == ("unequal", CHUNKS)
    assert "CORRUPT" in last.first_difference

    file = next(data.glob("canonical/*/*/sales-events/part-*.parquet"))
    with flipped(file, file.stat().st_size // 3):
        last, parts = await verified(clients, run.run_id)
    assert last.verdict == "unequal"
    assert any(file.name in finding for message in parts for finding in message.part.findings)

    second = await run_once(clients, workflow.workflow_id)
    last, parts = await verified(clients, second.run_id)
    assert (last.verdict, last.unequal) == ("uncovered", 0)
    assert "60 of its records" in parts[-1].part.findings[0]
    request = audit_pb2.ListEventsRequest(type="workflow.run.verified")
    async with asyncio.timeout(30):
        while len((await clients.audit.ListEvents(request)).events) < 5:  # noqa: ASYNC110 - the outbox delivers in the background
            await asyncio.sleep(0.05)
    entries = (await clients.audit.ListEvents(request)).events
    assert [event.details["verdict"] for event in entries] == ["equal", *["unequal"] * 3, "uncovered"]
