"""Tells the queue which of its failed items nobody waits for any more: they were retried or discarded. It resolves none."""

import itertools

from chartly.orchestrator.store import dead_letters as store
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.notification import Pulse
from chartly.platform.rpc.clients import Clients
from chartly.v1 import coordinator_pb2 as pb

# What one ForgetFailedWork may hold.
_ITEMS_A_CALL = 500


class DeadLetterCleanup:
    """Brings resolved dead letters to the queue; idempotent, so after a restart what may not have been told is told again."""

    def __init__(self, metadata: Metadata, clients: Clients, resolved: Pulse) -> None:
        self._metadata = metadata
        self._clients = clients
        self._resolved = resolved

    async def once(self) -> None:
        """Tell what is untold, or wait for it."""
        beat = self._resolved.next
        found = await self._metadata.read(store.untold, _ITEMS_A_CALL)
        if not found:
            await beat.wait()
            return
        for (tenant, project), rows in itertools.groupby(found, key=lambda row: (row[1], row[2])):
            group = list(rows)
            coordinator = self._clients.acting(Scope.service("orchestrator", tenant, project)).coordinator
            await coordinator.ForgetFailedWork(pb.ForgetFailedWorkRequest(work_keys=[row[3] for row in group]))
            await self._metadata.write(store.told, [row[0] for row in group])
