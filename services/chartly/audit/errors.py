"""The errors of the ledger. They don't depend on gRPC.

ChartlyError
├── EntryInvalid       INVALID_ARGUMENT    INVALID_REQUEST
├── LedgerBusy         RESOURCE_EXHAUSTED  QUEUE_FULL
├── LedgerCorrupt      DATA_LOSS           CORRUPT
└── LogRangeUnknown    NOT_FOUND           LOG_RANGE
"""

from chartly.platform.errors import DataLoss, InvalidArgument, NotFound, ResourceExhausted, error


@error(reason="INVALID_REQUEST")
class EntryInvalid(InvalidArgument):
    """An event breaks the contract of audit records."""


@error(reason="QUEUE_FULL")
class LedgerBusy(ResourceExhausted):
    """Too many appends wait for the ledger."""

    waiting_max: int


@error(reason="CORRUPT")
class LedgerCorrupt(DataLoss):
    """The ledger's files differ from what it signed."""

    problem: str


@error(reason="LOG_RANGE")
class LogRangeUnknown(NotFound):
    """The log has no such tile or bundle."""

    path: str
