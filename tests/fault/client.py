"""A client of the edge that retries while the edge or a service behind it is away. It uses only REST."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from .installation import HANGS_S, Installation, until

_SALES = Path(__file__).parents[2] / "profiles" / "domains" / "sales"
_DEVICES = _SALES.with_name("devices")
_PROJECT = "tenant-demo/proj-sales"
_POLL_S = 0.2
_PUSH_WORKFLOW = f"""
apiVersion: chartly.io/v1alpha1
kind: Workflow
metadata: {{name: pushed, version: 1.0.0}}
spec:
  steps:
    - {{type: connector_sync, connector_profile: "{_PROJECT}::connector/device-push@1.0.0"}}
    - {{type: normalize, normalizer_profile: "{_PROJECT}::normalizer/device-reading@1.0.0"}}
    - {{type: write_dataset, storage_profile: "{_PROJECT}::storage/device-readings@1.0.0"}}
"""
# Statuses to retry: the edge has no service to call, or the service died during the call.
_AWAY = frozenset({429, 502, 503, 504})
# Longer than a page is held back while the process to be killed starts on a slow machine; a held page is no upstream's fault.
_UPSTREAM_TIMEOUT_MS = 120_000


@dataclass
class Client:
    """One user of the installation."""

    installation: Installation
    http: httpx.AsyncClient
    retries: int = 0
    """Number of requests without an answer."""

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | bytes | None = None, *, key: str = "") -> Any:
        """Send a request until it is answered; raise for an error. Bytes are sent as JSON lines, a mapping as JSON."""
        headers = {"Authorization": f"Bearer {await self._token()}"} | ({"X-Idempotency-Key": key} if key else {})
        if body is not None:
            headers["Content-Type"] = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        async with asyncio.timeout(HANGS_S):
            while True:
                try:
                    answer = await self.http.request(method, path, content=content, headers=headers)
                except httpx.TransportError:
                    pass
                else:
                    if answer.status_code not in _AWAY:
                        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
                        return answer.json()
                self.retries += 1
                await asyncio.sleep(_POLL_S)

    async def put_profiles(self, port: int) -> str:
        """Store the sales profiles, the test's source and the demo's workflow; return the workflow's id."""
        for path in sorted(_SALES.glob("*.yaml")):
            kind, _, name = path.name.removesuffix(".yaml").partition("-")
            document = path.read_text().replace('baseUrl: "http://127.0.0.1:8099"', _source(port))
            await self.ask("PUT", f"/v1/profiles/{_PROJECT}::{kind}/{name}", {"document": document})
        return await self.put_workflow((_SALES / "workflows" / "sales-demo@1.0.0.yaml").read_text())

    async def put_push_profiles(self) -> str:
        """Store the profiles of a push source and a workflow without a schedule; return the workflow's id."""
        for path in sorted(_DEVICES.glob("*.yaml")):
            kind, _, name = path.name.removesuffix(".yaml").partition("-")
            await self.ask("PUT", f"/v1/profiles/{_PROJECT}::{kind}/{name}", {"document": path.read_text()})
        return await self.put_workflow(_PUSH_WORKFLOW)

    async def put_workflow(self, document: str) -> str:
        """Store a workflow; return its id."""
        workflow = await self.ask("POST", "/v1/workflows", {"document": document}, key="the-workflow")
        return str(workflow["workflow_id"])

    async def ended(self, run_id: str) -> dict[str, Any]:
        """Poll the run until it has ended. Under kills this may take any time, but a run without progress raises."""
        seen, moved_s = "", asyncio.get_running_loop().time()
        while True:
            run: dict[str, Any] = await self.ask("GET", f"/v1/runs/{run_id}")
            if run.get("ended_at"):
                return run
            now_s, text = asyncio.get_running_loop().time(), json.dumps(run, sort_keys=True)
            if text != seen:
                seen, moved_s = text, now_s
            assert now_s - moved_s < HANGS_S, f"the run stands still: {text}"
            await asyncio.sleep(_POLL_S)

    async def count(self, path: str, member: str) -> int:
        """Count the items of a list, all its pages."""
        return len(await self.items(path, member))

    async def items(self, path: str, member: str) -> list[dict[str, Any]]:
        """Read the items of a list, all its pages. The path may have a query."""
        found, token, separator = list[dict[str, Any]](), "", "&" if "?" in path else "?"
        while True:
            page = await self.ask("GET", f"{path}{separator}page_size=1000&page_token={token}")
            found += page.get(member, [])
            token = page.get("next_page_token", "")
            if not token:
                return found

    async def audit(self) -> dict[str, Any]:
        """Verify the ledger with the command line's checker, which remembers the checkpoint that it verified last."""
        state = self.installation.data.parent / f"auditor-{self.installation.data.name}"
        arguments = ["audit", "verify", "--data", str(self.installation.data), "--url", self.installation.url, "--output", "json"]
        environment = {"CHARTLY_TOKEN": await self._token(), "XDG_STATE_HOME": str(state)}
        async with asyncio.timeout(HANGS_S):
            while True:
                text = await _output(*arguments, environment=environment)
                if text:
                    return json.loads(text)
                await asyncio.sleep(_POLL_S)

    async def _token(self) -> str:
        path = self.installation.data / "operator.token"
        await until(path.is_file)
        return path.read_text().strip()


@contextlib.asynccontextmanager
async def connected(installation: Installation) -> AsyncGenerator[Client]:
    """Return a client of the installation's edge."""
    async with httpx.AsyncClient(base_url=installation.url, timeout=60, trust_env=False) as http:
        yield Client(installation, http)


def _source(port: int) -> str:
    return f'baseUrl: "http://127.0.0.1:{port}"\n    timeoutMs: {_UPSTREAM_TIMEOUT_MS}'


async def _output(*arguments: str, environment: Mapping[str, str]) -> str:
    """Run the command; return its output, or nothing while the edge is unavailable."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "chartly.cli",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    text, _ = await process.communicate()
    return text.decode()
