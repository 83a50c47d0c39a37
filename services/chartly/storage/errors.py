"""The errors of storage. They don't depend on gRPC.

ChartlyError
├── BlobUnknown        NOT_FOUND            BLOB_UNKNOWN
├── BlobTooLarge       RESOURCE_EXHAUSTED   PAYLOAD_TOO_LARGE
├── StoreUnavailable   UNAVAILABLE          SERVICE_UNAVAILABLE
├── DiskFull           UNAVAILABLE          SERVICE_UNAVAILABLE
├── DatasetUnknown     NOT_FOUND            DATASET_UNKNOWN
├── VersionUnknown     NOT_FOUND            DATASET_UNKNOWN
├── QuarantineUnknown  NOT_FOUND            QUARANTINE_UNKNOWN
├── ReprocessUnknown   NOT_FOUND            REPROCESS_UNKNOWN
├── ReprocessStale     FAILED_PRECONDITION  REPROCESS_STALE
├── ReprocessStopped   UNAVAILABLE          SERVICE_UNAVAILABLE
├── ReprocessEmpty     FAILED_PRECONDITION  REPROCESS_EMPTY
├── ReprocessTooLarge  INVALID_ARGUMENT     QUERY_LIMIT
├── ReprocessMemoryExceeded  FAILED_PRECONDITION  QUERY_LIMIT
├── DatasetDerived     FAILED_PRECONDITION  INVALID_REQUEST
├── QuarantineSettled  FAILED_PRECONDITION  QUARANTINE_SETTLED
├── SealRefused        DATA_LOSS            CORRUPT
├── SealKeyInvalid     FAILED_PRECONDITION  SERVICE_UNAVAILABLE
├── TicketUnknown      NOT_FOUND            TICKET_UNKNOWN
├── TicketsExhausted   RESOURCE_EXHAUSTED   QUEUE_FULL
├── EnvelopeInvalid    INVALID_ARGUMENT     CONTRACT_VIOLATION
├── StagedFileInvalid  INVALID_ARGUMENT     INVALID_REQUEST
├── StagedFileTooLarge RESOURCE_EXHAUSTED   PAYLOAD_TOO_LARGE
├── ColumnConflict     FAILED_PRECONDITION  CONTRACT_VIOLATION
├── ColumnCaseConflict FAILED_PRECONDITION  CONTRACT_VIOLATION
├── ColumnsRefused     FAILED_PRECONDITION  CONTRACT_VIOLATION
├── RetentionColumnInvalid FAILED_PRECONDITION PROFILE_INVALID
├── CommitUnfinished   FAILED_PRECONDITION  COMMIT_UNFINISHED
├── NothingSetAside    FAILED_PRECONDITION  INVALID_REQUEST
├── ModeConflict       FAILED_PRECONDITION  INVALID_REQUEST
├── DerivedNotRepaired FAILED_PRECONDITION  INVALID_REQUEST
├── BadFilter          INVALID_ARGUMENT     BAD_FILTER
├── StoreConfigInvalid FAILED_PRECONDITION  SERVICE_UNAVAILABLE
└── Corrupt            DATA_LOSS            CORRUPT
"""

from chartly.platform.errors import (
    DataLoss,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    Unavailable,
    error,
)


@error(reason="BLOB_UNKNOWN")
class BlobUnknown(NotFound):
    """No blob of this project has the digest; store the raw bytes first."""

    sha256: str


@error(reason="PAYLOAD_TOO_LARGE")
class BlobTooLarge(ResourceExhausted):
    """The payload is larger than its bound; send it in smaller parts."""

    payload_bytes_max: int


@error(reason="SERVICE_UNAVAILABLE")
class StoreUnavailable(Unavailable):
    """The store can't be read or written at the moment; retry later, and check disk or object store if it stays so."""

    problem: str


@error(reason="SERVICE_UNAVAILABLE")
class DiskFull(Unavailable):
    """The disk is full; free space, then retry. Nothing was committed."""


@error(reason="DATASET_UNKNOWN")
class DatasetUnknown(NotFound):
    """No dataset of this project has the name; list the datasets to see their names."""

    dataset: str


@error(reason="DATASET_UNKNOWN")
class VersionUnknown(NotFound):
    """The dataset has no such version, or the version's files were deleted; list its versions and choose a newer one."""

    dataset: str
    version: int


@error(reason="QUARANTINE_UNKNOWN")
class QuarantineUnknown(NotFound):
    """No quarantined record of this project has the id; list the quarantined records to see their ids."""

    quarantine_id: str


@error(reason="REPROCESS_UNKNOWN")
class ReprocessUnknown(NotFound):
    """No reprocess of this dataset has the id, or it was deleted after its retention; start a new dry run."""

    reprocess_id: str


@error(reason="REPROCESS_STALE")
class ReprocessStale(FailedPrecondition):
    """The dataset changed since the dry run; start a new dry run."""

    reprocess_id: str
    problem: str


@error(reason="SERVICE_UNAVAILABLE")
class ReprocessStopped(Unavailable):
    """The reprocess stopped because its caller disconnected; repeat the call. Nothing was changed."""


