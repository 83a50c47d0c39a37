"""The values of storage, without behaviour beyond arithmetic. Metadata rows and messages are converted to these."""

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
        """``<tenant>/<project>/<dataset>``; each part is safe as a folder name."""
        return f"{self.tenant}/{self.project}/{self.dataset}"


class WriteMode(StrEnum):
    """What a commit does to a dataset."""

    APPEND = "append"
    REPLACE = "replace"
    REBUILD = "rebuild"
    """Chunks were normalized again from their raw bytes; their records replace the former ones."""
    RESTORE = "restore"
    """The new version has an older version's content."""
    READMIT = "readmit"
    """Records enter the dataset from quarantine."""
    RETAIN = "retain"
    """Expired records are removed."""
    REPAIR = "repair"
    """Index, row count and content hash are corrected to agree with the table."""


class CommitState(StrEnum):
    """Prepared: decided, with durable files; the next call on the dataset finishes it. Committed: finished."""

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
        """Return the sums of all fields."""
        return Counts(
            records_in=self.records_in + other.records_in,
            canonical=self.canonical + other.canonical,
            duplicates=self.duplicates + other.duplicates,
            quarantined=self.quarantined + other.quarantined,
            replayed=self.replayed + other.replayed,
        )

    @property
    def adds_up(self) -> bool:
        """Return whether every record is counted as one of the others."""
        return self.records_in == self.canonical + self.duplicates + self.quarantined + self.replayed


class Submission(Value, frozen=True, kw_only=True):
    """A chunk and the work item of a run that submits it."""

    work_key: str
    submission_id: str
    run_id: str = ""


DedupePolicy = Literal["first", "last", "quarantine"]
"""The dedupe policy for a known key with other content."""


class Origin(Value, frozen=True, kw_only=True):
    """What a chunk was made from."""

    source_id: str = ""
    raw_sha256: str = ""
    captured_at: datetime | None = None
    normalizer: FrozenRef = FrozenRef()
    records_in: int = 0
    dedupe_policy: DedupePolicy = "first"
    edit_sha256: str = ""
    """Digest of the corrected record, if a person corrected it. Not part of a commit's row."""


class Column(Value, frozen=True, kw_only=True):
    """A column and its Arrow type's name."""

    name: str
    type: str


class TableFile(Value, frozen=True, kw_only=True):
    """A data file of a table. Its name contains its digest, so that its bytes can be checked."""

    path: str
    """Relative to the table."""
    sha256: str
    size_bytes: int
    rows: int
    partition: dict[str, str | None]
    stats: str
    """The Delta log's statistics, as JSON."""


class QuarantineStatus(Value, frozen=True, kw_only=True):
    """The status of a quarantined record. A record without an action has no status, and is open."""

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


class ChunkLabel(msgspec.Struct, frozen=True, array_like=True):
    """Why the dataset held a chunk no longer, before a rollback changed that label."""

    work_key: str
    from_version: int
    ended_by: str


class StatusLocation(msgspec.Struct, frozen=True, array_like=True):
    """The chunk whose rows a quarantine status pointed to, before a commit moved the status to other rows."""

    quarantine_id: str
    chunk: str


class Changes(Value, frozen=True, kw_only=True):
    """The changes that a prepared commit makes to the tables. They are in the metadata database, so any process can finish the commit."""

    schema: str = ""
    """The table's Arrow schema after the commit, as base64 of its IPC message."""
    partition_columns: tuple[str, ...] = ()
    added: tuple[TableFile, ...] = ()
    removed: tuple[str, ...] = ()
    quarantined: tuple[TableFile, ...] = ()
    quarantine_schema: str = ""
    statuses: tuple[QuarantineStatus, ...] = msgspec.field(default=(), name="standings")
    """Statuses of the quarantined records that the commit changes. The JSON name is that of commits prepared by earlier builds."""
    expired: tuple[TableFile, ...] = ()
    """Files with the keys of expired records."""
    events: tuple[Event, ...] = ()
    """Ledger events in addition to ``dataset.updated``, which the finisher adds."""
    moved_statuses: tuple[StatusLocation, ...] = ()
    """Where statuses pointed to before the commit moved them; needed to set the commit aside."""
    relabelled_chunks: tuple[ChunkLabel, ...] = ()
    """Labels of chunks that a rollback changed; needed to set the commit aside."""
    principal: str = ""
    """The principal that caused the commit; empty if storage did it by itself."""
    facts: dict[str, Any] = {}
    """Facts for the ledger event of this kind of commit, in addition to those of every commit."""


class Commit(Value, frozen=True, kw_only=True):
    """The commit of one chunk, as stored in the metadata database."""

    key: DatasetKey
    sequence: int
    """The dataset version: one more with each commit of the dataset."""
    state: CommitState
    mode: WriteMode
    submission: Submission
    origin: Origin
    storage: FrozenRef
    counts: Counts
    reasons: dict[str, int]
    chunk_digest: str
    accepted_digest: str = ""
    """Digest over key and record id of all accepted records; empty for commits of earlier builds."""
    rejected_digest: str = ""
    """Digest over place and reasons of all rejected records."""
    content_hash: str
    rows: int
    """The dataset's content hash after the commit."""
    delta_version: int
    """The table's version that holds the commit; -1 while prepared."""
    committed_at: datetime
    """The time of the decision, whichever process finishes it."""


class Receipt(Value, frozen=True, kw_only=True):
    """What one submission of a chunk did."""

    commit: Commit
    counts: Counts
    reasons: dict[str, int]
    replayed: bool


class DerivedFrom(Value, frozen=True, kw_only=True):
    """A dataset version that a derived dataset was computed from."""

    dataset: str
    version: int


class Dataset(Value, frozen=True, kw_only=True):
    """A dataset at its last commit."""

    key: DatasetKey
    derived: bool
    version: int
    rows: int
    content_hash: str
    storage: FrozenRef
    columns: tuple[Column, ...]
    inputs: tuple[DerivedFrom, ...] = ()
    """Of a derived dataset; empty if it was computed by an earlier build."""
    counts: Counts
    created_at: datetime
    updated_at: datetime
