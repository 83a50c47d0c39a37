"""Classify a failed attempt: its reason, whether it is final, and the shortest wait before the next. Pure."""

from dataclasses import dataclass

from chartly.platform.errors import ChartlyError, RemoteError

# google.rpc codes that the same request would get at any time.
_FINAL_CODES = frozenset(
    {
        3,  # INVALID_ARGUMENT
        5,  # NOT_FOUND: a run names immutable things, which do not appear later
        6,  # ALREADY_EXISTS
        7,  # PERMISSION_DENIED
        9,  # FAILED_PRECONDITION: the state needs a person
        11,  # OUT_OF_RANGE
        12,  # UNIMPLEMENTED
        15,  # DATA_LOSS: corrupt data stays corrupt until it is repaired
    }
)
# Of RESOURCE_EXHAUSTED, a bound on the work itself and not on how much is under way.
_FINAL_REASONS = frozenset({"PAYLOAD_TOO_LARGE", "QUERY_LIMIT"})
# Reasons of calls that got no response: gRPC then has only a code.
_UNANSWERED = {
    "UNAVAILABLE": "SERVICE_UNAVAILABLE",
    "CANCELLED": "SERVICE_UNAVAILABLE",
    "UNKNOWN": "INTERNAL",
    "RESOURCE_EXHAUSTED": "QUEUE_FULL",
}


@dataclass(frozen=True, slots=True)
class FailureReport:
    """The content of a FailWork request."""

    reason: str
    message: str
    final: bool
    retry_after_ms: int = 0


def classify(failure: ChartlyError) -> FailureReport:
    """Return the report of an error that a service returned, or that the task itself caused."""
    if not isinstance(failure, RemoteError):
        return FailureReport(failure.reason, failure.message, failure.code in _FINAL_CODES)
    reason = _UNANSWERED.get(failure.remote_reason, failure.remote_reason)
    final = failure.remote_code in _FINAL_CODES or reason in _FINAL_REASONS
    return FailureReport(reason, failure.remote_message, final, int((failure.retry_after_s or 0) * 1000))
