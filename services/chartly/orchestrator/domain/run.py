"""What a run is made of. Immutable values that are stored as JSON; ``advance.py`` makes the next ones.

Times are milliseconds since the epoch, as the caller's clock returned them.
"""

import msgspec

from chartly.v1 import reprocess_pb2

from .counts import RunCounts
from .ledger_events import RunEvent
from .states import RunState
from .steps import Step
from .work import EndedWork, WantedWork


class Trigger(msgspec.Struct, frozen=True):
    """Why a run began without a caller's request."""

    kind: str
    """``schedule`` or ``event``."""
    at_ms: int
    """The schedule's fire time, or when the first of its events happened."""
    event: str = ""
    """Of an event: ``dataset_updated``, ``blob_landed`` or ``webhook``."""
    subject: str = ""
    depth: int = 0
    """Length of the chain of runs that led to this one, each begun by an event of the run before."""


class ReprocessRequest(msgspec.Struct, frozen=True):
    """The dataset that a run reprocesses from its raw bytes, and what was found."""

    reprocess_id: str
    """The id of the run that planned it: this one, or the dry run that it applies."""
    dataset: str
    scope: reprocess_pb2.ReprocessScope = msgspec.field(default_factory=reprocess_pb2.ReprocessScope)
    chunks: int = 0
    """Chunks to normalize; known once it is planned."""
    found: reprocess_pb2.Reprocess = msgspec.field(default_factory=reprocess_pb2.Reprocess)
    """What was found and done, without samples."""


class Run(msgspec.Struct, frozen=True):
    """One execution of a workflow with frozen profiles."""

    run_id: str
    tenant: str
    project: str
    principal: str
    """The principal that started it; all work of the run acts on its behalf."""
    request_id: str
    workflow_id: str
    workflow_name: str
    steps: tuple[Step, ...]
    created_at_ms: int
    state: RunState = RunState.QUEUED
    counts: RunCounts = RunCounts()
    reasons: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    """Quarantined records by reason."""
    reason: str = ""
    message: str = ""
    started_at_ms: int = 0
    ended_at_ms: int = 0
    pages_open: int = 0
    """Normalize tasks that have not ended."""
    revision: int = 1
    trigger: Trigger | None = None
    """None when a caller asked for it."""
    reprocess: ReprocessRequest | None = None
    """None for a run of a workflow."""
    retry_of: str = ""
    """The run that this one retries; empty for any other."""
    dead: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    """Dead letters by reason."""

    @property
    def dataset(self) -> str:
        """The first dataset that it writes; empty when it writes none."""
        return next((step.written_dataset for step in self.steps if step.written_dataset and not step.skipped), "")

    def step(self, name: str) -> Step:
        """Return a step by name."""
        return next(step for step in self.steps if step.name == name)


class RunBounds(msgspec.Struct, frozen=True):
    """The bounds of one run."""

    pages_open_max: int
    """Open pages above which the source is not asked for more."""
    dead_letters_max: int
    """The most dead letters of a run that goes on; with one more it fails."""


class Transition(msgspec.Struct, frozen=True):
    """The next run, and what is to be done once it is stored."""

    run: Run
    wanted: tuple[WantedWork, ...] = ()
    events: tuple[RunEvent, ...] = ()
    cancel: bool = False
    """Whether the queue must cancel the run's open work."""
    updated: tuple[str, ...] = ()
    """Datasets into which new records came, once the step that brought them has ended."""
    dead: tuple[EndedWork, ...] = ()
    """Work that failed for good."""
    left: tuple[WantedWork, ...] = ()
    """Of a run that has ended: work that it had just asked for and that was never stored as open."""
