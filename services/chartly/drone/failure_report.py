"""How a failed attempt is reported: whether another can help, and when. Pure; the queue decides what follows."""

from dataclasses import dataclass

from chartly.platform.errors import ChartlyError, RemoteError

# google.rpc codes of which the same request gets no other answer, whatever the time.
_FINAL_CODES = frozenset(
    {
        3,  # INVALID_ARGUMENT
        5,  # NOT_FOUND: what a run names is immutable, so it will not appear
        6,  # ALREADY_EXISTS
        7,  # PERMISSION_DENIED
        9,  # FAILED_PRECONDITION: the state that it names needs a person
        11,  # OUT_OF_RANGE
        12,  # UNIMPLEMENTED
        15,  # DATA_LOSS: what is corrupt stays so until it is repaired
    }
)
# Of RESOURCE_EXHAUSTED, a bound on the work itself and not on how much is under way.
_FINAL_REASONS = frozenset({"PAYLOAD_TOO_LARGE", "QUERY_LIMIT"})
# What a call without any answer is named: gRPC knows no reason then, only its code.
_UNANSWERED = {
    "UNAVAILABLE": "SERVICE_UNAVAILABLE",
    "CANCELLED": "SERVICE_UNAVAILABLE",
    "UNKNOWN": "INTERNAL",
    "RESOURCE_EXHAUSTED": "QUEUE_FULL",
}


@dataclass(frozen=True, slots=True)
class FailureReport:
    """What FailWork is told."""

    reason: str
    message: str
    final: bool
    retry_after_ms: int = 0


def classify(failure: ChartlyError) -> FailureReport:
    """Judge an error that a service answered with, or that the work itself gave cause to."""
    if not isinstance(failure, RemoteError):
        return FailureReport(failure.reason, failure.message, failure.code in _FINAL_CODES)
    reason = _UNANSWERED.get(failure.remote_reason, failure.remote_reason)
    final = failure.remote_code in _FINAL_CODES or reason in _FINAL_REASONS
    return FailureReport(reason, failure.remote_message, final, int((failure.retry_after_s or 0) * 1000))
