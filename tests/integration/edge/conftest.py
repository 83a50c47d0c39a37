"""A real host behind a real Envoy, on a thread of its own, once for all tests of a file."""

import asyncio
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from chartly.gateway.edge import Edge
from chartly.platform.config import Config, load
from chartly.platform.host import Host
from chartly.platform.paths import operator_token_path


class Installation:
    """A running host and edge, and a client of them."""

    def __init__(self, config: Config, host: Host, edge: Edge) -> None:
        self.config = config
        self.host = host
        self.edge = edge
        self.token = operator_token_path(config).read_text(encoding="utf-8").strip()
        self.operator = {"authorization": f"Bearer {self.token}"}

    @property
    def target(self) -> str:
        """The edge's address as a gRPC target."""
        return f"127.0.0.1:{self.edge.port}"

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request on a new connection."""
        return httpx.request(method, self.edge.url + path, timeout=20, **options)

    def make_token(self, *roles: str, projects: tuple[str, ...] = ("tenant-demo/proj-sales",)) -> dict[str, str]:
        """Create a token for a principal; return the request headers with it."""
        body = {"principal": f"user:{'-'.join(roles)}", "roles": list(roles), "projects": list(projects)}
        made = self.ask("POST", "/v1/auth/tokens", json=body, headers=self.operator)
        made.raise_for_status()
        return {"authorization": f"Bearer {made.json()['secret']}"}


@contextmanager
def running(folder: Path, *names: str, **overrides: Any) -> Generator[Installation]:
    """Run an installation until the block ends: with the named services, or the two that the edge needs."""
    dotted = {key.replace("__", "."): value for key, value in overrides.items()}
    config = load(environment={}, overrides={"data_dir": str(folder), "edge.port": 0, **dotted})
    started: list[Installation] = []
    failed: list[BaseException] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def live() -> None:
        edge = Edge(config)
        async with Host(config, names or ("gateway", "auth")) as host:
            try:
                await edge.start()
                started.append(Installation(config, host, edge))
                ready.set()
                await stop.wait()
            finally:
                await edge.stop()

    def run() -> None:
        try:
            loop.run_until_complete(live())
        except BaseException as failure:  # noqa: BLE001 - raised in the test's thread
            failed.append(failure)
        finally:
            ready.set()
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait()
    try:
        if failed:
            raise failed[0]
        yield started[0]
    finally:
        if not failed:
            loop.call_soon_threadsafe(stop.set)
        thread.join()


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Generator[Installation]:
    """An installation with a small limit on bodies, so that tests can reach it."""
    with running(tmp_path_factory.mktemp("edge"), limits__request_bytes_max=100_000) as installation:
        yield installation


@pytest.fixture
def run_edge(tmp_path: Path) -> Callable[..., Any]:
    """Return a function that runs an installation for a with block, with services and overrides."""

    def run(*names: str, **overrides: Any) -> Any:
        return running(tmp_path / "edge", *names, **overrides)

    return run
