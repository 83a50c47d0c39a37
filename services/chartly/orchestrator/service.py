"""Wires the orchestrator."""

import grpc.aio

from chartly.platform.background import Background
from chartly.platform.service import Service, ServiceContext
from chartly.v1 import orchestrator_pb2_grpc

from .background.dead_letter_cleanup import Farewell
from .background.event_intake import EventEntrance
from .background.finished_work import FinishedWorkReader
from .background.run_expiry import Aging
from .background.run_starter import Starter
from .background.scheduler import Timekeeper
from .background.work_dispatcher import Dispatcher
from .domain.run import RunBounds
from .handlers import OrchestratorHandlers
from .ledger import LedgerOutbox
from .runs.metrics import RunMeter
from .runs.repository import Keeper
from .runs.retries import Retries
from .workflows.catalog import WorkflowCatalog


class OrchestratorService:
    """The orchestrator, built but not started."""

    name = "orchestrator"

    def __init__(self, context: ServiceContext) -> None:
        limits, metadata, clients = context.config.limits, context.metadata, context.clients
        self._keeper = Keeper(
            metadata,
            context.clock,
            runs_open_max=limits.runs_open_max,
            bounds=RunBounds(limits.run_items_open_max, limits.run_dead_letters_max),
            event_depth_max=limits.event_depth_max,
        )
        self._starter = Starter(self._keeper, metadata, clients, context.clock, context.logger)
        self._timekeeper = Timekeeper(metadata, context.clock, self._starter.wake, limits, context.logger)
        catalog = WorkflowCatalog(metadata, clients, context.clock, self._wake)
        self._entrance = EventEntrance(metadata, context.clock, self._starter.wake, limits)
        retries = Retries(self._keeper, catalog, metadata, clients, context.clock, limits.dead_letters_a_call_max)
        self._farewell = Farewell(metadata, clients, self._keeper.resolved)
        self._handlers = OrchestratorHandlers(catalog, self._keeper, self._entrance, retries, metadata, clients, context.clock, limits)
        self._reader = FinishedWorkReader(self._keeper, metadata, clients)
        self._dispatcher = Dispatcher(self._keeper, metadata, clients)
        self._ledger = LedgerOutbox(metadata, clients, context.logger)
        self._aging = Aging(self._keeper, metadata, limits.run_s_max, limits.events_remembered_max)
        self._meter = RunMeter(context.metrics)
        self._background = Background(context.logger)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers."""
        orchestrator_pb2_grpc.add_OrchestratorServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Find what is open."""
        self._keeper.followers += [self._dispatcher.follow, self._ledger.follow, self._meter.follow, self._starter.follow]
        await self._dispatcher.load()

    async def begin(self) -> None:
        """Go on with it."""
        self._background.start("finished-work", self._reader.once)
        self._background.start("dispatch", self._dispatcher.once)
        self._background.start("ledger", self._ledger.once)
        self._background.start("aging", self._aging.once)
        self._background.start("events", self._entrance.once)
        self._background.start("dead-letters", self._farewell.once)
        self._background.start("schedules", self._timekeeper.once)
        self._background.start("waiting-runs", self._starter.once)

    def _wake(self) -> None:
        self._timekeeper.wake()
        self._starter.wake()

    def drain(self) -> None:
        """Let watches end."""
        self._handlers.drain()

    async def stop(self) -> None:
        """Stop the loops; what they hadn't done is found at the next start."""
        await self._background.stop()


def build(context: ServiceContext) -> Service:
    """Build the service; opens nothing."""
    return OrchestratorService(context)
