"""Dead letter RPCs: decode, read or resolve dead letters, encode."""

from chartly.orchestrator.errors import DeadLetterUnknown
from chartly.orchestrator.runs.encode import encode_run
from chartly.orchestrator.runs.retries import RunRetries
from chartly.orchestrator.store import dead_letters as store
from chartly.platform.identity.scope import current_scope
from chartly.platform.metadata import Metadata
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.paging import page_position, page_size, page_token
from chartly.v1 import orchestrator_pb2 as pb

from . import messages

_DEAD = "deadletters/newest"


class DeadLetterHandlers:
    """Serve the dead letters of the caller's project."""

    def __init__(self, retries: RunRetries, metadata: Metadata) -> None:
        self._retries = retries
        self._metadata = metadata

    async def ListDeadLetters(self, request: pb.ListDeadLettersRequest, context: Context) -> pb.ListDeadLettersResponse:
        """List dead letters, newest first."""
        size = page_size(request.page_size)
        asked = messages.listed(request)
        kind = f"{_DEAD}/{asked.run_id}/{asked.source_id}/{asked.kind}/{asked.reason}/{asked.state}"
        before = page_position(kind, request.page_token, 1)
        found = await self._metadata.read(store.page, current_scope(), asked, str(before[0]) if before else "", size + 1)
        token = page_token(kind, found[size - 1].dead_letter_id) if len(found) > size else ""
        return pb.ListDeadLettersResponse(dead_letters=map(messages.dead_letter, found[:size]), next_page_token=token)

    async def GetDeadLetter(self, request: pb.GetDeadLetterRequest, context: Context) -> pb.DeadLetter:
        """Return a dead letter."""
        found = await self._metadata.read(store.by_ids, current_scope(), [request.dead_letter_id])
        if not found:
            raise DeadLetterUnknown(request.dead_letter_id)
        return messages.dead_letter(found[0])

    async def RetryDeadLetters(self, request: pb.RetryDeadLettersRequest, context: Context) -> pb.RetryDeadLettersResponse:
        """Retry dead letters, as new runs."""
        retried = await self._retries.retry_letters(current_scope(), messages.chosen(request))
        return pb.RetryDeadLettersResponse(runs=map(encode_run, retried.runs), retried=retried.letters, more=retried.more)

    async def DiscardDeadLetters(self, request: pb.DiscardDeadLettersRequest, context: Context) -> pb.DiscardDeadLettersResponse:
        """Discard dead letters."""
        chosen = messages.chosen(request)
        discarded, more = await self._retries.discard(current_scope(), chosen, request.note)
        return pb.DiscardDeadLettersResponse(discarded=discarded, more=more)
