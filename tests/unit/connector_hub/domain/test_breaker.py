"""The circuit breaker of a source."""

from datetime import UTC, datetime, timedelta

from chartly.connector_hub.domain.breaker import Breaker

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=30)


def failed(times: int) -> Breaker:
    """A breaker after some failed requests in a row."""
    breaker = Breaker()
    for _ in range(times):
        breaker = breaker.failed(breaker, NOON, failures_max=3, open_ms=30_000)
    return breaker


def test_opens_at_its_bound_and_not_before() -> None:
    """Two failures leave it closed, the third opens it."""
    assert [failed(times).state(NOON) for times in (2, 3)] == ["closed", "open"]


def test_is_half_open_after_its_time() -> None:
    """An open circuit is half-open after its time, with no time to wait."""
    assert (failed(3).wait_s(NOON), failed(3).state(LATER), failed(3).wait_s(LATER)) == (30.0, "half-open", 0.0)


def test_trial_lets_no_other_request_through() -> None:
    """During a trial other requests wait until the trial counts as lost."""
    trial = failed(3).begin_trial(LATER, trial_s=10)
    assert [trial.wait_s(LATER + timedelta(seconds=passed)) for passed in (0, 4, 10)] == [10.0, 6.0, 0.0]


def test_cancelled_trial_makes_way_at_once() -> None:
    """After a trial that is cancelled before it is sent, the next request may try at once."""
    trial = failed(3).begin_trial(LATER, trial_s=10)
    cancelled = trial.cancel_trial(trial)
    assert (cancelled.wait_s(LATER), cancelled.state(LATER)) == (0.0, "half-open")


def test_failed_trial_opens_it_and_an_answered_one_closes_it() -> None:
    """A failed trial opens the circuit and an answered one closes it; after either no trial is under way."""
    trial = failed(3).begin_trial(LATER, trial_s=10)
    again = trial.failed(trial, LATER, failures_max=3, open_ms=30_000)
    assert (again.state(LATER), again.trial_until) == ("open", None)
    assert trial.answered(trial) == Breaker()


def test_answer_to_a_request_sent_before_it_opened_leaves_it_open() -> None:
    """An answer to a request that was sent before the circuit opened does not close it."""
    opened = failed(3)
    trial = opened.begin_trial(LATER, trial_s=10)
    assert [breaker.answered(failed(1)) for breaker in (opened, trial)] == [opened, trial]


def test_failure_of_a_request_sent_before_it_opened_ends_no_trial() -> None:
    """A failure of a request that was sent before the circuit opened neither prolongs the open time nor ends a trial."""
    opened = failed(3)
    trial = opened.begin_trial(LATER, trial_s=10)
    assert [breaker.failed(failed(1), LATER, 3, 30_000) for breaker in (opened, trial)] == [opened, trial]


def test_outcome_of_a_lost_trial_leaves_the_next_trial_alone() -> None:
    """A trial that counts as lost, and ends after all, neither closes nor opens the circuit, nor cancels the next trial."""
    lost = failed(3).begin_trial(LATER, trial_s=10)
    following = lost.begin_trial(LATER + timedelta(seconds=10), trial_s=10)
    assert following.answered(lost) == following
    assert following.failed(lost, LATER, 3, 30_000) == following
    assert following.cancel_trial(lost) == following
