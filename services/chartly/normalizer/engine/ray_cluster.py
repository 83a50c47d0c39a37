"""A Ray cluster of one node on this machine, for an engine without a configured address. Its head is a separate process.

``ray.init()`` would fork its servers from a process with running gRPC threads, and such a child can hang before it starts Ray. A separate
command can't. The cluster has a token of its own, so that it accepts no work from others.
"""

import importlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

import grpc

from chartly.normalizer.errors import ClusterUnreachable, EngineFailed
from chartly.platform.supervisor import dying_with_us

# A head is ready within seconds; on a busy machine it took twenty.
_READY_S_MAX = 90.0
# The head drains its node first. After this time it is killed.
_STOP_S_MAX = 40.0
_POLL_S = 0.2
# An external cluster that needs longer to accept a connection is of no use.
_ANSWER_S_MAX = 10.0
_COMMAND = "from ray.scripts.scripts import main; main()"


class LocalCluster:
    """Starts, joins and ends one node. Blocking; use it from the main thread."""

    def __init__(self, cores: int) -> None:
        self._cores = cores
        self._head: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the head and join it as a driver.

        Raises:
            EngineFailed: the head was not ready in time.
        """
        # Set before Ray is imported, since Ray reads them only at import.
        os.environ |= {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        }
        port = _free_port()
        arguments = ["start", "--head", "--block", f"--port={port}", "--node-ip-address=127.0.0.1", "--include-dashboard=false"]
        # The head ends with this process, also after kill -9: nothing else would end it, and the next start creates another.
        # In a session of its own, so that Ctrl-C reaches only the platform, which finishes running chunks first.
        self._head = subprocess.Popen(
            dying_with_us([sys.executable, "-c", _COMMAND, *arguments, f"--num-cpus={self._cores}", "--disable-usage-stats"]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._join(f"127.0.0.1:{port}", self._head)

    def stop(self) -> None:
        """Disconnect from the cluster and end it."""
        ray: Any = importlib.import_module("ray")
        ray.shutdown()
        if self._head is None:
            return
        self._head.send_signal(signal.SIGTERM)
        try:
            self._head.wait(_STOP_S_MAX)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._head.pid, signal.SIGKILL)
            self._head.wait()
        self._head = None

    def _join(self, address: str, head: subprocess.Popen[bytes]) -> None:
        ray: Any = importlib.import_module("ray")
        ends = time.monotonic() + _READY_S_MAX
        problem: Any = "no answer"
        while time.monotonic() < ends and head.poll() is None:
            if listens(address):
                try:
                    ray.init(address=address, namespace="chartly", log_to_driver=False)
                except (ConnectionError, RuntimeError) as failure:
                    problem = type(failure).__name__
                else:
                    return
            time.sleep(_POLL_S)
        self.stop()
        raise EngineFailed(f"the local Ray cluster did not become ready: {problem}")


def check_address(address: str) -> None:
    """Check that a cluster answers at its address. ``ray.init`` would wait for minutes, and can't be interrupted. Blocking.

    Raises:
        ClusterUnreachable: there is no gRPC server at the address.
    """
    _, _, target = address.rpartition("://")
    if ":" not in target or os.environ.get("RAY_USE_TLS") == "1":
        return  # "auto", which finds a cluster on this machine or fails at once; or a server that answers only with certificates
    channel = grpc.insecure_channel(target)
    wait: Any = getattr(grpc, "channel_ready_future")  # noqa: B009 - its stub has no type for the result
    try:
        wait(channel).result(timeout=_ANSWER_S_MAX)
    except grpc.FutureTimeoutError:
        raise ClusterUnreachable(address) from None
    finally:
        channel.close()


def listens(address: str) -> bool:
    """Return whether a server accepts connections at an address. Blocking, for a second at most."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
