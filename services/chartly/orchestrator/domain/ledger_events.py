"""What the ledger is told of a run. Details hold references, digests and counts; keys make a repeated event the same one.

It never holds a payload or a value of a record.
"""

from typing import Any

import msgspec

from .run import Event, Run, Step
from .states import RunState
from .step_graph import SYNC


def profiles_resolved(run: Run, now_ms: int) -> tuple[Event, ...]:
    """Tell what each connector of the run was frozen to."""
    return tuple(
        Event(
            f"{run.run_id}/connector.profile.resolved/{step.name}",
            "connector.profile.resolved",
            f"profile/{step.profile_ref}",
            {"profile_hash": step.profile_hash, "step": step.name},
            now_ms,
        )
        for step in run.steps
        if step.type == SYNC and not step.skipped
    )


def run_started(run: Run, now_ms: int) -> Event:
    """Tell that a run began, and every profile that it is bound to."""
    details: dict[str, Any] = {
        "workflow_id": run.workflow_id,
        "workflow": run.workflow_name,
        "profiles": [f"{step.name} {step.profile_ref} {step.profile_hash}" for step in run.steps],
    }
    if run.retry_of:
        details["retry_of"] = run.retry_of
    return _of_run(run, "workflow.run.started", details, now_ms)


def dead_letter_discarded(run_id: str, dead_letter_id: str, reason: str, note: str, now_ms: int) -> Event:
    """Tell that a person gave work up, and why."""
    kind = "workflow.dead_letter.discarded"
    return Event(
        f"{dead_letter_id}/{kind}", kind, f"run/{run_id}", {"dead_letter_id": dead_letter_id, "reason": reason, "note": note}, now_ms
    )


def run_ended(run: Run, now_ms: int) -> Event:
    """Tell how a run ended, with what became of its records."""
    details: dict[str, Any] = {"workflow_id": run.workflow_id, "counts": msgspec.to_builtins(run.counts)}
    if run.dataset:
        details["dataset"] = run.dataset
    if run.state is RunState.FAILED:
        details["reason"] = run.reason
    if run.dead:
        details["dead_letters"] = run.dead
    return _of_run(run, f"workflow.run.{run.state.value}", details, now_ms)


def sync_started(run: Run, step: Step, now_ms: int) -> Event:
    """Tell that a source is being read."""
    return _of_sync(run, step, "connector.run.started", {"profile_hash": step.profile_hash, "step": step.name}, now_ms)


def sync_ended(run: Run, step: Step, now_ms: int) -> Event:
    """Tell how reading a source ended."""
    details: dict[str, Any] = {"step": step.name, "syncs": step.work_done, "requests": step.requests, "retries": step.retries}
    if step.state is RunState.FAILED:
        details["reason"] = step.reason
    return _of_sync(run, step, f"connector.run.{step.state.value}", details, now_ms)


def _of_run(run: Run, kind: str, details: dict[str, Any], now_ms: int) -> Event:
    return Event(f"{run.run_id}/{kind}", kind, f"run/{run.run_id}", details, now_ms)


def _of_sync(run: Run, step: Step, kind: str, details: dict[str, Any], now_ms: int) -> Event:
    return Event(f"{run.run_id}/{kind}/{step.name}", kind, f"source/{step.source_id}", details, now_ms)
