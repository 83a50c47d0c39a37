"""Real processes, killed at random moments of a run: the dataset comes out as if nothing had happened."""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from chartly.platform.clients import Channels, Clients
from chartly.platform.clock import SystemClock
from chartly.platform.config import Config, load
from chartly.platform.errors import RemoteError
from chartly.platform.names import SERVICES
from chartly.platform.scope import Scope, scoped
from chartly.platform.tokens import InternalTokens, internal_key
from chartly.v1 import observer_pb2, registry_pb2, storage_pb2
from chartly.v1 import orchestrator_pb2 as pb

SALES = Path(__file__).parents[2] / "profiles" / "domains" / "sales"
OURS = "tenant-demo/proj-sales"
ADA = Scope("user:ada", "tenant-demo", "proj-sales", frozenset({"engineer"}))
# The edge needs Envoy, and nothing here goes through it.
INNER = [name for name in SERVICES if name not in ("gateway", "auth", "reporter")]
PAGES, PAGE_RECORDS = 40, 50
KILLS = 8
# The upstream is slow enough that a run outlasts several kills, restarts included.
_PAGE_S = 0.15
# Kills that must have hit the run; the last may come after its end on a quick machine.
_HITS_MIN = 4


def body(place: int) -> str:
    """The records of a page: every seventh is bad, and every page repeats five of the page before."""
    number = 9 if place == 30 else place
    first = number * PAGE_RECORDS - (5 if number else 0)
    items = [
        {
            "id": f"sale_{n:05}",
            "timestamp": f"2026-02-{n % 28 + 1:02}T12:00:00Z",
            "totals": {"amount": "much" if n % 7 == 0 else f"{n}.25", "currency": "EUR"},
            "customer": {"id": f"c{n % 9}"},
        }
        for n in range(first, first + PAGE_RECORDS)
    ]
    return json.dumps({"items": items})


async def page(request: web.Request) -> web.Response:
    """Answer with a page. Page 30 repeats the records of page 9, in bytes that differ by their cursor."""
    place = int(request.query.get("cursor", "0"))
    await asyncio.sleep(_PAGE_S)
    following = f',"next_cursor":"{place + 1}"' if place + 1 < PAGES else ""
    return web.Response(text=f"{body(place)[:-1]}{following}}}", content_type="application/json")


@pytest.fixture
async def upstream() -> AsyncIterator[int]:
    """Serve the sales API on loopback; its port. It is no part of the platform, so nobody kills it."""
    app = web.Application()
    app.router.add_get("/sales", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@dataclass
class Platform:
    """A host and a drone in processes of their own, on one data directory."""

    config: Config
    processes: dict[str, Process] = field(default_factory=dict[str, Process])

    async def start(self, name: str) -> None:
        """Start one of the two; its logs go to the data directory."""
        command = ["serve", *INNER] if name == "host" else ["drone", "--name", "drone-1"]
        log = self.config.data_path / f"{name}.log"
        environment = {**os.environ, "CHARTLY_TELEMETRY_LOG_FILE": str(log)}
        self.processes[name] = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "chartly.cli", *command, "--data", self.config.data_dir, stdout=DEVNULL, stderr=DEVNULL, env=environment
        )

    async def kill(self, name: str) -> None:
        """End one at once, as a power cut or the kernel's killer would, and start it again."""
        self.processes[name].send_signal(signal.SIGKILL)
        await self.processes[name].wait()
        await self.start(name)

    async def stop(self) -> None:
        """Stop both kindly."""
        for name in ("drone", "host"):
            process = self.processes.get(name)
            if process is not None and process.returncode is None:
                process.terminate()
                await process.wait()


