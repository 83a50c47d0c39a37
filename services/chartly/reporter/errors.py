"""The errors of the reporter, each with its facts. They know nothing of gRPC.

ChartlyError
├── ReportRequestInvalid   INVALID_ARGUMENT  INVALID_REQUEST
├── ReportUnknown          NOT_FOUND         REPORT_UNKNOWN
└── ArtifactUnknown        INVALID_ARGUMENT  INVALID_REQUEST
"""

from chartly.platform.errors import InvalidArgument, NotFound, error


@error(reason="INVALID_REQUEST")
class ReportRequestInvalid(InvalidArgument):
    """The report's request breaks its contract."""


@error(reason="REPORT_UNKNOWN")
class ReportUnknown(NotFound):
    """No report of this project has the id."""

    report_id: str


@error(reason="INVALID_REQUEST")
class ArtifactUnknown(InvalidArgument):
    """The report's manifest lists no such file."""

    report_id: str
