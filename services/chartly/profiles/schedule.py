"""The schedule in a workflow's document: read, validated, and brought to one form. It starts nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from .violation import Path, Places, Violation

PLACE: Path = ("spec", "schedule")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
# A shorter interval should be an event: each fire time costs a run with its ledger entries.
EVERY_S_MIN = 10
# An hour spreads many schedules well enough. With more, the run would start far from the scheduled time.
JITTER_S_MAX = 3_600
_EVENTS = {"datasetUpdated": "dataset_updated", "blobLanded": "blob_landed", "webhook": "webhook"}
_OVERLAPS = {"skip": "skip", "queue": "queue", "cancelRunning": "cancel_running"}
# An expression is tried from a fixed moment, so that the answer is always the same.
_TRIED_AT = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule by ``cron``, ``every_s`` or ``event``; exactly one of them is set."""

    cron: str = ""
    """Five fields, with the meaning of Debian's cron."""
    zone: str = ""
    """The IANA time zone of the cron expression."""
    every_s: int = 0
    jitter_s: int = 0
    event: str = ""
    """``dataset_updated``, ``blob_landed`` or ``webhook``."""
    subject: str = ""
    """The dataset, source or hook of the event."""
    missed: str = ""
    """``skip``, ``once`` or ``all``; empty for an event."""
    overlap: str = "skip"
    """``skip``, ``queue`` or ``cancel_running``."""

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> Self:
        """Return the schedule of a document that meets its contract and has no ``violations``."""
        event, subject = next(iter(written.get("on", {}).items()), ("", ""))
        default = "queue" if event else "skip"
        return cls(
            cron=written.get("cron", ""),
            zone=written.get("zone", "UTC") if "cron" in written else "",
            every_s=seconds(written.get("every", "")),
            jitter_s=seconds(written.get("jitter", "")),
            event=_EVENTS.get(event, ""),
            subject=subject,
            missed="" if event else written.get("missed", "once"),
            overlap=_OVERLAPS[written.get("overlap", default)],
        )

    @property
    def contract(self) -> dict[str, Any]:
        """The schedule in one JSON form, equal for all ways of writing it."""
        return {
            "cron": self.cron,
            "zone": self.zone,
            "every_s": self.every_s,
            "jitter_s": self.jitter_s,
            "event": self.event,
            "subject": self.subject,
            "missed": self.missed,
            "overlap": self.overlap,
        }


def seconds(written: str) -> int:
    """Return the seconds of a time span such as 15m; 0 for an empty text."""
    return int(written[:-1]) * _SECONDS[written[-1]] if written else 0


def violations(written: Mapping[str, Any], places: Places) -> Iterator[Violation]:
    """Return the violations that the contract can't express: a cron that never fires, an unknown zone, time spans that contradict."""
    if "cron" in written:
        yield from _cron_violations(written["cron"], places)
        yield from _zone_violations(written.get("zone", "UTC"), places)
    every_s, jitter_s = seconds(written.get("every", "")), seconds(written.get("jitter", ""))
    if "every" in written and every_s < EVERY_S_MIN:
        yield places.violation((*PLACE, "every"), "interval-too-short", f"must be at least {EVERY_S_MIN}s")
    if jitter_s > JITTER_S_MAX:
        yield places.violation((*PLACE, "jitter"), "jitter-too-long", f"must be at most {JITTER_S_MAX}s")
    elif "every" in written and jitter_s >= every_s:
        yield places.violation((*PLACE, "jitter"), "jitter-too-long", "must be less than every")


def _cron_violations(cron: str, places: Places) -> Iterator[Violation]:
    try:
        next(CronSim(cron, _TRIED_AT))
    except CronSimError as refused:
        yield places.violation((*PLACE, "cron"), "cron-unreadable", f"must be a cron expression: {refused}")
    except StopIteration:
        yield places.violation((*PLACE, "cron"), "cron-never", "must name a time that occurs within fifty years")


def _zone_violations(zone: str, places: Places) -> Iterator[Violation]:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield places.violation((*PLACE, "zone"), "zone-unknown", "must be a zone of the IANA database, such as Europe/Berlin")
