"""Two installations on one data directory, two coordinators on one database: real processes, as an operator starts them."""

import asyncio
import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from chartly.platform.clock import SystemClock
from chartly.platform.config import Config
from chartly.platform.identity.scope import scoped
from chartly.platform.identity.tokens import InternalTokens, internal_key
from chartly.platform.rpc.clients import Channels, Clients
from chartly.platform.rpc.probe import Probe, probe
from tests.e2e.reader import free_port

from .platform.postgresql import INSTALLED, server
from .test_coordinator import SERVICE, enqueue, wanted

START_S = 120.0
KEY = base64.b64encode(bytes(32)).decode()


@contextmanager
def process(folder: Path, *words: str, **environment: str) -> Generator[subprocess.Popen[bytes]]:
    """Run a command of the CLI until the block ends; its output is in the folder's ``log``."""
    folder.mkdir(exist_ok=True)
    with (folder / "log").open("ab") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", "chartly.cli", *words], env=os.environ | environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.send_signal(signal.SIGTERM)
        try:
            started.wait(60)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def ready(url: str) -> httpx.Response | None:
    """Return the answer to a readiness request; None while nothing answers."""
    try:
        return httpx.get(f"{url}/ready", timeout=20, trust_env=False)
    except httpx.TransportError:
        return None


def test_second_up_on_a_data_directory_changes_nothing(tmp_path: Path) -> None:
    """The second `chartly up` exits at once and names the first process, which keeps its queue: a drone can still be registered."""
    data, port = tmp_path / "data", free_port()
    url = f"http://127.0.0.1:{port}"
    with process(tmp_path / "first", "up", "--quiet", "--data", str(data), "--port", str(port)) as first:
        ends = time.monotonic() + START_S
        while (answer := ready(url)) is None or not answer.is_success:
            assert first.poll() is None, (tmp_path / "first" / "log").read_text()
            assert time.monotonic() < ends
            time.sleep(0.2)

        with process(tmp_path / "second", "up", "--quiet", "--data", str(data), "--port", str(free_port())) as second:
            assert second.wait(START_S) != 0
        refusal = (tmp_path / "second" / "log").read_text()
        assert f"pid={first.pid}" in refusal
        assert "--data" in refusal

        token = (data / "operator.token").read_text().strip()
        made = httpx.post(
            f"{url}/api/drones/register", json={"name": "late"}, headers={"authorization": f"Bearer {token}"}, timeout=20, trust_env=False
        )
        assert made.is_success, made.text
        answer = ready(url)
        assert answer is not None
        assert answer.is_success, answer.text


class Coordinators:
    """Processes that run a coordinator on one PostgreSQL, each with a data directory of its own."""

    def __init__(self, folder: Path, url: str, make_config: Callable[..., Config]) -> None:
        self._folder = folder
        self._url = url
        self._make_config = make_config

    def start(self, stack: ExitStack, name: str) -> "tuple[subprocess.Popen[bytes], Clients]":
        """Start a coordinator; return its process and clients of it."""
        address = f"127.0.0.1:{free_port()}"
        environment = {
            "CHARTLY_METADATA_URL": self._url,
            "CHARTLY_SERVER_LISTEN": address,
            "CHARTLY_AUTH_INTERNAL_KEY": KEY,
            "CHARTLY_LIMITS_LEASE_S": "2",
        }
        folder = self._folder / name
        started = stack.enter_context(process(folder, "serve", "coordinator", "--data", str(folder / "data"), **environment))
        config = self._make_config(auth__internal_key=KEY, server__addresses={"coordinator": address})
        tokens = InternalTokens(internal_key(config), SystemClock(), config.limits.internal_token_s)
        return started, Clients("test", config, Channels(config), tokens)


async def until(clients: Clients, holds: Callable[[Probe], bool]) -> Probe:
    """Wait until the coordinator's health is as wanted."""
    async with asyncio.timeout(START_S):
        while True:
            [found] = await probe(clients, ["coordinator"])
            if holds(found):
                return found
            await asyncio.sleep(0.1)


@pytest.fixture
def coordinators(tmp_path: Path, make_config: Callable[..., Config]) -> Generator[Coordinators]:
    """A PostgreSQL server for coordinators."""
    pytest.importorskip("psycopg", reason="the extra chartly[postgresql]")
    if not INSTALLED:
        pytest.skip("no PostgreSQL server is installed")
    with server() as url:
        yield Coordinators(tmp_path, url, make_config)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_queue_that_a_second_coordinator_took_is_taken_back(coordinators: Coordinators, end: signal.Signals) -> None:
    """While the second coordinator owns the queue the first is not ready and says why; when the second ends, the first serves again."""
    with ExitStack() as stack, scoped(SERVICE):
        _, first = coordinators.start(stack, "first")
        await until(first, lambda found: found.state == "serving")
        await enqueue(first, wanted("a"))

        process_of_second, second = coordinators.start(stack, "second")
        await until(second, lambda found: found.state == "serving")
        lost = await until(first, lambda found: found.state == "not_serving")
        assert "taken over" in lost.problem
        await enqueue(second, wanted("b"))

        process_of_second.send_signal(end)
        await until(first, lambda found: found.state == "serving")
        again = await enqueue(first, wanted("a"), wanted("b"), wanted("c"))
        assert len({item.work_id for item in again}) == 3
