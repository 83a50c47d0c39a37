"""Classify a failed attempt: its reason, whether it is final, and the shortest wait before the next. Pure."""

from dataclasses import dataclass

from chartly.platform.errors import ChartlyError, RemoteError

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
        return FailureReport(failure.reason, failure.message, failure.is_final)
    reason = _UNANSWERED.get(failure.remote_reason, failure.remote_reason)
    return FailureReport(reason, failure.remote_message, failure.is_final, int((failure.retry_after_s or 0) * 1000))
