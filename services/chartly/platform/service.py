"""The interface between host and service. Each ``chartly.<name>.service`` has ``build(context: ServiceContext) -> Service``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import grpc.aio
from prometheus_client import CollectorRegistry

from .blocking import Blocking
from .clock import Clock
from .config import Config
from .metadata import Metadata
from .rpc.clients import Clients
from .telemetry.log import Logger
from .telemetry.tracing import Tracing


@dataclass(frozen=True)
class ServiceContext:
    """The parts of a process that a service may use. All services of the process share them, except ``logger`` and ``clients``."""

    name: str
    config: Config
    clients: Clients
    """Clients of the other services. They pass the caller's identity on."""
    clock: Clock
    metadata: Metadata
    blocking: Blocking
    """Threads for calls that block: ``await context.blocking.run(function, …)``."""
    metrics: CollectorRegistry
    logger: Logger
    tracing: Tracing


class Service(Protocol):
    """A service, built but not started."""

    name: str

    def register(self, server: grpc.aio.Server) -> None:
        """Add the service's handlers to the process's server."""
        ...

    async def start(self) -> None:
        """Open stores, start background tasks. Called once, after migrations, before the server listens."""
        ...

    async def stop(self) -> None:
        """Stop background tasks, close stores. Called once, after calls under way have ended."""
        ...


@runtime_checkable
class Begins(Protocol):
    """A service with background tasks that call other services.

    Started in ``start``, they would connect to a server that doesn't listen yet. The failure would put the process's shared channel into
    back-off for all services.
    """

    async def begin(self) -> None:
        """Start these tasks. Called once the server listens; ``stop`` ends them."""
        ...


@runtime_checkable
class ReportsReadiness(Protocol):
    """A service that can lose its ability to serve, for example because a store is away."""

    def problems(self) -> Mapping[str, str]:
        """Return why the service can't serve at the moment, by its name; empty text when it can.

        Parts of the service that are probed by a name of their own (``names.PARTS``) are reported likewise. Called several times a second
        on the event loop; it must not block.
        """
        ...


@runtime_checkable
class Drains(Protocol):
    """A service with calls that stay open, such as long polls and watches. They would delay a stop."""

    def drain(self) -> None:
        """End such calls now, and new ones at once. Called before the server stops."""
        ...
