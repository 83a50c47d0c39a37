"""When a schedule fires: from the schedule, the last fire time that was decided on, and the time. Pure; it starts nothing.

A fire has a time, which the schedule names, and is due at that time plus its jitter. Times are decided on in order and each once: what is
given as ``last_ms`` never goes back, so a clock that does makes a schedule wait and not fire again.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim

from chartly.profiles import Schedule

# A fire that is decided on later than this after it was due was missed: the platform was away, and not just busy.
LATE_MS = 60_000
_MINUTE_MS, _HOUR_MS = 60_000, 3_600_000


@dataclass(frozen=True, slots=True)
class Decision:
    """The fire times that are due, and the position of the schedule after them."""

    fires: tuple[int, ...]
    """Fire times, oldest first."""
    catch_up: bool
    """Whether they stand for times that were missed one by one (``missed: all``): they wait for each other, whatever ``overlap`` says."""
    last_ms: int
    next_ms: int
    """When to decide again; 0 when nothing will ever fire."""


def decide(schedule: Schedule, seed: str, anchor_ms: int, last_ms: int, now_ms: int, missed_max: int) -> Decision:
    """Decide on all fires that are due.

    Args:
        schedule: one of times, not of events.
        seed: the workflow's id, from which its jitter is made.
        anchor_ms: where an interval's grid begins.
        last_ms: the last fire time that was decided on, or when the schedule was made or resumed.
        now_ms: the time.
        missed_max: the most missed times that each get their run; older ones get none.
    """
    # Fire times whose jitter isn't over are at the end of the list; room for them keeps the due ones in it.
    undue_max = schedule.jitter_s * 1_000 // _MINUTE_MS + 1
    found = latest(schedule, anchor_ms, last_ms, now_ms, missed_max + undue_max)
    due: list[int] = []
    for fire_ms in found:
        if due_ms(schedule, seed, fire_ms) > now_ms:
            break
        due.append(fire_ms)
    last_ms = due[-1] if due else last_ms
    following = next(after(schedule, anchor_ms, last_ms), None)
    next_ms = due_ms(schedule, seed, following) if following is not None else 0
    on_time = bool(due) and now_ms - due_ms(schedule, seed, due[-1]) <= LATE_MS
    count = missed_max if schedule.missed == "all" else int(on_time or schedule.missed == "once")
    fires = tuple(due[-count:]) if count else ()
    catch_up = schedule.missed == "all" and (len(fires) > 1 or not on_time)
    return Decision(fires, catch_up, last_ms, next_ms)


def admitted(overlap: str, decision: Decision, *, run_open: bool, waiting: int, waiting_max: int) -> tuple[tuple[int, ...], bool]:
    """Return the fire times that get a run, and whether that run replaces the waiting runs."""
    if decision.catch_up:
        return decision.fires[: max(waiting_max - waiting, 0)], False
    if overlap == "cancel_running":
        return decision.fires, bool(decision.fires)
    if overlap == "queue":
        return (() if waiting else decision.fires), False
    return (() if waiting or run_open else decision.fires), False


def due_ms(schedule: Schedule, seed: str, fire_ms: int) -> int:
    """Return when a fire time is due: its time plus its jitter, which depends only on workflow and time."""
    if not schedule.jitter_s:
        return fire_ms
    digest = hashlib.sha256(f"{seed}/{fire_ms}".encode()).digest()
    return fire_ms + int.from_bytes(digest[:6]) % (schedule.jitter_s * 1_000 + 1)


def after(schedule: Schedule, anchor_ms: int, last_ms: int) -> Iterator[int]:
    """Yield the fire times after a time, in order; there may be infinitely many."""
    if schedule.every_s:
        every_ms = schedule.every_s * 1_000
        fire_ms = anchor_ms + every_ms * max((last_ms - anchor_ms) // every_ms + 1, 1)
        while True:
            yield fire_ms
            fire_ms += every_ms
    else:
        yield from _cron(schedule, last_ms)


def latest(schedule: Schedule, anchor_ms: int, last_ms: int, now_ms: int, count: int) -> list[int]:
    """Return the latest ``count`` fire times in (``last_ms``, ``now_ms``], oldest first."""
    if schedule.every_s:
        every_ms = schedule.every_s * 1_000
        last_ms = max(last_ms, now_ms - every_ms * count - every_ms)
        return _until(after(schedule, anchor_ms, last_ms), now_ms)[-count:]
    # Doubles the time to look back until there are enough, so that only a few times ``count`` are enumerated.
    back_ms = _HOUR_MS
    while True:
        from_ms = max(last_ms, now_ms - back_ms)
        found = _until(_cron(schedule, from_ms), now_ms)
        if len(found) >= count or from_ms == last_ms or now_ms <= last_ms:
            return found[-count:]
        back_ms *= 2


def upcoming(schedule: Schedule, anchor_ms: int, last_ms: int, now_ms: int, count: int) -> list[int]:
    """Return the next ``count`` fire times."""
    return list(islice(after(schedule, anchor_ms, max(last_ms, now_ms)), count))


def _until(fires: Iterator[int], end_ms: int) -> list[int]:
    found: list[int] = []
    for fire_ms in fires:
        if fire_ms > end_ms:
            break
        found.append(fire_ms)
    return found


def _cron(schedule: Schedule, last_ms: int) -> Iterator[int]:
    """Yield a cron's fire times after ``last_ms``. When clocks are set back, the library may repeat a time; repeats are skipped."""
    zone = ZoneInfo(schedule.zone)
    # Whole seconds, as cron's are; rounded down, so that nothing after ``last_ms`` is left out.
    start = datetime.fromtimestamp(last_ms // 1_000, UTC).astimezone(zone)
    before_ms = last_ms
    for moment in CronSim(schedule.cron, start):
        fire_ms = int(moment.timestamp()) * 1_000
        if fire_ms > before_ms:
            yield fire_ms
            before_ms = fire_ms
