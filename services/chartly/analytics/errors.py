"""The errors of analytics, each with its facts. They don't depend on gRPC.

ChartlyError
├── QueryRefused       INVALID_ARGUMENT     QUERY_REFUSED
├── QueryLimit         INVALID_ARGUMENT     QUERY_LIMIT
├── QueriesWaiting     RESOURCE_EXHAUSTED   QUEUE_FULL
├── ChartInvalid       INVALID_ARGUMENT     CHART_INVALID
├── ProfileUnusable    FAILED_PRECONDITION  PROFILE_INVALID
├── DatasetDamaged     DATA_LOSS            CORRUPT
└── WorkerLost         UNAVAILABLE          SERVICE_UNAVAILABLE
"""

from chartly.platform.errors import DataLoss, FailedPrecondition, InvalidArgument, ResourceExhausted, Unavailable, error


@error(reason="QUERY_REFUSED")
class QueryRefused(InvalidArgument):
    """The query can't be run; correct it as the problem says."""

    problem: str
    line: int | None = None
    column: int | None = None
    """The place of the problem in the SQL text, each counted from 1; the column in characters. None where DuckDB names none."""


@error(reason="QUERY_LIMIT")
class QueryLimit(InvalidArgument):
    """The query reached a bound; change the query, since the same one reaches it each time."""

    limit: str
    bound: int


@error(reason="QUEUE_FULL")
class QueriesWaiting(ResourceExhausted):
    """Too many queries wait for a worker."""

    waiting_max: int


@error(reason="CHART_INVALID")
class ChartInvalid(InvalidArgument):
    """The chart's configuration does not fit its contract or the data."""

    problem: str


@error(reason="PROFILE_INVALID")
class ProfileUnusable(FailedPrecondition):
    """The analytics profile can't be run; store a corrected version of it."""

    problem: str


@error(reason="CORRUPT")
class DatasetDamaged(DataLoss):
    """A file of the dataset can't be read; `chartly dataset check` names it."""


@error(reason="SERVICE_UNAVAILABLE")
class WorkerLost(Unavailable):
    """The process that ran the query ended before it answered."""
