"""`chartly up` in a process of its own with the sales job as a push source, and the cost of its processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from chartly.platform.config import load
from chartly.platform.paths import edge_url_path, operator_token_path

PROJECT = "tenant-demo/proj-sales"
SOURCE, DATASET, WORKFLOW = "sales-push", "sales-pushed", "sales-pushed"
ROOT = Path(__file__).parents[2]
_START_S_MAX = 120.0
_STOP_S_MAX = 120.0
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")

_HEAD = "apiVersion: chartly.io/v1alpha1\nkind: {kind}\nmetadata: {metadata}\nspec:\n"
_CONNECTOR = '  extends: "global::connector/push@1.0.0"\n'
_STORAGE = f'  extends: "global::storage/base@1.0.0"\n  dataset: {DATASET}\n  partitioning: {{granularity: year}}\n'
_WORKFLOW = f"""  steps:
    - {{type: connector_sync, connector_profile: "{PROJECT}::connector/{SOURCE}@1.0.0"}}
    - {{type: normalize, normalizer_profile: "{PROJECT}::normalizer/sales-pushed@1.0.0"}}
    - {{type: write_dataset, storage_profile: "{PROJECT}::storage/{DATASET}@1.0.0"}}
  schedule:
    on: {{blobLanded: {SOURCE}}}
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU time and memory of the installation's processes so far."""

    cpu_s: float
    host_rss_bytes: int
    """Of the service host."""
    edge_rss_bytes: int
    """Of Envoy."""


class Installation:
    """A running platform with the job on it."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, token: str) -> None:
        self.process = process
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"}

    @property
    def ingest_url(self) -> str:
        """The URL for pushes of the job's records."""
        return f"{self.url}/v1/sources/{SOURCE}:ingest"

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Send one request, and return its JSON."""
        answer = httpx.request(method, self.url + path, headers=self.headers, timeout=60, **options)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()

    def onboard(self) -> None:
        """Store the contract, the profiles and the workflow of the job."""
        schema = (ROOT / "bench" / "sales.contract.json").read_text("utf-8")
        self.ask("PUT", "/v1/contracts/sales.pushed@1.0.0", json={"schema_json": schema.replace("sales.event", "sales.pushed")})
        job = (ROOT / "bench" / "sales.yaml").read_text("utf-8").partition("spec:\n")[2].replace("sales.event", "sales.pushed")
        normalizer = job + "  contract: sales.pushed@1.0.0\n  dedupe:\n    keys: [event_id]\n    policy: first\n"
        for kind, name, spec in (
            ("connector", SOURCE, _CONNECTOR),
            ("normalizer", "sales-pushed", normalizer),
            ("storage", DATASET, _STORAGE),
        ):
            document = _HEAD.format(kind="Profile", metadata=f"{{kind: {kind}, name: {name}, version: 1.0.0}}") + spec
            self.ask("PUT", f"/v1/profiles/{PROJECT}::{kind}/{name}@1.0.0", json={"document": document})
        document = _HEAD.format(kind="Workflow", metadata=f"{{name: {WORKFLOW}, version: 1.0.0}}") + _WORKFLOW
        self.ask("POST", "/v1/workflows", json={"document": document})

    def inbox(self) -> dict[str, int]:
        """Return the number of pushes that are not committed."""
        found: dict[str, str] = self.ask("GET", f"/v1/sources/{SOURCE}").get("inbox") or {}
        return {name: int(found.get(name, 0)) for name in ("landed", "taken", "held", "size_bytes")}

    def usage(self) -> Usage:
        """Return the cost of the processes; children that have ended count for their parent."""
        cpu_s, host, edge = 0.0, 0, 0
        for pid in _descendants(self.process.pid):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
                name = Path(f"/proc/{pid}/comm").read_text("utf-8").strip()
            except (FileNotFoundError, ProcessLookupError):
                continue
            cpu_s += sum(int(ticks) for ticks in fields[11:15]) / _TICKS_A_SECOND
            size = int(fields[21]) * _PAGE_BYTES
            host += size if pid == self.process.pid else 0
            edge += size if name.startswith("envoy") else 0
        return Usage(cpu_s, host, edge)


@contextmanager
def installation(data: Path, overrides: Mapping[str, str] | None = None) -> Generator[Installation]:
    """Run a platform until the block ends.

    Args:
        data: its data directory, empty.
        overrides: environment variables (``CHARTLY_LIMITS_…``).
    """
    data.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "CHARTLY_EDGE_ACCESS_LOG": "false", **(overrides or {})}
    command = [sys.executable, "-m", "chartly.cli", "up", "--data", str(data), "--port", "0", "--quiet"]
    with (data / "up.log").open("wb") as log, subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process:
        try:
            config = load(environment={}, overrides={"data_dir": str(data)})
            url = _ready(process, edge_url_path(config), data / "up.log")
            token = operator_token_path(config).read_text("utf-8").strip()
            running = Installation(process, url, token)
            running.onboard()
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_S_MAX)
            except subprocess.TimeoutExpired:
                process.kill()


def _ready(process: subprocess.Popen[bytes], url_path: Path, log: Path) -> str:
    ends = time.monotonic() + _START_S_MAX
    while time.monotonic() < ends and process.poll() is None:
        if url_path.is_file():
            url = url_path.read_text("utf-8").strip()
            try:
                if httpx.get(f"{url}/ready", timeout=5).is_success:
                    return url
            except httpx.TransportError:
                pass
        time.sleep(0.1)
    raise RuntimeError(f"the platform did not start: {log.read_text('utf-8')[-2000:]}")


def _descendants(pid: int) -> list[int]:
    found, left = [pid], [pid]
    while left:
        try:
            tasks = list(Path(f"/proc/{left.pop()}/task").iterdir())
        except FileNotFoundError:
            continue
        for task in tasks:
            try:
                children = [int(child) for child in (task / "children").read_text("utf-8").split()]
            except (FileNotFoundError, ProcessLookupError):
                continue
            found += children
            left += children
    return found