@contextlib.asynccontextmanager
async def running(folder: Path, port: int) -> AsyncGenerator[tuple[Platform, Clients]]:
    """Run a platform with the sales profiles put."""
    config = load(environment={}, overrides={"data_dir": str(folder)})
    config.data_path.mkdir(mode=0o700, parents=True)
    platform = Platform(config)
    channels = Channels(config)
    clients = Clients("test", config, channels, InternalTokens(internal_key(config), SystemClock(), config.limits.internal_token_s))
    try:
        await platform.start("host")
        with scoped(ADA):
            await put_profiles(clients, port)
            await platform.start("drone")
            yield platform, clients
    finally:
        await platform.stop()
        await channels.close()


async def answered(ask: Any, request: Any) -> Any:
    """Ask until the host is there to answer."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await ask(request, timeout=10)
            except RemoteError as away:
                if away.remote_code not in (1, 2, 4, 13, 14):
                    raise
                await asyncio.sleep(0.1)


async def put_profiles(clients: Clients, port: int) -> None:
    """Put the sales profiles, bases first, with this test's source."""
    for version in ("1.0.0", "1.1.0"):
        for path in sorted(SALES.glob(f"*@{version}.yaml")):
            kind, _, name = path.name.removesuffix(".yaml").partition("-")
            document = path.read_text().replace("127.0.0.1:8099", f"127.0.0.1:{port}")
            request = registry_pb2.PutProfileRequest(ref=f"{OURS}::{kind}/{name}", document=document)
            await answered(clients.registry.PutProfile, request)


async def started(clients: Clients) -> pb.Run:
    """Start a run of the demo's workflow."""
    document = (SALES / "workflows" / "sales-demo@1.0.0.yaml").read_text()
    workflow = await answered(clients.orchestrator.CreateWorkflow, pb.CreateWorkflowRequest(document=document))
    return await answered(clients.orchestrator.RunWorkflow, pb.RunWorkflowRequest(workflow_id=workflow.workflow_id))


async def ended(clients: Clients, run_id: str) -> pb.Run:
    """Wait for a run's end."""
    async with asyncio.timeout(240):
        while True:
            run = await answered(clients.orchestrator.GetRun, pb.GetRunRequest(run_id=run_id))
            if run.ended_at.seconds:
                return run
            await asyncio.sleep(0.2)


async def dataset(clients: Clients) -> storage_pb2.Dataset:
    """Describe the dataset."""
    return await answered(clients.storage.GetDataset, storage_pb2.GetDatasetRequest(dataset="sales-events"))


@pytest.mark.timeout(600)
async def test_killed_run_comes_out_like_an_undisturbed_one(tmp_path: Path, upstream: int) -> None:
    """Host and drone are killed again and again in the middle of a run: same content hash, every record counted once, all planes agree."""
    async with running(tmp_path / "calm", upstream) as (_, clients):
        calm = await ended(clients, (await started(clients)).run_id)
        expected = await dataset(clients)
    assert calm.state == pb.RUN_STATE_SUCCEEDED, calm

    seed = random.SystemRandom().randrange(1 << 32)
    chance = random.Random(seed)  # noqa: S311 - replayable, and no secret
    async with running(tmp_path / "stormy", upstream) as (platform, clients):
        run = await started(clients)
        killed_at: list[float] = []
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.5, 4))
            killed_at.append(time.time())
            await platform.kill(chance.choice(["host", "drone"]))
        stormy = await ended(clients, run.run_id)
        found = await dataset(clients)
        check = await answered(clients.observer.RunCheck, observer_pb2.RunCheckRequest())

    hits = sum(at < stormy.ended_at.seconds for at in killed_at)
    assert hits >= _HITS_MIN, f"seed {seed}: the run ended after {hits} kills"
    assert stormy.state == pb.RUN_STATE_SUCCEEDED, f"seed {seed}: {stormy}"
    assert (found.rows, found.content_hash) == (expected.rows, expected.content_hash), f"seed {seed}"
    counts = stormy.counts
    assert counts.records_in == PAGES * PAGE_RECORDS == counts.canonical + counts.duplicates + counts.quarantined, f"seed {seed}: {counts}"
    assert (counts.canonical, counts.replayed) == (expected.rows, 0), f"seed {seed}: {counts}"
    assert list(check.faults) == [], f"seed {seed}"
