"""From workflows and runs to the wire's messages."""

from datetime import UTC, datetime

from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp

from chartly.v1 import common_pb2, reprocess_pb2
from chartly.v1 import orchestrator_pb2 as pb

from .domain import schedule as firing
from .domain.run import Counts, Reprocess, Run, Step, Trigger
from .domain.states import RunState
from .store.dead_letters import Left
from .store.schedules import Noted
from .store.workflows import StoredWorkflow
from .workflows.catalog import ScheduleState

_FIRES_SHOWN = 5
STATES = {state: pb.RunState.Name(pb.RunState.Value(f"RUN_STATE_{state.name}")) for state in RunState}


def workflow(stored: StoredWorkflow, state: ScheduleState | None, now_ms: int) -> pb.Workflow:
    """Write a definition, and how far its schedule is."""
    steps = [
        pb.WorkflowStep(name=step.name, type=step.type, profile_ref=step.profile_ref, depends_on=step.depends_on, enabled=step.enabled)
        for step in stored.steps
    ]
    return pb.Workflow(
        workflow_id=stored.workflow_id,
        name=stored.name,
        version=stored.version,
        steps=steps,
        created_at=_timestamp(stored.created_at_ms),
        schedule=_schedule(state, now_ms) if state else None,
    )


def run(stored: Run) -> pb.Run:
    """Write a run; times that haven't come stay unset."""
    return pb.Run(
        run_id=stored.run_id,
        workflow_id=stored.workflow_id,
        workflow_name=stored.workflow_name,
        state=STATES[stored.state],
        steps=[_step(step) for step in stored.steps],
        counts=_counts(stored.counts),
        quarantine_reasons=[
            common_pb2.ReasonCount(reason=reason, records=records)
            for reason, records in sorted(stored.reasons.items(), key=lambda each: (-each[1], each[0]))
        ],
        reason=stored.reason,
        message=stored.message,
        created_at=_timestamp(stored.created_at_ms),
        started_at=_timestamp(stored.started_at_ms),
        ended_at=_timestamp(stored.ended_at_ms),
        dataset=stored.dataset,
        revision=stored.revision,
        trigger=_trigger(stored.trigger),
        reprocess=_reprocess(stored.reprocess),
        retry_of=stored.retry_of,
        dead_letters=[
            pb.DeadLetterCount(reason=reason, dead_letters=count)
            for reason, count in sorted(stored.dead.items(), key=lambda each: (-each[1], each[0]))
        ],
    )


def _reprocess(stored: Reprocess | None) -> reprocess_pb2.Reprocess | None:
    if stored is None:
        return None
    made = reprocess_pb2.Reprocess(reprocess_id=stored.reprocess_id, dataset=stored.dataset, state="planned")
    json_format.ParseDict({"scope": stored.scope}, made)
    return json_format.ParseDict(stored.found, made, ignore_unknown_fields=True)


def notified(noted: Noted) -> pb.NotifiedWorkflow:
    """Write a workflow that an event concerns."""
    return pb.NotifiedWorkflow(workflow_id=noted.workflow_id, workflow_name=noted.workflow_name, run_id=noted.run_id)


def dead_letter(left: Left) -> pb.DeadLetter:
    """Write a dead letter."""
    wanted = left.work.wanted
    raw = json_format.ParseDict(wanted.payload.get("raw", {}), common_pb2.RawRef(), ignore_unknown_fields=True)
    return pb.DeadLetter(
        dead_letter_id=left.dead_letter_id,
        run_id=left.run_id,
        step=wanted.step,
        kind=wanted.kind,
        source_id=wanted.source_id,
        reason=left.work.reason,
        message=left.work.message,
        state=f"DEAD_LETTER_STATE_{left.state.name}",
        failed_at=_timestamp(left.at_ms),
        raw=raw if "raw" in wanted.payload else None,
        resolved_by=left.resolved_by,
        resolved_at=_timestamp(left.resolved_at_ms),
        note=left.note,
        retried_as=left.retried_as,
    )


def _step(step: Step) -> pb.RunStep:
    # Whoever waits for a skipped step goes on as if it had succeeded, and so it is shown.
    state = RunState.SUCCEEDED if step.skipped else step.state
    return pb.RunStep(
        name=step.name,
        type=step.type,
        state=STATES[state],
        profile=common_pb2.FrozenProfile(ref=step.profile_ref, hash=step.profile_hash),
        work_done=step.work_done,
        work_total=step.work_total,
        counts=_counts(step.counts),
        reason=step.reason,
        message=step.message,
        skipped=step.skipped,
        dead_letters=step.dead,
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
        next_fires=[_instant(fire_ms) for fire_ms in fires],
        after=_timestamp(stored.last_ms),
        runs_waiting=state.runs_waiting,
    )


def _event(event: str) -> str:
    return f"EVENT_KIND_{event.upper() or 'UNSPECIFIED'}"


def _trigger(trigger: Trigger | None) -> pb.RunTrigger:
    if trigger is None:
        return pb.RunTrigger(kind=pb.TRIGGER_KIND_REQUEST)
    kind = f"TRIGGER_KIND_{trigger.kind.upper()}"
    return pb.RunTrigger(kind=kind, at=_timestamp(trigger.at_ms), event_kind=_event(trigger.event), subject=trigger.subject)


def _counts(counts: Counts) -> common_pb2.RecordCounts:
    return common_pb2.RecordCounts(
        records_in=counts.records_in,
        canonical=counts.canonical,
        duplicates=counts.duplicates,
        quarantined=counts.quarantined,
        replayed=counts.replayed,
    )


def _timestamp(at_ms: int) -> Timestamp | None:
    return _instant(at_ms) if at_ms else None


def _instant(at_ms: int) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(datetime.fromtimestamp(at_ms / 1000, UTC))
    return made
