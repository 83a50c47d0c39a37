"""Pushes under kills: a client repeats each push until it is acknowledged, runs empty the inbox, and processes die."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chartly.connector_hub.failpoints import PushPoint

from .client import Client, connected
from .disrupted_run import DisruptionCounts, Kill, planes_faults, strike
from .installation import Kind, running
from .upstream import Expected

SOURCE, DATASET = "device-push", "device-readings"
PUSHES_A_KILL = 4
BAD_EVERY = 9
OVERLAP = 3
"""Readings that a push repeats of the one before it, as a device does that got no answer."""

KILLS = (
    *(Kill(Kind.BACK, point) for point in PushPoint),
    Kill(Kind.EDGE, after_s=0.05),
    Kill(Kind.FRONT, after_s=0.2),
    Kill(Kind.BACK, after_s=0.1),
    Kill(Kind.DRONE, after_s=0.3),
    Kill(Kind.ALL, after_s=0.2),
)


@dataclass
class Pushed:
    """The outcome of all pushes."""

    acknowledged: int = 0
    """Records that the platform said it has."""
    committed: Counter[str] = field(default_factory=Counter[str])
    """What became of them, by their pushes' own answers."""
    rows: int = 0
    content_hash: str = ""
    faults: tuple[str, ...] = ()


def readings(number: int, count: int) -> bytes:
    """Return a push's lines: some are invalid readings, some repeat lines of the push before it."""
    first = number * count - (OVERLAP if number else 0)
    lines = [
        {
            "device": f"dev-{n % 5}",
            "n": n,
            "sent": f"2026-02-{n % 28 + 1:02}T12:00:00Z",
            "celsius": "warm" if n % BAD_EVERY == 0 else "21.5",
        }
        for n in range(first, first + count)
    ]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def expected(pushes: int, count: int) -> Expected:
    """Return the expected result of all pushes, in any order of their commits."""
    records = [json.loads(line) for number in range(pushes) for line in readings(number, count).splitlines()]
    good = [record["n"] for record in records if record["celsius"] != "warm"]
    return Expected(len(records), len(set(good)), len(good) - len(set(good)), len(records) - len(good))


async def pushed(folder: Path, kills: Sequence[Kill], pushes: int, count: int, counts: DisruptionCounts) -> Pushed:
    """Push everything on a new installation through all kills, and wait until all is committed."""
    result = Pushed()
    async with running(folder) as installation, connected(installation) as client:
        workflow = await client.put_push_profiles()
        try:
            async with emptying(client, workflow):
                await _push_all(client, kills, pushes, count, counts, result)
                await _committed(client)
            for number in range(pushes):
                # The same push again is the same push: its answer now tells what became of it.
                answer = await client.ask(
                    "POST", f"/v1/sources/{SOURCE}:ingest?wait=committed", readings(number, count), key=f"push-{number}"
                )
                assert answer["state"] == "committed", answer
                assert answer["repeated"], answer
                result.committed.update({name: int(records) for name, records in answer["counts"].items()})
            dataset = await client.ask("GET", f"/v1/datasets/{DATASET}")
            result.rows, result.content_hash = int(dataset["rows"]), dataset["content_hash"]
            result.faults = await planes_faults(client)
        finally:
            counts.gather(client)
    return result


async def _push_all(client: Client, kills: Sequence[Kill], pushes: int, count: int, counts: DisruptionCounts, result: Pushed) -> None:
    """Push one after the other. Every fourth push has a kill, and the fourth after it waits for that kill."""

    async def hit(kill: Kill, released: asyncio.Event) -> None:
        await strike(client.installation, kill, released.set)
        counts.note(kill)

    async with asyncio.TaskGroup() as hits:
        last: asyncio.Task[None] | None = None
        for number in range(pushes):
            place, rest = divmod(number, PUSHES_A_KILL)
            if rest == 0 and last is not None:
                await last
            if rest == 0 and place < len(kills):
                released = asyncio.Event()
                last = hits.create_task(hit(kills[place], released))
                await released.wait()
            answer = await client.ask("POST", f"/v1/sources/{SOURCE}:ingest", readings(number, count), key=f"push-{number}")
            result.acknowledged += int(answer["records_received"])


@contextlib.asynccontextmanager
async def emptying(client: Client, workflow: str) -> AsyncGenerator[None]:
    """Start one run after the other while the block runs; raise if one fails."""

    async def run() -> None:
        number = 0
        while True:
            number += 1
            run = await client.ask("POST", f"/v1/workflows/{workflow}:run", {}, key=f"run-{number}")
            ended = await client.ended(run["run_id"])
            assert ended["state"] == "RUN_STATE_SUCCEEDED", ended

    emptier = asyncio.create_task(run())
    body = asyncio.current_task()
    assert body is not None
    # A run that fails ends the block: nothing would be committed any more.
    emptier.add_done_callback(lambda task: None if task.cancelled() else body.cancel())
    try:
        yield
    except asyncio.CancelledError:
        if emptier.done():
            emptier.result()
        raise
    finally:
        emptier.cancel()
        await asyncio.gather(emptier, return_exceptions=True)


async def _committed(client: Client) -> None:
    """Wait until every push is committed."""
    while True:
        source: dict[str, Any] = await client.ask("GET", f"/v1/sources/{SOURCE}")
        inbox = {name: int(number) for name, number in source.get("inbox", {}).items()}
        assert not inbox.get("held"), source
        if not any(inbox.values()):
            return
        await asyncio.sleep(0.2)
