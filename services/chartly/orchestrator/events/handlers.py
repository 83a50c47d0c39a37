"""Event RPCs: decode, store the event, encode the workflows that listen to it."""

from chartly.orchestrator.errors import HookUnknown
from chartly.orchestrator.store.schedules import TriggeredWorkflow
from chartly.platform.clock import Clock
from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context, idempotency_key
from chartly.v1 import orchestrator_pb2 as pb

from . import decode
from .intake import EventIntake


class EventHandlers:
    """Serve the events of the caller's project."""

    def __init__(self, intake: EventIntake, clock: Clock) -> None:
        self._intake = intake
        self._clock = clock

    async def NotifyEvent(self, request: pb.NotifyEventRequest, context: Context) -> pb.NotifyEventResponse:
        """Store an event."""
        scope = current_scope()
        triggered = await self._intake.accept(decode.event(request, scope, self._clock.now()))
        return pb.NotifyEventResponse(workflows=map(_encode, triggered))

    async def CallHook(self, request: pb.CallHookRequest, context: Context) -> pb.CallHookResponse:
        """Store the call of a hook as an event."""
        triggered = await self._intake.accept(decode.hook(request, current_scope(), idempotency_key(context), self._clock.now()))
        if not triggered:
            raise HookUnknown(request.hook)
        return pb.CallHookResponse(workflows=map(_encode, triggered))


def _encode(triggered: TriggeredWorkflow) -> pb.NotifiedWorkflow:
    return pb.NotifiedWorkflow(workflow_id=triggered.workflow_id, workflow_name=triggered.workflow_name, run_id=triggered.run_id)
