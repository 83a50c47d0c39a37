"""The wait before an item's next attempt, by the reason of the last failure. It doesn't decide whether there is a next one.

Exponential with jitter (AWS Architecture Blog, "Exponential Backoff and Jitter", there "equal jitter"): the wait lies between half of the
bound and the bound. The jitter is a hash of item and attempt, so that a simulation can be replayed and items still spread.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

# 2^16 times any base is past every bound that makes sense; it keeps the shift small.
_DOUBLINGS_MAX = 16

REFUSALS = frozenset({"SERVICE_UNAVAILABLE", "QUEUE_FULL", "QUOTA_EXCEEDED"})
"""Reasons that are a state of the platform and no fault of the work: they don't count against the attempts."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """First bound and last bound of the wait."""

    base_ms: int
    most_ms: int


@dataclass(frozen=True, slots=True)
class Backoffs:
    """The bounds by reason, with a default."""

    default: Backoff
    by_reason: Mapping[str, Backoff]
    asked_ms_max: int
    """The longest wait that a service may ask for, beyond the bounds here."""


def wait_ms(backoffs: Backoffs, work_id: str, attempts: int, reason: str, failures: int, retry_after_ms: int = 0) -> int:
    """Return the wait before the next attempt.

    Args:
        backoffs: the bounds.
        work_id: the item; with ``attempts`` it seeds the jitter.
        attempts: attempts begun so far.
        reason: why the last one failed.
        failures: how many in a row failed like this, at least 1; the bound doubles with each.
        retry_after_ms: the shortest wait that the service asked for.
    """
    rule = backoffs.by_reason.get(reason, backoffs.default)
    bound_ms = min(rule.most_ms, rule.base_ms << min(max(failures, 1) - 1, _DOUBLINGS_MAX))
    seed = hashlib.sha256(f"{work_id}/{attempts}".encode()).digest()
    fraction = int.from_bytes(seed[:4]) / 2**32
    waited_ms = bound_ms // 2 + int(fraction * (bound_ms - bound_ms // 2))
    return max(waited_ms, min(retry_after_ms, backoffs.asked_ms_max))
