"""Fire times of schedules: around changes of daylight saving time, jumps of the clock, and missed times."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartly.orchestrator.domain import schedule as firing
from chartly.orchestrator.domain.schedule import Decision
from chartly.profiles import Schedule

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "Africa/Cairo")
CRONS = ("* * * * *", "*/15 * * * *", "0 * * * *", "30 2 * * *", "0,30 1-3 * * *", "0 0 * * MON", "15 */6 1,15 * *", "59 23 L * *")
# No example is timed; there are as many as a second or two takes, since a cron is slow to read.
_SETTINGS = settings(deadline=None, max_examples=60)
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
MISSED_MAX = 5


def ms(*moment: int, zone: ZoneInfo = BERLIN, fold: int = 0) -> int:
    """Return the milliseconds of a wall clock's time."""
    return int(datetime(*moment, tzinfo=zone, fold=fold).timestamp()) * 1_000  # type: ignore[arg-type]


def walls(fires: list[int], zone: ZoneInfo = BERLIN) -> list[str]:
    """Return fire times as the wall clock of the zone shows them."""
    return [datetime.fromtimestamp(fire / 1_000, zone).strftime("%d %H:%M") for fire in fires]


# From before a change of the clocks to after it, in every zone above: 2018 has changes in São Paulo, 2024 in Cairo.
MOMENTS = st.one_of(
    st.integers(ms(2018, 2, 10), ms(2018, 11, 10)),
    st.integers(ms(2024, 3, 8), ms(2024, 4, 30)),
    st.integers(ms(2024, 10, 4), ms(2024, 11, 10)),
)
SCHEDULES = st.one_of(
    st.builds(
        Schedule,
        cron=st.sampled_from(CRONS),
        zone=st.sampled_from(ZONES),
        jitter_s=st.sampled_from([0, 30, 600]),
        missed=st.sampled_from(["skip", "once", "all"]),
    ),
    st.builds(
        Schedule,
        every_s=st.sampled_from([10, 900, 86_400]),
        jitter_s=st.sampled_from([0, 9]),
        missed=st.sampled_from(["skip", "once", "all"]),
    ),
)


def test_fixed_time_in_a_gap_fires_after_it() -> None:
    """A time that the clock skips fires once, right after the gap."""
    schedule = Schedule(cron="30 2 * * *", zone="Europe/Berlin")
    fires = list(islice(firing.after(schedule, 0, ms(2024, 3, 30)), 3))
    assert walls(fires) == ["30 02:30", "31 03:00", "01 02:30"]


def test_fixed_time_in_a_fold_fires_once() -> None:
    """A time that occurs twice fires at the first occurrence only, also if the schedule is evaluated in between."""
    schedule = Schedule(cron="30 2 * * *", zone="Europe/Berlin")
    fires = list(islice(firing.after(schedule, 0, ms(2024, 10, 26)), 3))
    assert walls(fires) == ["26 02:30", "27 02:30", "28 02:30"]
    assert fires[1] == ms(2024, 10, 27, 2, 30, fold=0)
    between = ms(2024, 10, 27, 2, 10, fold=1)
    assert walls(list(islice(firing.after(schedule, 0, between), 1))) == ["28 02:30"]


def test_wildcard_hours_follow_real_time() -> None:
    """A schedule of every quarter of an hour fires every 15 minutes through both changes."""
    schedule = Schedule(cron="*/15 * * * *", zone="Europe/Berlin")
    for start in (ms(2024, 3, 31), ms(2024, 10, 27)):
        fires = list(islice(firing.after(schedule, 0, start), 30))
        assert {after - before for before, after in pairwise(fires)} == {15 * MINUTE}


@_SETTINGS
@given(st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 59), st.dates(date(2015, 1, 1), date(2030, 1, 1)))
def test_daily_time_fires_once_a_day(zone: str, hour: int, minute: int, first: date) -> None:
    """A fixed time of day fires once on each calendar day of its zone."""
    day = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone))
    schedule = Schedule(cron=f"{minute} {hour} * * *", zone=zone)
    start = int((day - timedelta(seconds=1)).timestamp()) * 1_000
    fires = list(islice(firing.after(schedule, 0, start), 40))
    days = [datetime.fromtimestamp(fire / 1_000, ZoneInfo(zone)).date() for fire in fires]
    assert days == [days[0] + timedelta(days=n) for n in range(40)]


@_SETTINGS
@given(SCHEDULES, MOMENTS, st.lists(st.integers(0, 3 * HOUR), min_size=1, max_size=30))
def test_fires_do_not_depend_on_the_evaluation_time(schedule: Schedule, start: int, steps: list[int]) -> None:
    """Fire times after any moment are the rest of those after an earlier moment, so a restart changes none."""
    fires = list(islice(firing.after(schedule, start, start), 60))
    assert fires == sorted(set(fires))
    now = start
    for step in steps:
        now += step
        rest = [fire for fire in fires if fire > now]
        assert list(islice(firing.after(schedule, start, now), len(rest))) == rest


@_SETTINGS
@given(SCHEDULES, MOMENTS, st.integers(0, 40 * DAY), st.integers(1, 20))
def test_latest_are_the_end_of_all(schedule: Schedule, start: int, span: int, count: int) -> None:
    """The latest fire times before a moment equal the end of the whole list, and are found without reading it."""
    span %= 2 * DAY if schedule.every_s == 10 or schedule.cron.startswith("* ") else 40 * DAY
    everything = _until(schedule, start, start + span)
    assert firing.latest(schedule, start, start, start + span, count) == everything[-count:]


