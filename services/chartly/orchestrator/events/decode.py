"""Decode events and calls of hooks; refuse what breaks a rule of the message itself."""

import hashlib
from datetime import datetime

from chartly.orchestrator.domain.run import Trigger
from chartly.platform.errors import Violations
from chartly.platform.identifiers import new_id
from chartly.platform.identity.scope import Scope
from chartly.v1 import orchestrator_pb2 as pb

from .intake import IncomingEvent

_ID_CHARACTERS_MAX = 200
_SUBJECT_CHARACTERS_MAX = 128
_EVENTS: dict[int, str] = {
    pb.EVENT_KIND_DATASET_UPDATED: "dataset_updated",
    pb.EVENT_KIND_BLOB_LANDED: "blob_landed",
    pb.EVENT_KIND_WEBHOOK: "webhook",
}


def event(request: pb.NotifyEventRequest, scope: Scope, now: datetime) -> IncomingEvent:
    """Decode an event of the caller's project.

    Raises:
        InvalidRequest: lists every field that breaks its rule.
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
    return IncomingEvent(scope.tenant, scope.project, request.event_id, Trigger("event", at_ms, _EVENTS[request.kind], request.subject))


def hook(request: pb.CallHookRequest, scope: Scope, key: str, now: datetime) -> IncomingEvent:
    """Decode the call of a hook. The idempotency key makes a repeated call the same event; it is hashed, since ids are bounded.

    Raises:
        InvalidRequest: the hook has no name, or one that is too long.
    """
    wrong = Violations()
    if not 1 <= len(request.hook) <= _SUBJECT_CHARACTERS_MAX:
        wrong.add("hook", f"must have 1 to {_SUBJECT_CHARACTERS_MAX} characters")
    wrong.raise_if_any()
    event_id = f"hook/{hashlib.sha256(f'{request.hook}/{key}'.encode()).hexdigest()}" if key else new_id("hook", now)
    at_ms = int(now.timestamp() * 1000)
    return IncomingEvent(scope.tenant, scope.project, event_id, Trigger("event", at_ms, "webhook", request.hook))
