"""Decode events and calls of hooks; refuse what breaks a rule of the message itself."""

import hashlib
from datetime import datetime

from chartly.orchestrator.domain.run import Trigger
from chartly.platform.identifiers import new_id
from chartly.platform.identity.scope import Scope
from chartly.v1 import orchestrator_pb2 as pb

from .intake import IncomingEvent

_EVENTS: dict[int, str] = {
    pb.EVENT_KIND_DATASET_UPDATED: "dataset_updated",
    pb.EVENT_KIND_BLOB_LANDED: "blob_landed",
    pb.EVENT_KIND_WEBHOOK: "webhook",
}


def event(request: pb.NotifyEventRequest, scope: Scope, now: datetime) -> IncomingEvent:
    """Decode an event of the caller's project."""
    at_ms = request.occurred_at.ToMilliseconds() if request.HasField("occurred_at") else int(now.timestamp() * 1000)
    return IncomingEvent(scope.tenant, scope.project, request.event_id, Trigger("event", at_ms, _EVENTS[request.kind], request.subject))


def hook(request: pb.CallHookRequest, scope: Scope, key: str, now: datetime) -> IncomingEvent:
    """Decode the call of a hook. The idempotency key makes a repeated call the same event; it is hashed, since ids are bounded."""
    event_id = f"hook/{hashlib.sha256(f'{request.hook}/{key}'.encode()).hexdigest()}" if key else new_id("hook", now)
    at_ms = int(now.timestamp() * 1000)
    return IncomingEvent(scope.tenant, scope.project, event_id, Trigger("event", at_ms, "webhook", request.hook))
