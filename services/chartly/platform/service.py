"""What a service is given and what it must be. Each ``chartly.<name>.service`` has ``build(context: ServiceContext) -> Service``."""

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
    """Everything a service may use of its process. Shared by all services in it, but for ``logger`` and ``clients``."""

    name: str
    config: Config
    clients: Clients
    """Stubs of the other services; carries the caller's identity on."""
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
    """A service with work of its own that calls other services.

    Begun in ``start`` it would dial a server that doesn't listen yet, and its failure would put the process's shared channel into its
    back-off, for everybody.
    """

    async def begin(self) -> None:
        """Begin that work. Called once the server listens; ended in ``stop``."""
        ...


@runtime_checkable
class Drains(Protocol):
    """A service that holds calls open on purpose, such as long polls and watches; they would hold a stop up."""

    def drain(self) -> None:
        """Let such calls end now, and new ones at once. Called before the server stops."""
        ...
