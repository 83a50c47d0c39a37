"""A reader who follows a page of the documentation: its unchanged blocks, real processes, free ports."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
READY_S = 120.0


def page(name: str) -> str:
    """Return a how-to page's text."""
    return (PAGES / name).read_text("utf-8")


def shell_blocks(text: str) -> list[str]:
    """Return the page's command blocks."""
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Reader:
    """Works in a folder of its own, and replaces a page's example values by the real ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source_port, self.port = free_port(), free_port()
        self.here = {"8077": str(self.source_port), "8090": str(self.port)}
        self.environment = {**os.environ, "CHARTLY_DATA_DIR": str(folder / "data"), "PYTHON": sys.executable}
        self._running: list[subprocess.Popen[bytes]] = []

    def write(self, name: str, text: str) -> None:
        """Write a file of the page."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._in_place(text, self.here), "utf-8")

    def follow(self, text: str, **instead: str) -> str:
        """Run a block of the page with the replacements ``instead``, and return its output; it must succeed."""
        done = self.run_block(text, **instead)
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        return done.stdout

    def run_block(self, text: str, **instead: str) -> subprocess.CompletedProcess[str]:
        """Run a block as ``follow`` does, and return how it ended."""
        commands = self._in_place(text, self.here | instead)
        script = f'set -euo pipefail\nchartly() {{ "$PYTHON" -m chartly.cli "$@"; }}\n{commands}'
        return subprocess.run(
            ["bash", "-c", script],  # noqa: S607 - bash from PATH, as a reader's
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def start(self, *words: str, until: str) -> None:
        """Start a process, and wait until it answers."""
        process = subprocess.Popen([sys.executable, *words], cwd=self.folder, env=self.environment)
        self._running.append(process)
        for _ in range(int(READY_S / 0.1)):
            try:
                if httpx.get(until, trust_env=False).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise TimeoutError(until)

    def serve_folder(self, name: str, until: str) -> None:
        """Serve a folder's files, as the page's source."""
        words = ("-m", "http.server", str(self.source_port), "--bind", "127.0.0.1", "--directory", name)
        self.start(*words, until=f"http://127.0.0.1:{self.source_port}/{until}")

    def start_platform(self) -> None:
        """Run ``chartly up``."""
        self.start("-m", "chartly.cli", "up", "--quiet", "--port", str(self.port), until=f"http://127.0.0.1:{self.port}/ready")

    def stop(self) -> None:
        """Stop everything that was started."""
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        for process in self._running:
            process.wait(timeout=READY_S)

    @staticmethod
    def _in_place(text: str, instead: dict[str, str]) -> str:
        for said, found in instead.items():
            text = text.replace(said, found)
        return text
