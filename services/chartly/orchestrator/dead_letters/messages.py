"""Decode requests for dead letters, and encode dead letters; refuse what breaks a rule of the message itself."""

from chartly.orchestrator.domain.retry import DeadLetterState
from chartly.orchestrator.runs.retries import DeadLetterSelection
from chartly.orchestrator.store.dead_letters import DeadLetterFilter, StoredDeadLetter
from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.timestamps import timestamp, timestamp_or_none
from chartly.v1 import orchestrator_pb2 as pb

_STATES: dict[int, DeadLetterState] = {
    pb.DEAD_LETTER_STATE_UNSPECIFIED: DeadLetterState.DEAD,
    pb.DEAD_LETTER_STATE_DEAD: DeadLetterState.DEAD,
    pb.DEAD_LETTER_STATE_RETRIED: DeadLetterState.RETRIED,
    pb.DEAD_LETTER_STATE_DISCARDED: DeadLetterState.DISCARDED,
}


def listed(request: pb.ListDeadLettersRequest) -> DeadLetterFilter:
    """Decode which dead letters to list."""
    return DeadLetterFilter(request.run_id, request.source_id, request.kind, request.reason, _STATES[request.state].value)


def chosen(request: pb.RetryDeadLettersRequest | pb.DiscardDeadLettersRequest) -> DeadLetterSelection:
    """Decode which dead letters to retry or discard: by id, or by a filter that names something. An empty request never means all.

    Raises:
        InvalidRequest: neither or both are set.
    """
    asked = request.filter
    filtered = any((asked.run_id, asked.source_id, asked.kind, asked.reason))
    if bool(request.dead_letter_ids) == filtered:
        rule = "set either ids, or a filter that names a run, source, kind or reason"
        raise InvalidRequest(violations=(FieldViolation("dead_letter_ids", rule),))
    return DeadLetterSelection(list(request.dead_letter_ids), DeadLetterFilter(asked.run_id, asked.source_id, asked.kind, asked.reason))


def dead_letter(left: StoredDeadLetter) -> pb.DeadLetter:
    """Encode a dead letter."""
    wanted = left.work.wanted
    return pb.DeadLetter(
        dead_letter_id=left.dead_letter_id,
        run_id=left.run_id,
        step=wanted.step,
        kind=wanted.kind,
        source_id=wanted.source_id,
        reason=left.work.reason,
        message=left.work.message,
        state=f"DEAD_LETTER_STATE_{left.state.name}",
        failed_at=timestamp(left.at_ms),
        raw=wanted.task.normalize.raw if wanted.task.HasField("normalize") else None,
        resolved_by=left.resolved_by,
        resolved_at=timestamp_or_none(left.resolved_at_ms),
        note=left.note,
        retried_as=left.retried_as,
    )
