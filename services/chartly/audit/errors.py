"""The errors of the ledger. They don't depend on gRPC.

ChartlyError
├── EntryInvalid       INVALID_ARGUMENT    INVALID_REQUEST
├── LedgerBusy         RESOURCE_EXHAUSTED  QUEUE_FULL
├── LedgerCorrupt      DATA_LOSS           CORRUPT
├── LogRangeUnknown    NOT_FOUND           LOG_RANGE
└── OriginUnknown      FAILED_PRECONDITION INVALID_REQUEST
"""

from chartly.platform.errors import DataLoss, FailedPrecondition, InvalidArgument, NotFound, ResourceExhausted, error


@error(reason="INVALID_REQUEST")
class EntryInvalid(InvalidArgument):
    """An event does not meet the contract of audit records; the violations name its fields."""


@error(reason="QUEUE_FULL")
class LedgerBusy(ResourceExhausted):
    """Too many appends wait for the ledger; retry later."""

    waiting_max: int


@error(reason="CORRUPT")
class LedgerCorrupt(DataLoss):
    """The ledger's files differ from its signed checkpoint: restore them from a backup."""

    problem: str


@error(reason="LOG_RANGE")
class LogRangeUnknown(NotFound):
    """The log has no tile or entry bundle at this path. Its checkpoint has the size that says which exist."""

    path: str


@error(reason="INVALID_REQUEST")
class OriginUnknown(FailedPrecondition):
    """This process runs the ledger without the edge, so the log's name is unknown: set audit.origin to where clients reach the log."""

    example: str = "data.example.com/v1/audit/log"
