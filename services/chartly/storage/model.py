"""The values that storage speaks of. No behaviour beyond arithmetic; the metadata rows and the wire are mapped to these."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec

from chartly.platform.outbox import Event


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A value: compared by content, never changed, encodable as JSON."""


class DatasetKey(msgspec.Struct, frozen=True):
    """A dataset of a project."""

    tenant: str
    project: str
    dataset: str

    @property
    def path(self) -> str:
        """``<tenant>/<project>/<dataset>``; each part holds nothing that a file system reads differently."""
        return f"{self.tenant}/{self.project}/{self.dataset}"


class WriteMode(StrEnum):
    """What a commit does to a dataset."""

    APPEND = "append"
    REPLACE = "replace"
    REBUILD = "rebuild"
    """Chunks are normalized anew from their raw bytes; their records take the place of the former ones."""
    RESTORE = "restore"
    """An older version's content becomes the content of a new one."""
    READMIT = "readmit"
    """Records that come back from quarantine."""
    RETAIN = "retain"
    """Records go whose time is over."""
    REPAIR = "repair"
    """What is kept of the dataset is made to agree with its table."""


class CommitState(StrEnum):
    """Prepared: decided, its files durable, to be finished by whoever comes next. Committed: finished."""

    PREPARED = "prepared"
    COMMITTED = "committed"


class FrozenRef(Value, frozen=True, kw_only=True):
    """A resolved profile."""

    ref: str = ""
    hash: str = ""


class Counts(Value, frozen=True, kw_only=True):
    """``records_in`` is always the sum of the others."""

    records_in: int = 0
    canonical: int = 0
    duplicates: int = 0
    quarantined: int = 0
    replayed: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Add field by field."""
        return Counts(
            records_in=self.records_in + other.records_in,
            canonical=self.canonical + other.canonical,
            duplicates=self.duplicates + other.duplicates,
            quarantined=self.quarantined + other.quarantined,
            replayed=self.replayed + other.replayed,
        )

    @property
    def adds_up(self) -> bool:
        """Whether every record is accounted for."""
        return self.records_in == self.canonical + self.duplicates + self.quarantined + self.replayed


class Submission(Value, frozen=True, kw_only=True):
    """Who writes which chunk: one work item of one run."""

    work_key: str
    submission_id: str
    run_id: str = ""


DedupePolicy = Literal["first", "last", "quarantine"]
"""What a record does whose key is known with other content."""


class Origin(Value, frozen=True, kw_only=True):
    """What a chunk was made from."""

    source_id: str = ""
    raw_sha256: str = ""
    captured_at: datetime | None = None
    normalizer: FrozenRef = FrozenRef()
    records_in: int = 0
    dedupe_policy: DedupePolicy = "first"
    edit_sha256: str = ""
    """Of the corrected record, where a record was corrected before it got in; not part of a commit's row."""


class Column(Value, frozen=True, kw_only=True):
    """A column and its Arrow type's name."""

    name: str
    type: str


class TableFile(Value, frozen=True, kw_only=True):
    """A data file of a table, named so that its bytes can be checked."""

    path: str
    """Relative to the table."""
    sha256: str
    size_bytes: int
    rows: int
    partition: dict[str, str | None]
    stats: str
    """The Delta log's statistics, as JSON."""


class QuarantineStatus(Value, frozen=True, kw_only=True):
    """What became of a quarantined record; a record that nobody acted on has none, and is open."""

    quarantine_id: str
    dataset: str
    state: str
    attempts: int = 0
    violations: tuple[dict[str, str], ...] = ()
    """Violations of the last retry."""
    profile_hash: str = ""
    """Profile of the last retry."""
    principal: str = ""
    justification: str = ""
    before_sha256: str = ""
    after_sha256: str = ""
    version: int = 0
    """The dataset version that committed the released record; 0 for none."""
    chunk: str
    """The chunk that holds the record's row in quarantine, as ``chunk_rows.withdrawn_name`` names it."""
    changed_at: datetime


class Changes(Value, frozen=True, kw_only=True):
    """What a prepared commit will do to the tables. With it in the metadata database, anybody can finish the commit."""

    schema: str = ""
    """The table's Arrow schema after the commit, as base64 of its IPC message."""
    partition_columns: tuple[str, ...] = ()
    added: tuple[TableFile, ...] = ()
    removed: tuple[str, ...] = ()
    quarantined: tuple[TableFile, ...] = ()
    quarantine_schema: str = ""
    statuses: tuple[QuarantineStatus, ...] = msgspec.field(default=(), name="standings")
    """Of the quarantined records that the commit acted on. The JSON name is the one of commits that former versions prepared."""
    expired: tuple[TableFile, ...] = ()
    """Files with the keys of records whose time is over."""
    events: tuple[Event, ...] = ()
    """Beside ``dataset.updated``, which the finisher adds."""
    principal: str = ""
    """Who caused the commit; empty when storage did by itself."""
    facts: dict[str, Any] = {}
    """What the ledger records of this kind of commit beside what it records of every commit."""


class Commit(Value, frozen=True, kw_only=True):
    """One chunk's commit, as the metadata database keeps it."""

    key: DatasetKey
    sequence: int
    """Rises by one with each commit of the dataset; the dataset's version."""
    state: CommitState
    mode: WriteMode
    submission: Submission
    origin: Origin
    storage: FrozenRef
    counts: Counts
    reasons: dict[str, int]
    chunk_digest: str
    accepted_digest: str = ""
    """Over key and record id of all that the plan accepted; empty of older commits."""
    rejected_digest: str = ""
    """Over place and reasons of all that the plan rejected."""
    content_hash: str
    rows: int
    """Of the dataset, after the commit."""
    delta_version: int
    """Of the table that holds the commit; -1 while prepared."""
    committed_at: datetime
    """When it was decided: the same whoever finishes it."""


class Receipt(Value, frozen=True, kw_only=True):
    """What one submission of a chunk did."""

    commit: Commit
    counts: Counts
    reasons: dict[str, int]
    replayed: bool


class Dataset(Value, frozen=True, kw_only=True):
    """A dataset at its last commit."""

    key: DatasetKey
    derived: bool
    version: int
    rows: int
    content_hash: str
    storage: FrozenRef
    columns: tuple[Column, ...]
    counts: Counts
    created_at: datetime
    updated_at: datetime
