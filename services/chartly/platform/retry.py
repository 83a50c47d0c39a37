"""The one retry policy between our own services: exponential backoff with jitter (stamina), or the pause that the error asks for.

The caller must make sure that the call is safe to repeat. Requests to an upstream are retried by the policy of their source instead.
"""

import random
from collections.abc import AsyncIterator, Callable

import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from .errors import RemoteError

# A service that restarts is back within a second, so the first pauses are short; one that is down is called twelve times a minute.
_WAIT_S, _WAIT_S_MAX = 0.05, 5.0
# 2^16 times the first pause is beyond every longest one; it keeps the number small.
_DOUBLINGS_MAX = 16
# Spreads callers that were given the same time to retry, as a part of that time.
_SPREAD = 0.1
# A wrong answer must not stop the background work of a service for hours.
_ASKED_S_MAX = 60.0


def _log_nothing(details: RetryDetails) -> None:
    """Log nothing: the caller knows what is retried, and logs it."""


set_on_retry_hooks([_log_nothing])


def pause_s(
    failures: int,
    wait_s_max: float = _WAIT_S_MAX,
    asked_s: float | None = None,
    *,
    wait_s: float = _WAIT_S,
    asked_s_max: float = _ASKED_S_MAX,
) -> float:
    """Return how long to wait after so many failures in a row, in seconds.

    The pause is random between half of its bound and the bound, also at the longest one ("equal jitter"): callers that fail together must
    not return together. It is never shorter than what the service asked for, up to ``asked_s_max``.

    Args:
        failures: failures in a row, at least 1; the bound doubles with each.
        wait_s_max: the longest bound.
        asked_s: the time to retry of the refusal, if it had one.
        wait_s: the bound after the first failure.
        asked_s_max: the longest time to retry that is followed.
    """
    bound_s = min(wait_s * 2 ** min(failures - 1, _DOUBLINGS_MAX), wait_s_max)
    spread_s = random.uniform(bound_s / 2, bound_s)  # noqa: S311 - it spreads callers, and is no secret
    least_s = min(asked_s or 0.0, asked_s_max)
    return max(spread_s, least_s + (least_s * _SPREAD) * (spread_s / bound_s))


def retrying(
    *,
    attempts: int | None = None,
    wait_s: float = _WAIT_S,
    wait_s_max: float = _WAIT_S_MAX,
    asked_s_max: float = _ASKED_S_MAX,
    retries: Callable[[Exception], bool] | None = None,
) -> AsyncIterator[stamina.Attempt]:
    """Return the attempts of a call, for ``async for`` with a ``with`` block around each attempt.

    Args:
        attempts: how many before the last error is raised; None for no bound.
        wait_s: the bound of the first pause.
        wait_s_max: the longest pause, unless the error itself asks for a longer one.
        asked_s_max: the longest pause that an error may ask for.
        retries: which errors are retried; by default those that ``is_transient`` names.
    """
    wanted = retries or is_transient
    failures = 0

    def wait(failure: BaseException) -> bool | float:
        nonlocal failures
        # A cancellation passes here too, and must end the attempts.
        if not isinstance(failure, Exception) or not wanted(failure):
            return False
        failures += 1
        return pause_s(failures, wait_s_max, getattr(failure, "retry_after_s", None), wait_s=wait_s, asked_s_max=asked_s_max)

    return aiter(stamina.retry_context(on=wait, attempts=attempts, timeout=None))


def is_transient(failure: Exception) -> bool:
    """Return whether the same call may succeed later: it was refused by another service, and not for good."""
    return isinstance(failure, RemoteError) and not failure.is_final
