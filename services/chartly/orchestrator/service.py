"""Builds the orchestrator from its rooms."""

import grpc.aio
from sqlalchemy import Connection

from chartly.platform import outbox
from chartly.platform.background import Background
from chartly.platform.config import Limits
from chartly.platform.outbox import OutboxDelivery, outbox_metrics
from chartly.platform.service import Service, ServiceContext
from chartly.v1 import orchestrator_pb2_grpc

from .background.dead_letter_cleanup import DeadLetterCleanup
from .background.finished_work import FinishedWorkReader
from .background.run_expiry import RunExpiry
from .background.run_starter import RunStarter
from .background.scheduler import WorkflowScheduler
from .background.work_dispatcher import WorkDispatcher
from .dead_letters.handlers import DeadLetterHandlers
from .domain.run import RunBounds, Transition
from .events.handlers import EventHandlers
from .events.intake import EventIntake
from .runs.handlers import RunHandlers
from .runs.metrics import RunMeter
from .runs.repository import RunRepository
from .runs.retries import RunRetries
from .servicer import servicer
from .store import tables
from .workflows.catalog import WorkflowCatalog
from .workflows.handlers import WorkflowHandlers


class OrchestratorService:
    """The orchestrator, built but not started."""

    name = "orchestrator"

    def __init__(self, context: ServiceContext) -> None:
        limits, metadata, clients = context.config.limits, context.metadata, context.clients
        self._limits = limits
        self._outbox = OutboxDelivery(self.name, tables.outbox, metadata, clients, context.logger, outbox_metrics(context.metrics))
        self._repository = RunRepository(
            metadata,
            context.clock,
            runs_open_max=limits.runs_open_max,
            bounds=run_bounds(limits),
            event_depth_max=limits.event_depth_max,
            check_backlog=self._check_backlog,
        )
        self._starter = RunStarter(self._repository, metadata, clients, context.clock, context.logger)
        self._scheduler = WorkflowScheduler(metadata, context.clock, self._starter.wake, limits, context.logger)
        catalog = WorkflowCatalog(metadata, clients, context.clock, self._wake)
        self._intake = EventIntake(metadata, context.clock, self._starter.wake, limits)
        retries = RunRetries(
            self._repository, catalog, metadata, clients, context.clock, limits.dead_letters_a_call_max, self._outbox.notify
        )
        self._cleanup = DeadLetterCleanup(metadata, clients, self._repository.resolved)
        self._runs = RunHandlers(catalog, self._repository, retries, metadata, clients, context.clock, self._outbox.notify)
        self._servicer = servicer(
            WorkflowHandlers(catalog, context.clock),
            self._runs,
            DeadLetterHandlers(retries, metadata),
            EventHandlers(self._intake, context.clock),
        )
        self._reader = FinishedWorkReader(self._repository, metadata, clients)
        self._dispatcher = WorkDispatcher(self._repository, metadata, clients)
        self._expiry = RunExpiry(self._repository, metadata, limits.run_s_max, limits.events_remembered_max)
        self._meter = RunMeter(context.metrics)
        self._background = Background(context.logger)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers."""
        orchestrator_pb2_grpc.add_OrchestratorServiceServicer_to_server(self._servicer, server)

    async def start(self) -> None:
        """Read open work, and subscribe to transitions."""
        self._repository.followers += [self._dispatcher.follow, self._notify_outbox, self._meter.follow, self._starter.follow]
        await self._dispatcher.load()

    async def begin(self) -> None:
        """Start the background loops."""
        self._background.start("finished-work", self._reader.once)
        self._background.start("dispatch", self._dispatcher.once)
        self._outbox.start()
        self._background.start("run-expiry", self._expiry.once)
        self._background.start("events", self._intake.once)
        self._background.start("dead-letters", self._cleanup.once)
        self._background.start("schedules", self._scheduler.once)
        self._background.start("waiting-runs", self._starter.once)

    def _check_backlog(self, connection: Connection) -> None:
        """Refuse a new run while too many events wait for the ledger."""
        outbox.admit(connection, tables.outbox, self._limits)

    def _notify_outbox(self, transition: Transition) -> None:
        if transition.events:
            self._outbox.notify()

    def _wake(self) -> None:
        self._scheduler.wake()
        self._starter.wake()

    def drain(self) -> None:
        """End WatchRun streams."""
        self._runs.drain()

    async def stop(self) -> None:
        """Stop the loops; the next start reads what they had not done."""
        await self._outbox.stop()
        await self._background.stop()


def run_bounds(limits: Limits) -> RunBounds:
    """Return the bounds of a run from the configured limits."""
    return RunBounds(pages_open_max=limits.run_items_open_max, dead_letters_max=limits.run_dead_letters_max)


def build(context: ServiceContext) -> Service:
    """Build the service; opens nothing."""
    return OrchestratorService(context)
