"""How a failed attempt is reported."""

import pytest

from chartly.drone.failure_report import classify
from chartly.drone.tasks import WorkMalformed
from chartly.platform.errors import RemoteError


@pytest.mark.parametrize(
    ("code", "reason", "told", "final"),
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
def test_remote_errors_are_final_only_when_no_other_answer_is_possible(code: int, reason: str, told: str, *, final: bool) -> None:
    """What a person or other content must change is final; what time changes is not."""
    report = classify(RemoteError("normalizer", code, reason, "said so"))
    assert (report.reason, report.final, report.message) == (told, final, "said so")


def test_asked_pause_is_passed_on() -> None:
    """RetryInfo becomes retry_after_ms."""
    assert classify(RemoteError("hub", 14, "CIRCUIT_OPEN", "open", retry_after_s=1.5)).retry_after_ms == 1_500


def test_malformed_work_is_final() -> None:
    """Work that no drone can read isn't tried again."""
    assert classify(WorkMalformed("work_1")).final
