"""Clients of one lease: they call services with the lease's token, or with the token of the last heartbeat."""

from dataclasses import dataclass

from chartly.platform.config import Config
from chartly.platform.identity.tokens import HEADER, InternalTokens
from chartly.platform.rpc.clients import RUN_ID, TRACEPARENT, Channels, Clients
from chartly.platform.rpc.methods import Method
from chartly.platform.telemetry.tracing import current_trace
from chartly.v1 import coordinator_pb2


@dataclass
class HeldLease:
    """A lease and its current token."""

    lease: coordinator_pb2.Lease
    token: str

    @property
    def item(self) -> coordinator_pb2.WorkItem:
        """The work item of the lease."""
        return self.lease.item


class LeaseClients(Clients):
    """Clients whose calls act for the lease's project. The coordinator signed the token; the drone signs none."""

    def __init__(self, config: Config, channels: Channels, tokens: InternalTokens, held: HeldLease) -> None:
        super().__init__("drone", config, channels, tokens)
        self._held = held

    def metadata_for(self, called: Method | None) -> list[tuple[str, str]]:  # noqa: ARG002 - one token for all methods
        """Return the metadata of each call: token, run and trace."""
        metadata = [(HEADER, self._held.token), (RUN_ID, self._held.item.run_id)]
        trace = current_trace()
        if trace:
            metadata.append((TRACEPARENT, trace.traceparent))
        return metadata
