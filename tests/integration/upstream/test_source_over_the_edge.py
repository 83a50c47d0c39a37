"""A source over REST and on the command line."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from chartly.platform.identity.scope import Scope
from chartly.platform.rpc.clients import Channels, Clients
from chartly.v1 import connector_hub_pb2, registry_pb2
from tests.integration.edge.conftest import Installation, running

from .test_sync import DOCUMENT, REFERENCE

CURSOR = {"run_id": "run_1", "position": "c1", "pages": "1", "finished": False}


class Feed(BaseHTTPRequestHandler):
    """A page that has the cursor of the next one."""

    def do_GET(self) -> None:
        """Answer with a page."""
        body = b'{"items": [], "next_cursor": "c1"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:  # type: ignore[override]
        """Write no log."""


@pytest.fixture
def feed_port() -> Generator[int]:
    """Serve the feed on a thread."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Feed) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def at(tmp_path: Path) -> Generator[Installation]:
    """Run an installation with the hub."""
    with running(tmp_path, "gateway", "auth", "registry", "storage", "connector_hub") as installation:
        yield installation


async def sync_one_page(at: Installation, port: int) -> None:
    """Sync the feed's first page as the orchestrator does."""
    # The host's own channels belong to its thread's event loop.
    channels = Channels(at.config)
    scope = Scope.service("orchestrator", "tenant-demo", "proj-sales")
    clients = Clients("orchestrator", at.config, channels, at.host.tokens).acting(scope)
    document = DOCUMENT.format(port=port, pages_max=100)
    await clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=REFERENCE, document=document))
    frozen = (await clients.registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=REFERENCE))).frozen
    await clients.connector_hub.SyncSource(connector_hub_pb2.SyncSourceRequest(run_id="run_1", connector=frozen, pages_max=1))
    await channels.close()


def test_a_source_shows_its_cursor_over_rest_and_on_the_command_line(at: Installation, feed_port: int) -> None:
    """REST and the command line show the same cursor."""
    asyncio.run(sync_one_page(at, feed_port))
    command = [sys.executable, "-m", "chartly.cli", "source", "show", "feed-http", "--data", str(at.config.data_path)]

    over_rest = at.ask("GET", "/v1/sources/feed-http", headers=at.operator).json()
    as_json = subprocess.run([*command, "--output", "json"], capture_output=True, check=True, timeout=60).stdout
    as_text = subprocess.run(command, capture_output=True, check=True, timeout=60, text=True).stdout

    assert over_rest["cursor"] == CURSOR
    assert json.loads(as_json)["cursor"] == CURSOR
    assert f"cursor: {json.dumps(CURSOR, separators=(',', ':'))}" in as_text
