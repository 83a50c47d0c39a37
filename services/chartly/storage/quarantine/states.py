"""Where a quarantined record may go, and what makes acting on it twice the same act. Pure; it knows no store."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from chartly.storage.model import QuarantineStatus, Value


class State(StrEnum):
    """Open and retried records wait; released and discarded ones are settled for good."""

    OPEN = "open"
    RETRIED = "retried"
    RELEASED = "released"
    DISCARDED = "discarded"


WAITING = frozenset({State.OPEN, State.RETRIED})
STATES = frozenset(State)


class Wanted(Value, frozen=True, kw_only=True):
    """Which quarantined records are asked for; what is empty is not asked."""

    reason: str = ""
    source_id: str = ""
    run_id: str = ""
    dataset: str = ""
    states: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None


class Returning(Value, frozen=True, kw_only=True):
    """A quarantined record that is tried again."""

    quarantine_id: str
    offset: int
    """Of its bytes in the raw blob: what its row of the plan's answer is known by."""
    attempt: int
    """From 1."""
    edit_sha256: str = ""


def state_of(status: QuarantineStatus | None) -> State:
    """Tell the state of a record that may never have been touched."""
    return State.OPEN if status is None else State(status.state)


def attempts_of(status: QuarantineStatus | None) -> int:
    """Tell how often a record was tried again."""
    return 0 if status is None else status.attempts


def work_key(dataset: str, profile_hash: str, records: Iterable[Returning]) -> str:
    """Hash what is tried: the same records, the same try of each, the same profile and edits are the same work."""
    tried = sorted((each.quarantine_id, each.attempt, each.edit_sha256) for each in records)
    identity = {"dataset": dataset, "profile_hash": profile_hash, "quarantined": tried}
    return hashlib.sha256(json.dumps(identity, separators=(",", ":"), sort_keys=True).encode()).hexdigest()


def digest_of_ids(quarantine_ids: Iterable[str]) -> str:
    """Hash a set of records' ids: what the ledger holds of many."""
    return "sha256:" + hashlib.sha256("\n".join(sorted(quarantine_ids)).encode()).hexdigest()


def precedence(version: str) -> tuple[tuple[int, ...], int, tuple[tuple[int, int, str], ...]]:
    """Order semantic versions: https://semver.org/#spec-item-11."""
    core, _, prerelease = version.partition("+")[0].partition("-")
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in prerelease.split(".")) if prerelease else ()
    return tuple(int(part) for part in core.split(".")), 0 if prerelease else 1, parts
