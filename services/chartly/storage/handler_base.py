"""What all of storage's handlers stand on. It serves nothing itself."""

from dataclasses import dataclass

from chartly.platform.blocking import Blocking
from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.metadata import Metadata
from chartly.platform.rpc.clients import Clients
from chartly.platform.telemetry.log import Logger
from chartly.storage.commit.committer import Committer
from chartly.storage.commit.dataset_lock import Lanes
from chartly.storage.commit.group_commit import Together
from chartly.storage.maintenance.actions import Care
from chartly.storage.reprocess.jobs import Rebuilds
from chartly.storage.reprocess.rollback import Restorer

from .commit.policies import Policies
from .commit.staging import Staging
from .commit.tickets import Tickets
from .ledger import LedgerOutbox
from .maintenance.scheduler import Upkeep
from .metrics import StorageMetrics
from .quarantine.payloads import Payloads
from .quarantine.reader import Quarantined
from .raw.blobs import BlobStore
from .reading.reader import Reader


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


class Handlers:
    """Base of the handlers of one kind."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
