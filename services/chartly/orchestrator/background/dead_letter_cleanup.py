"""Deletes the queue's failed items whose dead letters were retried or discarded. It resolves no dead letter."""

import itertools

from chartly.orchestrator.store import dead_letters as store
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.notification import Notification
from chartly.platform.rpc.clients import Clients
from chartly.v1 import coordinator_pb2 as pb

# Most keys of one ForgetFailedWork.
_ITEMS_A_CALL = 500


class DeadLetterCleanup:
    """Delete failed items from the queue. Idempotent: after a restart, all that may not have been deleted are deleted."""

    def __init__(self, metadata: Metadata, clients: Clients, resolved: Notification) -> None:
        self._metadata = metadata
        self._clients = clients
        self._resolved = resolved

    async def once(self) -> None:
        """Delete the failed items of resolved dead letters, or wait for the next one."""
        notified = self._resolved.next
        found = await self._metadata.read(store.pending_cleanup, _ITEMS_A_CALL)
        if not found:
            await notified.wait()
            return
        for (tenant, project), rows in itertools.groupby(found, key=lambda row: (row[1], row[2])):
            group = list(rows)
            coordinator = self._clients.acting(Scope.service("orchestrator", tenant, project)).coordinator
            await coordinator.ForgetFailedWork(pb.ForgetFailedWorkRequest(work_keys=[row[3] for row in group]))
            await self._metadata.write(store.cleaned_up, [row[0] for row in group])
