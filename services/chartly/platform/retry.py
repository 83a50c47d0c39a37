"""The one retry policy between our own services: exponential backoff with jitter (stamina), and never before the time that was asked for.

The caller must make sure that the call is safe to repeat. Requests to an upstream are retried by the policy of their source instead.
"""

import random
from collections.abc import AsyncIterator, Callable

import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from .errors import RemoteError

# A service that restarts is back within a second, so the first pauses are short; one that is down is asked twelve times a minute.
_WAIT_S, _WAIT_S_MAX = 0.05, 5.0
# Callers that fail together must not come back together.
_JITTER_S = 0.1


def _log_nothing(details: RetryDetails) -> None:
    """Log nothing: the caller knows what is retried, and logs it."""


set_on_retry_hooks([_log_nothing])


def retrying(
    *, attempts: int | None = None, wait_s_max: float = _WAIT_S_MAX, retries: Callable[[Exception], bool] | None = None
) -> AsyncIterator[stamina.Attempt]:
    """Return the attempts of a call, for ``async for`` with a ``with`` block around each attempt.

    Args:
        attempts: how many before the last error is raised; None for no bound.
        wait_s_max: the longest pause, unless the error itself asks for more.
        retries: which errors are retried; by default those that ``is_transient`` names.
    """
    wanted = retries or is_transient

    def wait(failure: BaseException) -> bool | float:
        # A cancellation passes here too, and must end the attempts.
        if not isinstance(failure, Exception) or not wanted(failure):
            return False
        asked_s: float | None = getattr(failure, "retry_after_s", None)
        return asked_s + random.uniform(0, _JITTER_S) if asked_s else True  # noqa: S311 - spreads callers, and is no secret

    return aiter(
        stamina.retry_context(on=wait, attempts=attempts, timeout=None, wait_initial=_WAIT_S, wait_max=wait_s_max, wait_jitter=_JITTER_S)
    )


def is_transient(failure: Exception) -> bool:
    """Return whether the same call may succeed later: it was refused by another service, and not for good."""
    return isinstance(failure, RemoteError) and not failure.is_final
