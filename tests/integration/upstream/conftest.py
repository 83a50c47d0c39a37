"""A real HTTP server as the upstream, and a client of the hub."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope
from chartly.v1 import common_pb2, connector_hub_pb2, registry_pb2

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]
StartHub = Callable[..., Awaitable["Hub"]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Return a function that serves a handler on loopback and returns its URL."""
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}"

    yield start
    for runner in runners:
        await runner.cleanup()


class Upstream:
    """Answers with pages, a status or nothing, and counts requests."""

    def __init__(self) -> None:
        self.status = 200
        self.requests = 0
        self.under_way = 0
        self.under_way_max = 0
        self.seen = asyncio.Event()
        """Set by each request."""
        self.answers = asyncio.Event()
        """While it is clear, requests wait for their answer."""
        self.fails_at_once = False
        """Whether new requests are answered with 500, without waiting."""
        self.answers.set()

    async def answer(self, _: web.Request) -> web.Response:
        """Answer one request."""
        self.requests += 1
        self.under_way += 1
        self.under_way_max = max(self.under_way_max, self.under_way)
        self.seen.set()
        try:
            if self.fails_at_once:
                return web.Response(status=500)
            await self.answers.wait()
            # Long enough that requests which may overlap do.
            await asyncio.sleep(0.02)
        finally:
            self.under_way -= 1
        return web.json_response({"items": []}, status=self.status)


class Hub:
    """Calls the hub as the orchestrator does."""

    def __init__(self, host: Host) -> None:
        self.clients = host.clients("orchestrator").acting(Scope.service("orchestrator", "tenant-demo", "proj-sales"))

    async def put(self, name: str, url: str, **spec: Any) -> common_pb2.FrozenProfile:
        """Store and freeze a connector with almost no wait between attempts."""
        document = {
            "apiVersion": "chartly.io/v1alpha1",
            "kind": "Profile",
            "metadata": {"kind": "connector", "name": name, "version": "1.0.0", "description": "Of this test", "owners": ["team:tests"]},
            "spec": {
                "extends": "global::connector/loopback@1.0.0",
                "transport": {"baseUrl": url} | spec.pop("transport", {}),
                "retry": {"maxAttempts": 1, "backoffMs": 1, "maxBackoffMs": 5} | spec.pop("retry", {}),
                **spec,
            },
        }
        reference = f"tenant-demo/proj-sales::connector/{name}@1.0.0"
        await self.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=reference, document=json.dumps(document)))
        return (await self.clients.registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=reference))).frozen

    async def sync(self, connector: common_pb2.FrozenProfile, run_id: str = "run_1") -> connector_hub_pb2.SyncSourceResponse:
        """Fetch the next page for a run."""
        request = connector_hub_pb2.SyncSourceRequest(run_id=run_id, connector=connector, pages_max=1)
        return await self.clients.connector_hub.SyncSource(request)

    async def source(self, name: str) -> connector_hub_pb2.Source:
        """Read a source."""
        return await self.clients.connector_hub.GetSource(connector_hub_pb2.GetSourceRequest(source_id=name))


@pytest.fixture
async def start_hub(start_host: Callable[..., Awaitable[Host]]) -> StartHub:
    """Return a function that starts a hub with the services that it needs."""

    async def start(**overrides: Any) -> Hub:
        return Hub(await start_host("registry", "storage", "connector_hub", **overrides))

    return start
