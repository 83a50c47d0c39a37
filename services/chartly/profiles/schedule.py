"""When a workflow runs by itself, as its document says it: read, checked, and in one form. It fires nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from .violation import Path, Places, Violation

PLACE: Path = ("spec", "schedule")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
# Shorter is a stream and belongs to an event; each fire costs a run with its ledger entries.
EVERY_S_MIN = 10
# Spreads a herd over an hour; a later fire is no longer the time that its schedule names.
JITTER_S_MAX = 3_600
_EVENTS = {"datasetUpdated": "dataset_updated", "blobLanded": "blob_landed", "webhook": "webhook"}
_OVERLAPS = {"skip": "skip", "queue": "queue", "cancelRunning": "cancel_running"}
# Any moment will do to try an expression on; a fixed one keeps the answer the same.
_TRIED_AT = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Schedule:
    """One of ``cron``, ``every_s`` and ``event`` is given."""

    cron: str = ""
    """Five fields, as Debian's cron reads them."""
    zone: str = ""
    """Of a cron: the IANA zone in which it is read."""
    every_s: int = 0
    jitter_s: int = 0
    event: str = ""
    """``dataset_updated``, ``blob_landed`` or ``webhook``."""
    subject: str = ""
    """Of an event: the dataset, source or hook."""
    missed: str = ""
    """``skip``, ``once`` or ``all``; empty for an event."""
    overlap: str = "skip"
    """``skip``, ``queue`` or ``cancel_running``."""

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> Self:
        """Read what the contract admits, and ``violations`` found nothing wrong with."""
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
        """What it says, as one JSON form: equal for every way of writing it."""
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
    """Read a time span such as 15m; 0 for an empty text."""
    return int(written[:-1]) * _SECONDS[written[-1]] if written else 0


def violations(written: Mapping[str, Any], places: Places) -> Iterator[Violation]:
    """Tell what the contract can't: whether a cron ever fires, a zone exists, spans fit together."""
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
        yield places.violation((*PLACE, "cron"), "cron-unreadable", f"can't be read as a cron expression: {refused}")
    except StopIteration:
        yield places.violation((*PLACE, "cron"), "cron-never", "names a time that doesn't come within fifty years")


def _zone_violations(zone: str, places: Places) -> Iterator[Violation]:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield places.violation((*PLACE, "zone"), "zone-unknown", "is not a zone of the IANA database")
