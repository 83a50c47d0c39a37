"""A host whose Ray cluster doesn't answer: a real process, started from the command line."""

import importlib.util
import signal
import socket
from collections.abc import Generator
from pathlib import Path

import pytest

from .test_two_at_once import START_S, process

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="the extra chartly[ray]")


@pytest.fixture
def silent() -> Generator[socket.socket]:
    """A server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(START_S)
        yield server


def engine(server: socket.socket) -> dict[str, str]:
    """Return the environment of a normalizer on an external cluster."""
    return {"CHARTLY_NORMALIZER_ENGINE": "ray", "CHARTLY_NORMALIZER_RAY_ADDRESS": address(server)}


def address(server: socket.socket) -> str:
    """Return a server's address."""
    return f"127.0.0.1:{server.getsockname()[1]}"


def test_start_fails_with_the_reason(tmp_path: Path, silent: socket.socket) -> None:
    """The start ends within seconds, and names the address and the setting."""
    with process(tmp_path, "serve", "normalizer", "--data", str(tmp_path / "data"), **engine(silent)) as started:
        assert started.wait(START_S) != 0
    log = (tmp_path / "log").read_text()
    assert address(silent) in log
    assert "normalizer.ray_address" in log


def test_signal_ends_a_start_that_waits_for_the_cluster(tmp_path: Path, silent: socket.socket) -> None:
    """SIGTERM while the start waits for an answer ends the process within seconds, with exit code 0."""
    with process(tmp_path, "serve", "normalizer", "--data", str(tmp_path / "data"), **engine(silent)) as started:
        connection, _ = silent.accept()
        with connection:
            started.send_signal(signal.SIGTERM)
            assert started.wait(30) == 0
