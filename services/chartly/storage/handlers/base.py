"""What all of storage's handlers stand on. It serves nothing itself."""

from dataclasses import dataclass

from chartly.platform.blocking import Blocking
from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.metadata import Metadata
from chartly.platform.rpc.clients import Clients
from chartly.platform.telemetry.log import Logger
from chartly.storage.commit import Care, Committer, Lanes, Rebuilds, Restorer, Together
from chartly.storage.domain.tickets import Tickets
from chartly.storage.ledger import LedgerOutbox
from chartly.storage.metrics import StorageMetrics
from chartly.storage.store.blobs import BlobStore
from chartly.storage.store.payloads import Payloads
from chartly.storage.store.quarantined import Quarantined
from chartly.storage.store.reader import Reader
from chartly.storage.store.staging import Staging
from chartly.storage.upkeep import Upkeep
from chartly.v1.storage_pb2_grpc import StorageServiceServicer

from .profiles import Policies


@dataclass(frozen=True)
class Rooms:
    """The service's parts."""

    blobs: BlobStore
    committer: Committer
    care: Care
    rebuilds: Rebuilds
    restorer: Restorer
    ledger: LedgerOutbox
    lanes: Lanes
    together: Together
    tickets: Tickets
    staging: Staging
    reader: Reader
    quarantined: Quarantined
    payloads: Payloads
    policies: Policies
    upkeep: Upkeep
    metadata: Metadata
    blocking: Blocking
    clients: Clients
    clock: Clock
    limits: Limits
    logger: Logger
    metrics: StorageMetrics


class Handlers(StorageServiceServicer):
    """Base of the handlers of one kind."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
