"""An external Ray cluster is lost in the middle of a chunk, and comes back: real Ray processes on loopback."""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from importlib.util import find_spec

import psutil
import pytest

from chartly.normalizer.errors import ClusterUnreachable
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.rpc.probe import probe
from chartly.v1 import dataset_pb2
from tests.fault.installation import free_ports

from .conftest import Pipeline, page, sale
from .test_normalizer import SERVICES, counts, normalize

pytestmark = [
    pytest.mark.skipif(find_spec("ray") is None, reason="the extra chartly[ray] is not installed"),
    pytest.mark.timeout(400),
]

StartHost = Callable[..., Awaitable[Host]]
HANGS_S = 120.0
_RAY = "from ray.scripts.scripts import main; main()"


class RayHead:
    """A Ray head of this test alone."""

    def __init__(self, port: int, client_port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self._options = (f"--port={port}", f"--ray-client-server-port={client_port}", "--node-ip-address=127.0.0.1", "--num-cpus=2")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the head without waiting for it."""
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                _RAY,
                "start",
                "--head",
                "--block",
                *self._options,
                "--include-dashboard=false",
                "--disable-usage-stats",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the head's processes, its workers among them."""
        if self._process is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            head = psutil.Process(self._process.pid)
            for process in (head, *head.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(number)

    def kill(self) -> None:
        """Kill the head and its processes, as when a machine loses its power."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None


@pytest.fixture
async def head() -> AsyncGenerator[RayHead]:
    """A Ray head that runs until the test's end."""
    found = RayHead(*await free_ports(2))
    found.start()
    try:
        yield found
    finally:
        found.kill()


async def started(start_host: StartHost, head: RayHead) -> Pipeline:
    """Start the services once the head accepts drivers."""
    async with asyncio.timeout(HANGS_S):
        while True:
            try:
                host = await start_host(*SERVICES, normalizer__engine="ray", normalizer__ray_address=head.address, normalizer__threads=1)
            except ClusterUnreachable:
                continue
            pipeline = Pipeline(host)
            await pipeline.put_domain("sales")
            return pipeline


async def until(pipeline: Pipeline, state: str, text: str = "") -> str:
    """Wait for a state of the normalizer with a text in its problem, and return the problem."""
    async with asyncio.timeout(HANGS_S):
        while True:
            (found,) = await probe(pipeline.clients, ["normalizer"])
            if found.state == state and text in found.problem:
                return found.problem
            await asyncio.sleep(0.1)


async def test_a_lost_cluster_fails_calls_and_is_joined_when_it_is_back(start_host: StartHost, head: RayHead) -> None:
    """The host goes on without the cluster and says why it can't normalize; later the same chunk is committed once."""
    pipeline = await started(start_host, head)
    assert counts(await normalize(pipeline, await pipeline.put_blob(page([sale(1)])), "run_1", "run_1/0"))["canonical"] == 1
    raw = await pipeline.put_blob(page([sale(2), sale(3)]))
    # A stopped worker holds the chunk until it is killed.
    head.signal(signal.SIGSTOP)
    running = asyncio.create_task(normalize(pipeline, raw, "run_1", "run_1/1"))
    done, _ = await asyncio.wait([running], timeout=1)
    assert not done
    head.kill()
    with pytest.raises(RemoteError) as failed:
        await asyncio.wait_for(running, HANGS_S)
    assert (failed.value.remote_code, failed.value.remote_reason) == (14, "SERVICE_UNAVAILABLE")

    assert head.address in await until(pipeline, "not_serving", head.address)
    with pytest.raises(RemoteError) as refused:
        await normalize(pipeline, raw, "run_1", "run_1/1")
    assert (refused.value.remote_code, refused.value.remote_reason, refused.value.retry_after_s) == (14, "SERVICE_UNAVAILABLE", 5.0)
    assert head.address in refused.value.remote_message
    assert (await pipeline.clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset="sales-events"))).rows == 1
    assert {found.state for found in await probe(pipeline.clients, ["registry", "storage", "audit"])} == {"serving"}

    head.start()
    assert await until(pipeline, "serving") == ""
    for _ in range(2):
        assert counts(await normalize(pipeline, raw, "run_1", "run_1/1")) == {"recordsIn": 2, "canonical": 2}
    assert (await pipeline.clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset="sales-events"))).rows == 3
