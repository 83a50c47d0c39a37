"""The report of a failed attempt."""

import pytest

from chartly.drone.failure_report import classify
from chartly.drone.tasks import WorkMalformed
from chartly.platform.errors import RemoteError


@pytest.mark.parametrize(
    ("code", "reason", "reported", "final"),
    [
        (14, "UPSTREAM_UNAVAILABLE", "UPSTREAM_UNAVAILABLE", False),
        (14, "UNAVAILABLE", "SERVICE_UNAVAILABLE", False),
        (1, "CANCELLED", "SERVICE_UNAVAILABLE", False),
        (8, "QUEUE_FULL", "QUEUE_FULL", False),
        (8, "PAYLOAD_TOO_LARGE", "PAYLOAD_TOO_LARGE", True),
        (9, "UPSTREAM_BAD_RESPONSE", "UPSTREAM_BAD_RESPONSE", True),
        (7, "EGRESS_DENIED", "EGRESS_DENIED", True),
        (15, "CORRUPT", "CORRUPT", True),
        (4, "DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", False),
        (13, "INTERNAL", "INTERNAL", False),
        (2, "UNKNOWN", "INTERNAL", False),
    ],
)
def test_remote_errors_are_final_when_a_retry_cannot_help(code: int, reason: str, reported: str, *, final: bool) -> None:
    """An error that only a person or other content can mend is final; one that time can mend is not."""
    report = classify(RemoteError("normalizer", code, reason, "said so"))
    assert (report.reason, report.final, report.message) == (reported, final, "said so")


def test_requested_pause_is_reported() -> None:
    """RetryInfo becomes retry_after_ms."""
    assert classify(RemoteError("hub", 14, "CIRCUIT_OPEN", "open", retry_after_s=1.5)).retry_after_ms == 1_500


def test_malformed_work_is_final() -> None:
    """Work of an unknown kind is not retried."""
    assert classify(WorkMalformed("work_1")).final
