"""Encode workflows and their schedules."""

from chartly.orchestrator.domain import schedule as firing
from chartly.orchestrator.store.workflows import StoredWorkflow
from chartly.platform.timestamps import timestamp, timestamp_or_none
from chartly.v1 import orchestrator_pb2 as pb

from .catalog import ScheduleState

_FIRES_SHOWN = 5


def workflow(stored: StoredWorkflow, state: ScheduleState | None, now_ms: int) -> pb.Workflow:
    """Encode a workflow and the progress of its schedule."""
    steps = [
        pb.WorkflowStep(name=step.name, type=step.type, profile_ref=step.profile_ref, depends_on=step.depends_on, enabled=step.enabled)
        for step in stored.steps
    ]
    return pb.Workflow(
        workflow_id=stored.workflow_id,
        name=stored.name,
        version=stored.version,
        steps=steps,
        created_at=timestamp_or_none(stored.created_at_ms),
        schedule=_schedule(state, now_ms) if state else None,
    )


def _schedule(state: ScheduleState, now_ms: int) -> pb.WorkflowSchedule:
    stored, schedule = state.stored, state.stored.schedule
    resting = stored.paused or schedule.event
    fires = [] if resting else firing.upcoming(schedule, stored.anchor_ms, stored.last_ms, now_ms, _FIRES_SHOWN)
    return pb.WorkflowSchedule(
        cron=schedule.cron,
        zone=schedule.zone,
        every_s=schedule.every_s,
        jitter_s=schedule.jitter_s,
        event_kind=_event(schedule.event),
        subject=schedule.subject,
        missed=schedule.missed,
        overlap=schedule.overlap,
        paused=stored.paused,
        next_fires=[timestamp(fire_ms) for fire_ms in fires],
        after=timestamp_or_none(stored.last_ms),
        runs_waiting=state.runs_waiting,
    )


def _event(event: str) -> str:
    return f"EVENT_KIND_{event.upper() or 'UNSPECIFIED'}"
