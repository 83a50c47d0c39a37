"""Ledger events of a run. Details hold references, digests and counts, never a record's value. The key identifies a repeated event."""

from typing import TYPE_CHECKING, Any

import msgspec

from .states import RunState
from .verification import VerificationSums

if TYPE_CHECKING:
    from .run import Run


class RunEvent(msgspec.Struct, frozen=True):
    """An entry for the ledger. Sending it a second time with the same key stores nothing."""

    key: str
    type: str
    subject: str
    details: dict[str, Any]
    occurred_at_ms: int


def run_started(run: "Run", now_ms: int) -> RunEvent:
    """Return the event of a run's start, with every profile that the run is bound to."""
    details: dict[str, Any] = {
        "workflow_id": run.workflow_id,
        "workflow": run.workflow_name,
        "profiles": [f"{step.name} {step.profile_ref} {step.profile_hash}" for step in run.steps],
    }
    if run.retry_of:
        details["retry_of"] = run.retry_of
    return _of_run(run, "workflow.run.started", details, now_ms)


def run_ended(run: "Run", now_ms: int) -> RunEvent:
    """Return the event of a run's end, with the counts of its records."""
    details: dict[str, Any] = {"workflow_id": run.workflow_id, "counts": msgspec.to_builtins(run.counts)}
    if run.dataset:
        details["dataset"] = run.dataset
    if run.state is RunState.FAILED:
        details["reason"] = run.reason
    if run.dead:
        details["dead_letters"] = run.dead
    return _of_run(run, f"workflow.run.{run.state.value}", details, now_ms)


def dead_letter_discarded(run_id: str, dead_letter_id: str, reason: str, note: str, now_ms: int) -> RunEvent:
    """Return the event of a dead letter that a person discarded, with the person's note."""
    kind = "workflow.dead_letter.discarded"
    return RunEvent(
        f"{dead_letter_id}/{kind}", kind, f"run/{run_id}", {"dead_letter_id": dead_letter_id, "reason": reason, "note": note}, now_ms
    )


def run_verified(run: "Run", sums: VerificationSums, verification_id: str, now_ms: int) -> RunEvent:
    """Return the event of one verification of a run, with its verdict; each verification is an event of its own."""
    kind = "workflow.run.verified"
    details = {"verdict": sums.verdict, "equal": sums.equal, "unequal": sums.unequal, "uncovered": sums.uncovered}
    return RunEvent(f"{kind}/{run.run_id}/{verification_id}", kind, f"run/{run.run_id}", details, now_ms)


def _of_run(run: "Run", kind: str, details: dict[str, Any], now_ms: int) -> RunEvent:
    return RunEvent(f"{run.run_id}/{kind}", kind, f"run/{run.run_id}", details, now_ms)
