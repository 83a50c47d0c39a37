"""States of quarantined records, and the identity of actions on them: a repeated action has the same work key. Pure."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from chartly.storage.model import QuarantineStatus, Value


class State(StrEnum):
    """Open and retried records may be acted on; released and discarded ones are settled."""

    OPEN = "open"
    RETRIED = "retried"
    RELEASED = "released"
    DISCARDED = "discarded"


WAITING = frozenset({State.OPEN, State.RETRIED})
STATES = frozenset(State)


class RecordFilter(Value, frozen=True, kw_only=True):
    """A filter of quarantined records. An empty field matches all."""

    reason: str = ""
    source_id: str = ""
    run_id: str = ""
    dataset: str = ""
    states: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None


class Returning(Value, frozen=True, kw_only=True):
    """A quarantined record that is tried once more."""

    quarantine_id: str
    offset: int
    """Offset of its bytes in the raw blob. It identifies the record in the files that the plan writes."""
    attempt: int
    """Number of this attempt, from 1."""
    edit_sha256: str = ""


def state_of(status: QuarantineStatus | None) -> State:
    """Return the state of a record. A record without a status is open."""
    return State.OPEN if status is None else State(status.state)


def attempts_of(status: QuarantineStatus | None) -> int:
    """Return how often a record was retried."""
    return 0 if status is None else status.attempts


def work_key(dataset: str, profile_hash: str, records: Iterable[Returning]) -> str:
    """Return the work key of a retry: a hash over dataset, profile, records, number of each attempt, and edits."""
    tried = sorted((each.quarantine_id, each.attempt, each.edit_sha256) for each in records)
    identity = {"dataset": dataset, "profile_hash": profile_hash, "quarantined": tried}
    return hashlib.sha256(json.dumps(identity, separators=(",", ":"), sort_keys=True).encode()).hexdigest()


def digest_of_ids(quarantine_ids: Iterable[str]) -> str:
    """Hash a set of quarantine ids. The ledger has this digest instead of many ids."""
    return "sha256:" + hashlib.sha256("\n".join(sorted(quarantine_ids)).encode()).hexdigest()


def precedence(version: str) -> tuple[tuple[int, ...], int, tuple[tuple[int, int, str], ...]]:
    """Return a sort key for semantic versions: https://semver.org/#spec-item-11."""
    core, _, prerelease = version.partition("+")[0].partition("-")
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in prerelease.split(".")) if prerelease else ()
    return tuple(int(part) for part in core.split(".")), 0 if prerelease else 1, parts