@error(reason="REPROCESS_EMPTY")
class ReprocessEmpty(FailedPrecondition):
    """The selection contains no chunk that a normalizer of this name made; widen the time window or name another normalizer."""

    dataset: str
    normalizer: str


@error(reason="QUERY_LIMIT")
class ReprocessTooLarge(InvalidArgument):
    """The selection contains more chunks than one reprocess may have; narrow its time window."""

    chunks: int
    reprocess_chunks_max: int


@error(reason="QUERY_LIMIT")
class ReprocessMemoryExceeded(FailedPrecondition):
    """The comparison needs more memory or disk than there is; raise `limits.reprocess_memory_bytes`, or free disk space."""

    reprocess_memory_bytes: int


@error(reason="INVALID_REQUEST")
class DatasetDerived(FailedPrecondition):
    """The dataset is a rollup's output and has no raw bytes; run its rollup instead."""

    dataset: str


@error(reason="QUARANTINE_SETTLED")
class QuarantineSettled(FailedPrecondition):
    """The quarantined record is released or discarded, which is final; leave it out of the call."""

    quarantine_id: str
    state: str


@error(reason="CORRUPT")
class SealRefused(DataLoss):
    """A sealed payload can't be decrypted; restore the `storage.seal_key` that it was sealed with. Under that key, its bytes changed."""

    quarantine_id: str
    problem: str


@error(reason="SERVICE_UNAVAILABLE")
class SealKeyInvalid(FailedPrecondition):
    """The key for sealing payloads is invalid; set `storage.seal_key` to 32 bytes in base64, in a file that only its owner can read."""

    source: str


@error(reason="TICKET_UNKNOWN")
class TicketUnknown(NotFound):
    """The write ticket is unknown, used or expired; begin the write again."""


@error(reason="QUEUE_FULL")
class TicketsExhausted(ResourceExhausted):
    """Too many writes are open; retry later."""

    write_tickets_max: int


@error(reason="CONTRACT_VIOLATION")
class EnvelopeInvalid(InvalidArgument):
    """A record of the chunk breaks the contract of stored records; correct its profile. Nothing was changed."""

    contract: str
    path: str
    rule: str


@error(reason="INVALID_REQUEST")
class StagedFileInvalid(InvalidArgument):
    """The staged file is not what a plan or a query writes; begin the write again, and write its files with the compiled core."""

    file: str
    problem: str


@error(reason="PAYLOAD_TOO_LARGE")
class StagedFileTooLarge(ResourceExhausted):
    """The staged file is larger than its bound; divide the chunk."""

    file: str
    staged_file_bytes_max: int


@error(reason="CONTRACT_VIOLATION")
class ColumnConflict(FailedPrecondition):
    """A column's type doesn't fit the dataset's column; map the field to another name, or write another dataset. Nothing was changed."""

    column: str
    dataset_type: str
    chunk_type: str


@error(reason="CONTRACT_VIOLATION")
class ColumnCaseConflict(FailedPrecondition):
    """Two columns of a table can't differ only in case; map the field to the other name, or to a third one. Nothing was changed."""

    column: str
    dataset_column: str


@error(reason="PROFILE_INVALID")
class RetentionColumnInvalid(FailedPrecondition):
    """retentionBy names a column of no times, so no record would expire: give it the format date-time, or count from ingested_at."""

    column: str
    column_type: str


@error(reason="CONTRACT_VIOLATION")
class ColumnsRefused(FailedPrecondition):
    """The dataset's table can't have these columns; map the fields to other names. Nothing was changed."""

    problem: str


@error(reason="COMMIT_UNFINISHED")
class CommitUnfinished(FailedPrecondition):
    """A decided commit can't be finished, so the dataset takes no other. Remove the cause and retry, or set the commit aside."""

    dataset: str
    version: int
    """The version that the commit makes."""
    cause: str
    command: str
    """Sets the commit aside."""


@error(reason="INVALID_REQUEST")
class NothingSetAside(FailedPrecondition):
    """The dataset has no commit that can't be finished, so there is nothing to set aside."""

    dataset: str


@error(reason="INVALID_REQUEST")
class ModeConflict(FailedPrecondition):
    """A canonical dataset can only be appended to, a derived dataset only replaced; use another dataset name."""

    dataset: str


@error(reason="INVALID_REQUEST")
class DerivedNotRepaired(FailedPrecondition):
    """A derived dataset can't be repaired; run its rollup again."""

    dataset: str


@error(reason="BAD_FILTER")
class BadFilter(InvalidArgument):
    """The filter is invalid; write terms field=value of existing fields, joined by AND."""

    problem: str


@error(reason="SERVICE_UNAVAILABLE")
class StoreConfigInvalid(FailedPrecondition):
    """The object store can't be opened as configured; correct ``storage.url`` and the other ``storage`` settings, then start again."""

    url: str
    problem: str


@error(reason="CORRUPT")
class Corrupt(DataLoss):
    """Stored data differs from what was written; run `chartly dataset check`, and restore damaged files from a backup."""

    subject: str
    problem: str
