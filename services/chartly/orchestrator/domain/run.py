"""What a run is made of. Immutable values that are stored as JSON; ``advance.py`` makes the next ones.

Times are milliseconds since the epoch, as the caller's clock gave them.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from .states import RunState


class RunCounts(msgspec.Struct, frozen=True):
    """Accounts for every record: ``records_in`` is the sum of the others."""

    records_in: int = 0
    canonical: int = 0
    duplicates: int = 0
    quarantined: int = 0
    replayed: int = 0

    def __add__(self, other: "RunCounts") -> "RunCounts":
        return RunCounts(
            self.records_in + other.records_in,
            self.canonical + other.canonical,
            self.duplicates + other.duplicates,
            self.quarantined + other.quarantined,
            self.replayed + other.replayed,
        )

    @property
    def balanced(self) -> bool:
        """Whether every record is accounted for."""
        return self.records_in == self.canonical + self.duplicates + self.quarantined + self.replayed

    @property
    def all_quarantined(self) -> bool:
        """Whether there was input and none of it is, or was before, in the dataset."""
        return self.records_in > 0 and self.quarantined == self.records_in


class Step(msgspec.Struct, frozen=True):
    """One step of a run: what it resolved to, and how far it is."""

    name: str
    type: str
    profile_ref: str
    profile_hash: str
    depends_on: tuple[str, ...]
    """Steps that must have ended well before; where one is skipped, what that one waited for."""
    source_id: str = ""
    """Of a connector_sync: the source."""
    dataset: str = ""
    """Of a write_dataset: the dataset."""
    skipped: bool = False
    state: RunState = RunState.QUEUED
    work_done: int = 0
    work_total: int = 0
    counts: RunCounts = RunCounts()
    reason: str = ""
    message: str = ""
    sequence: int = 0
    """Of a connector_sync: the sequence of the next sync."""
    syncing: bool = False
    """Of a connector_sync: whether a sync is under way."""
    exhausted: bool = False
    """Of a connector_sync: whether the source has no more pages for this run."""
    requests: int = 0
    retries: int = 0
    dead: int = 0
    """Pieces of its work that are dead letters."""
    continues: str = ""
    """Of a connector_sync that goes on with a former run's: that run, whose checkpoint it has."""
    rolled_up: str = ""
    """Of an analytics_query that ended well: the dataset that it wrote."""

    @property
    def ended_well(self) -> bool:
        """Whether those who wait for it may begin."""
        return self.skipped or self.state is RunState.SUCCEEDED


class Trigger(msgspec.Struct, frozen=True):
    """Why a run began by itself, or was begun anew."""

    kind: str
    """``schedule`` or ``event``."""
    at_ms: int
    """The schedule's fire time, or when the first of its events happened."""
    event: str = ""
    """Of an event: ``dataset_updated``, ``blob_landed`` or ``webhook``."""
    subject: str = ""
    depth: int = 0
    """How many runs, each begun by an event of the one before, led to this one."""


class Reprocess(msgspec.Struct, frozen=True):
    """What a run is about that rebuilds a dataset from its raw bytes."""

    reprocess_id: str
    """The id of the run that planned it: this one, or the dry run that it applies."""
    dataset: str
    scope: dict[str, Any] = {}
    """As ``chartly.v1.ReprocessScope`` in JSON."""
    chunks: int = 0
    """To be normalized; known once it is planned."""
    found: dict[str, Any] = {}
    """What was found and done, as ``chartly.v1.Reprocess`` in JSON, without samples."""


class Run(msgspec.Struct, frozen=True):
    """One execution of a workflow with frozen profiles."""

    run_id: str
    tenant: str
    project: str
    principal: str
    """Who started it; what is done for the run is done on this one's behalf."""
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
    """Normalize items that have not ended."""
    revision: int = 1
    trigger: Trigger | None = None
    """None when a caller asked for it."""
    reprocess: Reprocess | None = None
    """None for a run of a workflow."""
    retry_of: str = ""
    """The run whose unfinished work this one does; empty for any other."""
    dead: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    """Its dead letters by reason."""

    @property
    def dataset(self) -> str:
        """The first dataset that it writes; empty when it writes none."""
        return next((step.dataset for step in self.steps if step.dataset and not step.skipped), "")

    def step(self, name: str) -> Step:
        """Give a step by name."""
        return next(step for step in self.steps if step.name == name)


class RunBounds(msgspec.Struct, frozen=True):
    """What one run may have at most."""

    pages_open_max: int
    """Pages under way above which the source is not asked for more."""
    dead_letters_max: int
    """Dead letters with which the run goes on; with one more it ends."""


class WantedWork(msgspec.Struct, frozen=True):
    """Work that the run wants done; the coordinator knows it by its key."""

    work_key: str
    kind: str
    step: str
    source_id: str
    payload: dict[str, Any]
    data_bytes: int = 0


class EndedWork(msgspec.Struct, frozen=True):
    """Work that ended, as the coordinator tells it."""

    work_key: str
    kind: str
    step: str
    state: str
    """``completed``, ``failed`` or ``cancelled``."""
    result: Mapping[str, Any]
    reason: str
    message: str


class DeadLetter(msgspec.Struct, frozen=True):
    """Work that a run left undone, and why: a dead letter, or what was open when the run was ended."""

    wanted: WantedWork
    reason: str
    message: str
    dead: bool


class Event(msgspec.Struct, frozen=True):
    """Something for the ledger. The key makes it the same event, however often it is sent."""

    key: str
    type: str
    subject: str
    details: dict[str, Any]
    occurred_at_ms: int


class Transition(msgspec.Struct, frozen=True):
    """The next run, and what is to be done once it is stored."""

    run: Run
    wanted: tuple[WantedWork, ...] = ()
    events: tuple[Event, ...] = ()
    cancel: bool = False
    """Whether the run's open work is to be dropped."""
    updated: tuple[str, ...] = ()
    """Datasets into which new records came, once the step that brings them has ended."""
    dead: tuple[EndedWork, ...] = ()
    """Work whose end makes a dead letter of it."""
    left: tuple[WantedWork, ...] = ()
    """Of a run that has ended: what it had just wanted, and was never stored as open."""
