"""Encode runs and their steps."""

from chartly.orchestrator.domain.counts import RunCounts
from chartly.orchestrator.domain.run import ReprocessRequest, Run, Trigger
from chartly.orchestrator.domain.states import RunState
from chartly.orchestrator.domain.steps import Step
from chartly.platform.timestamps import timestamp_or_none
from chartly.v1 import common_pb2, reprocess_pb2
from chartly.v1 import orchestrator_pb2 as pb

STATES = {state: pb.RunState.Name(pb.RunState.Value(f"RUN_STATE_{state.name}")) for state in RunState}


def encode_run(stored: Run) -> pb.Run:
    """Encode a run; times that haven't come stay unset."""
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
        created_at=timestamp_or_none(stored.created_at_ms),
        started_at=timestamp_or_none(stored.started_at_ms),
        ended_at=timestamp_or_none(stored.ended_at_ms),
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


def _reprocess(stored: ReprocessRequest | None) -> reprocess_pb2.Reprocess | None:
    if stored is None:
        return None
    made = reprocess_pb2.Reprocess(reprocess_id=stored.reprocess_id, dataset=stored.dataset, state="planned")
    made.scope.CopyFrom(stored.scope)
    made.MergeFrom(stored.found)
    return made


def _step(step: Step) -> pb.RunStep:
    # Steps that depend on a skipped step go on as if it had succeeded, and so it is shown.
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


def _event(event: str) -> str:
    return f"EVENT_KIND_{event.upper() or 'UNSPECIFIED'}"


def _trigger(trigger: Trigger | None) -> pb.RunTrigger:
    if trigger is None:
        return pb.RunTrigger(kind=pb.TRIGGER_KIND_REQUEST)
    kind = f"TRIGGER_KIND_{trigger.kind.upper()}"
    return pb.RunTrigger(kind=kind, at=timestamp_or_none(trigger.at_ms), event_kind=_event(trigger.event), subject=trigger.subject)


def _counts(counts: RunCounts) -> common_pb2.RecordCounts:
    return common_pb2.RecordCounts(
        records_in=counts.records_in,
        canonical=counts.canonical,
        duplicates=counts.duplicates,
        quarantined=counts.quarantined,
        replayed=counts.replayed,
    )
