"""Check the edge's configuration with the real Envoy: is it valid for every kind of installation, and does one answer?

It checks no more than that; tests/integration/edge tests each method.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from chartly.gateway.edge import Edge
from chartly.gateway.edge.process import command
from chartly.gateway.edge.render import render
from chartly.platform.config import load
from chartly.platform.host import Host

INSTALLATIONS: dict[str, dict[str, Any]] = {
    "all in one process": {},
    "services on other hosts": {"server.addresses": {"default": "dns:///services:9000", "storage": "storage:9001"}},
    "no access log, two workers": {"edge.access_log": False, "edge.concurrency": 2},
}

# Path and the status that a client without a token gets.
EXPECTED = {"/edge/health": 200, "/health": 200, "/ready": 200, "/api/status": 401, "/v1/profiles": 401, "/nothing": 404}


def validate(name: str, overrides: dict[str, Any], folder: Path) -> bool:
    """Render one installation's configuration and have Envoy validate it."""
    config = load(environment={}, overrides={"data_dir": str(folder), **overrides})
    (folder / "edge").mkdir(exist_ok=True)
    path = folder / "edge" / "envoy.json"
    path.write_text(json.dumps(render(config, port=8090)))
    done = subprocess.run([*command(config, path), "--mode", "validate"], capture_output=True, text=True, check=False)
    print(f"{'valid  ' if done.returncode == 0 else 'INVALID'} {name}")
    if done.returncode:
        print(done.stdout + done.stderr)
    return done.returncode == 0


async def smoke(folder: Path) -> bool:
    """Start an installation and compare its answers with what is expected."""
    config = load(environment={}, overrides={"data_dir": str(folder), "edge.port": 0})
    edge = Edge(config)
    async with Host(config, ["gateway", "auth"]):
        try:
            await edge.start()
            answers = {path: await asyncio.to_thread(status, edge.url + path) for path in EXPECTED}
        finally:
            await edge.stop()
    for path, expected in EXPECTED.items():
        print(f"{'as expected' if answers[path] == expected else 'WRONG      '} {answers[path]} {path}")
    return answers == EXPECTED


def status(url: str) -> int:
    """Return the status of a GET request."""
    try:
        with urlopen(url, timeout=10) as answer:  # noqa: S310 - our own edge
            return int(answer.status)
    except HTTPError as refused:
        return refused.code


def main() -> int:
    """Validate all installations, then call one; return 0 if everything is right."""
    with tempfile.TemporaryDirectory() as folder:
        invalid = [name for name, overrides in INSTALLATIONS.items() if not validate(name, overrides, Path(folder))]
        return 0 if not invalid and asyncio.run(smoke(Path(folder) / "smoke")) else 1


if __name__ == "__main__":
    sys.exit(main())