@_SETTINGS
@given(SCHEDULES, MOMENTS, st.lists(st.integers(1, 59_000), min_size=1, max_size=200))
def test_evaluation_each_minute_misses_no_fire(schedule: Schedule, start: int, steps: list[int]) -> None:
    """Evaluated once a minute, each fire time is returned once, in order, and never early."""
    fired, last, now = list[int](), start, start
    for step in steps:
        now += step
        decision = _decide(schedule, start, last, now)
        last = decision.last_ms
        assert all(firing.due_ms(schedule, "wf", fire) <= now for fire in decision.fires)
        assert not decision.next_ms or decision.next_ms > now
        fired += decision.fires
    if not schedule.jitter_s and schedule.every_s != 10:
        assert fired == _until(schedule, start, last)
    assert fired == sorted(set(fired))


@_SETTINGS
@given(SCHEDULES, MOMENTS, st.lists(st.integers(-3 * DAY, 3 * DAY), min_size=1, max_size=25))
def test_no_jump_of_the_clock_fires_twice(schedule: Schedule, start: int, jumps: list[int]) -> None:
    """With any jumps of the clock each time fires at most once, in order, and never early."""
    fired, last, now = list[int](), start, start
    for jump in jumps:
        now = max(start, now + jump)
        decision = _decide(schedule, start, last, now)
        assert decision.last_ms >= last
        last = decision.last_ms
        assert all(fire <= now for fire in decision.fires)
        assert len(decision.fires) <= MISSED_MAX
        fired += decision.fires
    assert fired == sorted(set(fired))


@pytest.mark.parametrize(("missed", "fires"), [("skip", 0), ("once", 1), ("all", MISSED_MAX)])
def test_missed_times(missed: str, fires: int) -> None:
    """After a day without evaluation, ``missed`` gives no run, one run, or one for each of the latest times."""
    schedule = Schedule(cron="0 * * * *", zone="UTC", missed=missed)
    start, now = ms(2024, 5, 1, zone=ZoneInfo("UTC")), ms(2024, 5, 2, 0, 30, zone=ZoneInfo("UTC"))
    decision = _decide(schedule, start, start, now)
    assert len(decision.fires) == fires
    assert decision.fires[-1:] in ((), (ms(2024, 5, 2, zone=ZoneInfo("UTC")),))
    assert decision.next_ms == ms(2024, 5, 2, 1, zone=ZoneInfo("UTC"))
    assert decision.last_ms == ms(2024, 5, 2, zone=ZoneInfo("UTC"))


def test_time_after_missed_ones_is_on_time() -> None:
    """With ``skip`` a time that is due now fires although earlier ones were missed."""
    schedule = Schedule(cron="0 * * * *", zone="UTC", missed="skip")
    now = ms(2024, 5, 2, 0, 0, zone=ZoneInfo("UTC")) + 30_000
    assert _decide(schedule, now - DAY, now - DAY, now).fires == (now - 30_000,)


def test_jitter_is_bounded_and_deterministic() -> None:
    """Jitter is within its span and always the same for a workflow."""
    schedule = Schedule(every_s=900, jitter_s=30)
    spread = {firing.due_ms(schedule, f"wf_{n}", 900_000) - 900_000 for n in range(50)}
    assert max(spread) <= 30_000
    assert len(spread) > 40
    assert firing.due_ms(schedule, "wf_1", 900_000) == firing.due_ms(schedule, "wf_1", 900_000)


@pytest.mark.parametrize(
    ("overlap", "run_open", "waiting", "expected"),
    [
        ("skip", False, 0, ((7,), False)),
        ("skip", True, 0, ((), False)),
        ("skip", False, 1, ((), False)),
        ("queue", True, 0, ((7,), False)),
        ("queue", True, 1, ((), False)),
        ("cancel_running", True, 1, ((7,), True)),
    ],
)
def test_overlap(overlap: str, run_open: bool, waiting: int, expected: object) -> None:  # noqa: FBT001 - a column of the table
    """A fire during an open run is dropped, waits as the only one, or replaces the run."""
    decision = Decision((7,), catch_up=False, last_ms=7, next_ms=8)
    assert firing.admitted(overlap, decision, run_open=run_open, waiting=waiting, waiting_max=3) == expected


def test_missed_times_wait_for_each_other() -> None:
    """Runs for missed times wait for each other under any overlap rule, up to the bound."""
    decision = Decision((1, 2, 3), catch_up=True, last_ms=3, next_ms=4)
    for overlap in ("skip", "queue", "cancel_running"):
        assert firing.admitted(overlap, decision, run_open=True, waiting=1, waiting_max=3) == ((1, 2), False)


def _decide(schedule: Schedule, anchor: int, last: int, now: int) -> Decision:
    return firing.decide(schedule, "wf", anchor, last, now, MISSED_MAX)


def _until(schedule: Schedule, start: int, end: int) -> list[int]:
    found: list[int] = []
    for fire in firing.after(schedule, start, start):
        if fire > end:
            break
        found.append(fire)
    return found


def test_moments_are_in_utc() -> None:
    """A schedule in UTC fires at UTC times."""
    [fire] = islice(firing.after(Schedule(cron="0 12 * * *", zone="UTC"), 0, ms(2024, 1, 1, zone=ZoneInfo("UTC"))), 1)
    assert datetime.fromtimestamp(fire / 1_000, UTC).hour == 12
