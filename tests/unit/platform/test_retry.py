"""The retry policy for calls between services."""

import asyncio
import time

import pytest

from chartly.platform.errors import RemoteError
from chartly.platform.retry import pause_s, retrying


def refusal(code: int, reason: str = "", retry_after_s: float | None = None) -> RemoteError:
    """Return the error of a call that was refused."""
    return RemoteError("storage", code, reason, "refused", retry_after_s=retry_after_s)


async def call(*outcomes: Exception | None, attempts: int | None = None) -> int:
    """Retry a call that fails with each of ``outcomes`` in turn; return the number of attempts."""
    left, made = list(outcomes), 0
    async for attempt in retrying(attempts=attempts, wait_s_max=0.01):
        with attempt:
            made += 1
            outcome = left.pop(0)
            if outcome is not None:
                raise outcome
    return made


async def test_transient_refusals_are_retried() -> None:
    """A call is repeated until it succeeds."""
    assert await call(refusal(14), refusal(4), refusal(8), None) == 4


@pytest.mark.parametrize("failure", [refusal(3), refusal(5), refusal(9), refusal(15), refusal(8, "PAYLOAD_TOO_LARGE"), ValueError("a bug")])
async def test_other_failures_are_raised_at_once(failure: Exception) -> None:
    """A final refusal, and an error of this process, are not retried."""
    with pytest.raises(type(failure)):
        await call(failure, None)


async def test_last_failure_is_raised_after_the_attempts() -> None:
    """The number of attempts is bounded."""
    with pytest.raises(RemoteError):
        await call(refusal(14), refusal(14), None, attempts=2)


async def test_pause_is_at_least_what_the_service_asks_for() -> None:
    """A refusal with a time to retry is not repeated before that time."""
    began = time.monotonic()
    assert await call(refusal(8, "QUEUE_FULL", retry_after_s=0.2), None) == 2
    assert time.monotonic() - began >= 0.2


def test_pause_doubles_up_to_its_bound_and_is_always_spread() -> None:
    """Each pause lies between half of its bound and the bound; pauses at the longest bound differ from each other."""
    for failures, bound_s in ((1, 0.5), (2, 1.0), (3, 2.0), (4, 2.0), (1_000_000, 2.0)):
        found = [pause_s(failures, 2.0, wait_s=0.5) for _ in range(50)]
        assert all(bound_s / 2 <= each <= bound_s for each in found)
        assert len(set(found)) > 40


def test_time_that_was_asked_for_is_kept_and_spread() -> None:
    """A refusal's own time to retry is never undercut, and callers with the same time differ by up to a tenth of it."""
    found = [pause_s(1, 2.0, 30.0) for _ in range(50)]
    assert all(30 <= each <= 33 for each in found)
    assert len(set(found)) > 40


async def test_pause_that_a_service_asks_for_is_bounded() -> None:
    """A refusal that asks for a day is repeated after the longest pause that is followed."""
    left, made = [refusal(8, "QUEUE_FULL", retry_after_s=86_400.0)], 0
    async with asyncio.timeout(10):
        async for attempt in retrying(asked_s_max=0.05):
            with attempt:
                made += 1
                if left:
                    raise left.pop()
    assert made == 2


def test_longest_pause_that_is_followed_is_a_minute() -> None:
    """Without another bound, the pause that a refusal asks for is followed up to a minute, and a tenth more to spread callers."""
    assert 60 <= pause_s(1, 2.0, 86_400.0) <= 66


async def test_cancellation_during_an_attempt_ends_the_attempts() -> None:
    """A cancelled task ends, also when every error is retried."""
    attempts = 0

    async def work() -> None:
        nonlocal attempts
        async for attempt in retrying(wait_s_max=0.01, retries=lambda _: True):
            with attempt:
                attempts += 1
                await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=1)
    assert task.cancelled()
    assert attempts == 1


@pytest.mark.parametrize(
    ("code", "reason", "final", "away", "invalid"),
    [
        (1, "", False, True, False),
        (3, "", True, False, True),
        (4, "", False, True, False),
        (5, "", True, False, False),
        (6, "", True, False, False),
        (7, "", True, False, False),
        (8, "QUEUE_FULL", False, False, False),
        (8, "PAYLOAD_TOO_LARGE", True, False, False),
        (8, "QUERY_LIMIT", True, False, False),
        (9, "", True, False, False),
        (10, "", False, False, False),
        (11, "", True, False, False),
        (12, "", True, False, False),
        (13, "", False, False, False),
        (14, "", False, True, False),
        (15, "", True, False, False),
    ],
)
def test_properties_of_a_refusal(code: int, reason: str, final: bool, away: bool, invalid: bool) -> None:  # noqa: FBT001 - a table
    """Each code is final, away, invalid, or none of them."""
    found = refusal(code, reason)
    assert (found.is_final, found.is_away, found.is_invalid) == (final, away, invalid)
