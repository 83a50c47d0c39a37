"""The how-to page on onboarding, followed to the letter: real processes, its own files, its own commands."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "onboard-a-domain.md").read_text("utf-8")
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
FILES = re.findall(r"`(tickets/[^`]+)`[^\n]*\n+(?:[^\n`]*\n+)*?```(?:json|yaml)\n(.*?)```", PAGE, re.DOTALL)
READY_S = 120.0


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Reader:
    """Somebody who follows the page in a folder of its own, on ports that are free."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source_port, self.port = free_port(), free_port()
        self.environment = {**os.environ, "CHARTLY_DATA_DIR": str(folder / "data"), "PYTHON": sys.executable}
        for name, text in FILES:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._here(text), "utf-8")

    def follow(self, text: str) -> str:
        """Run a block of the page as it stands, and give what it prints."""
        script = f'set -euo pipefail\nchartly() {{ "$PYTHON" -m chartly.cli "$@"; }}\n{self._here(text)}'
        done = subprocess.run(
            ["bash", "-c", script],  # noqa: S607 - bash from PATH, as a reader's
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *words: str, until: str) -> subprocess.Popen[bytes]:
        """Start a process, and wait until it answers."""
        process = subprocess.Popen([sys.executable, *words], cwd=self.folder, env=self.environment)
        for _ in range(int(READY_S / 0.1)):
            try:
                if httpx.get(until, trust_env=False).is_success:
                    return process
            except httpx.TransportError:
                time.sleep(0.1)
        process.kill()
        raise TimeoutError(until)

    def _here(self, text: str) -> str:
        return text.replace("8077", str(self.source_port)).replace("8090", str(self.port))


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """Start the platform and the page's source, as the page asks for."""
    found = Reader(tmp_path)
    found.follow(SHELL[0].split("python3 -m http.server")[0])
    source = ("-m", "http.server", str(found.source_port), "--bind", "127.0.0.1", "--directory", "tickets/source")
    platform = ("-m", "chartly.cli", "up", "--quiet", "--port", str(found.port))
    running = [
        found.start(*source, until=f"http://127.0.0.1:{found.source_port}/tickets.json"),
        found.start(*platform, until=f"http://127.0.0.1:{found.port}/ready"),
    ]
    yield found
    for process in running:
        process.send_signal(signal.SIGTERM)
    for process in running:
        process.wait(timeout=READY_S)


def test_page_does_what_it_says(reader: Reader) -> None:
    """Four tickets become two records, a duplicate and a quarantined one; the rollup and the ledger agree; again changes nothing."""
    assert len(FILES) == 6
    told = reader.follow(SHELL[1])
    shown = reader.follow(SHELL[2])
    show = 'chartly query "SELECT count(*) AS tickets, sum(minutes) AS minutes FROM tickets"'
    before = reader.follow(show)
    reader.follow("chartly workflow run tickets-onboard")

    assert "4 records: 3 accepted, 1 rejected" in told
    assert re.search(r"closed\s+1\s+15\.5", shown)
    assert re.search(r"open\s+1\s+90", shown)
    assert "TRANSFORM_FAILED" in shown
    assert "verified" in shown
    assert re.search(r"2\s+105\.5", before)
    assert reader.follow(show) == before
