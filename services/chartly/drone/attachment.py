"""Runs a drone within a host, or alone in a process."""

import contextlib
import socket
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from chartly.platform.config import Config
from chartly.platform.files import own_what_is_made
from chartly.platform.lazy import lazy_module
from chartly.platform.signals import end_asked
from chartly.platform.telemetry import log
from chartly.platform.telemetry.listener import Listener

from .worker import SLOTS_DEFAULT, DroneWorker

if TYPE_CHECKING:
    import uvloop
else:
    # Not installed on Windows, where nothing uses it.
    uvloop = lazy_module("uvloop")


class DroneAttachment:
    """The host's ``number``-th drone. Its name is stable, so that a restarted host releases the leases of its earlier process."""

    def __init__(self, config: Config, number: int = 0) -> None:
        self._config = config
        self._name = f"{socket.gethostname()}-host-{number}"
        self._drone: DroneWorker | None = None

    async def start(self) -> None:
        """Start; the host's services serve already."""
        self._drone = DroneWorker(self._config, self._name)
        await self._drone.start()

    async def stop(self) -> None:
        """Drain, before the host's services stop."""
        if self._drone is not None:
            await self._drone.stop()


async def work(config: Config, name: str, slots: int = SLOTS_DEFAULT) -> None:
    """Run one drone until SIGINT or SIGTERM, then drain."""
    ended = end_asked()
    metrics = CollectorRegistry()
    drone = DroneWorker(config, name, slots, metrics)
    listener = Listener(metrics, lambda: drone.registered)
    host, _, port = config.telemetry.metrics_listen.rpartition(":")
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(listener.stop)
        await listener.start(host, int(port))
        stack.push_async_callback(drone.stop)
        await drone.start()
        await ended.wait()


def run(config: Config, name: str, slots: int = SLOTS_DEFAULT) -> None:
    """Run ``work`` on uvloop, with this process's logs configured."""
    own_what_is_made()
    log.configure(config.telemetry)
    uvloop.run(work(config, name, slots))
