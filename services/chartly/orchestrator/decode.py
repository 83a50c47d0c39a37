"""From the wire's messages to what the orchestrator works with; refuses what breaks a rule of the message itself."""

import hashlib
from datetime import datetime

from chartly.platform.errors import Violations
from chartly.platform.identifiers import new_id
from chartly.platform.identity.scope import Scope
from chartly.v1 import orchestrator_pb2 as pb

from .background.event_intake import Heard
from .domain.retry import LeftState
from .domain.run import Trigger
from .runs.retries import Chosen
from .store.dead_letters import Filter

_ID_CHARACTERS_MAX = 200
_SUBJECT_CHARACTERS_MAX = 128
_NOTE_CHARACTERS_MAX = 500
_STATES: dict[int, LeftState] = {
    pb.DEAD_LETTER_STATE_UNSPECIFIED: LeftState.DEAD,
    pb.DEAD_LETTER_STATE_DEAD: LeftState.DEAD,
    pb.DEAD_LETTER_STATE_RETRIED: LeftState.RETRIED,
    pb.DEAD_LETTER_STATE_DISCARDED: LeftState.DISCARDED,
}
_EVENTS: dict[int, str] = {
    pb.EVENT_KIND_DATASET_UPDATED: "dataset_updated",
    pb.EVENT_KIND_BLOB_LANDED: "blob_landed",
    pb.EVENT_KIND_WEBHOOK: "webhook",
}


def event(request: pb.NotifyEventRequest, scope: Scope, now: datetime) -> Heard:
    """Read an event of the caller's project.

    Raises:
        InvalidRequest: with every field that breaks its rule.
    """
    wrong = Violations()
    if not 1 <= len(request.event_id) <= _ID_CHARACTERS_MAX or not (request.event_id.isascii() and request.event_id.isprintable()):
        wrong.add("event_id", f"must be 1 to {_ID_CHARACTERS_MAX} printable ASCII characters")
    if not 1 <= len(request.subject) <= _SUBJECT_CHARACTERS_MAX:
        wrong.add("subject", f"must have 1 to {_SUBJECT_CHARACTERS_MAX} characters")
    if request.kind not in _EVENTS:
        wrong.add("kind", "must be DATASET_UPDATED, BLOB_LANDED or WEBHOOK")
    wrong.raise_if_any()
    at_ms = request.occurred_at.ToMilliseconds() if request.HasField("occurred_at") else int(now.timestamp() * 1000)
    return Heard(scope.tenant, scope.project, request.event_id, Trigger("event", at_ms, _EVENTS[request.kind], request.subject))


def hook(request: pb.CallHookRequest, scope: Scope, key: str, now: datetime) -> Heard:
    """Read a call of a hook. With an idempotency key the same call is the same event; the key is hashed, since ids are bounded.

    Raises:
        InvalidRequest: the hook isn't named.
    """
    wrong = Violations()
    if not 1 <= len(request.hook) <= _SUBJECT_CHARACTERS_MAX:
        wrong.add("hook", f"must have 1 to {_SUBJECT_CHARACTERS_MAX} characters")
    wrong.raise_if_any()
    event_id = f"hook/{hashlib.sha256(f'{request.hook}/{key}'.encode()).hexdigest()}" if key else new_id("hook", now)
    at_ms = int(now.timestamp() * 1000)
    return Heard(scope.tenant, scope.project, event_id, Trigger("event", at_ms, "webhook", request.hook))


def listed(request: pb.ListDeadLettersRequest) -> Filter:
    """Read which dead letters to list.

    Raises:
        InvalidRequest: the state is none.
    """
    wrong = Violations()
    if request.state not in _STATES:
        wrong.add("state", "must be DEAD, RETRIED or DISCARDED")
    wrong.raise_if_any()
    return Filter(request.run_id, request.source_id, request.kind, request.reason, _STATES[request.state].value)


def chosen(request: pb.RetryDeadLettersRequest | pb.DiscardDeadLettersRequest, letters_max: int) -> Chosen:
    """Read which dead letters to retry or discard: some by id, or those of a filter that filters, so that nothing never means all.

    Raises:
        InvalidRequest: neither or both are given, or too many.
    """
    wrong = Violations()
    asked = request.filter
    filtered = any((asked.run_id, asked.source_id, asked.kind, asked.reason))
    if bool(request.dead_letter_ids) == filtered:
        wrong.add("dead_letter_ids", "give either ids, or a filter that names a run, source, kind or reason")
    if len(request.dead_letter_ids) > letters_max:
        wrong.add("dead_letter_ids", f"must be at most {letters_max}")
    wrong.raise_if_any()
    return Chosen(list(request.dead_letter_ids), Filter(asked.run_id, asked.source_id, asked.kind, asked.reason))


def note(request: pb.DiscardDeadLettersRequest) -> str:
    """Read why dead letters are given up.

    Raises:
        InvalidRequest: it isn't said, or at too great length.
    """
    wrong = Violations()
    if not 1 <= len(request.note) <= _NOTE_CHARACTERS_MAX:
        wrong.add("note", f"must say why, in 1 to {_NOTE_CHARACTERS_MAX} characters")
    wrong.raise_if_any()
    return request.note
