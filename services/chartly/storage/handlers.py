"""Storage's servicers: one a proto service, each made of the handlers of its room."""

import grpc.aio

from chartly.storage.commit.handlers import WriteHandlers
from chartly.storage.maintenance.handlers import CareHandlers
from chartly.storage.quarantine.action_handlers import WayBackHandlers
from chartly.storage.quarantine.handlers import QuarantineHandlers
from chartly.storage.raw.handlers import BlobHandlers
from chartly.storage.reading.handlers import DatasetHandlers
from chartly.storage.reprocess.handlers import ReprocessHandlers
from chartly.storage.reprocess.version_handlers import RollbackHandlers, VersionHandlers
from chartly.storage.verify.handlers import VerifyHandlers
from chartly.v1 import blob_pb2_grpc as blob
from chartly.v1 import commit_pb2_grpc as commit
from chartly.v1 import dataset_pb2_grpc as dataset
from chartly.v1 import maintenance_pb2_grpc as maintenance
from chartly.v1 import quarantine_pb2_grpc as quarantine
from chartly.v1 import reprocess_pb2_grpc as reprocess
from chartly.v1 import verify_pb2_grpc as verify

from .handler_base import Rooms


class Blobs(BlobHandlers, blob.BlobServiceServicer):
    """Serves ``BlobService``."""


class Commits(WriteHandlers, commit.CommitServiceServicer):
    """Serves ``CommitService``."""


class Datasets(DatasetHandlers, VersionHandlers, dataset.DatasetServiceServicer):
    """Serves ``DatasetService``."""


class Quarantine(QuarantineHandlers, WayBackHandlers, quarantine.QuarantineServiceServicer):
    """Serves ``QuarantineService``."""


class Reprocesses(ReprocessHandlers, RollbackHandlers, reprocess.ReprocessServiceServicer):
    """Serves ``ReprocessService``."""


class Maintenance(CareHandlers, maintenance.MaintenanceServiceServicer):
    """Serves ``MaintenanceService``."""


class Verify(VerifyHandlers, verify.VerifyServiceServicer):
    """Serves ``VerifyService``."""


def register(rooms: Rooms, server: grpc.aio.Server) -> None:
    """Add all servicers to a server."""
    blob.add_BlobServiceServicer_to_server(Blobs(rooms), server)
    commit.add_CommitServiceServicer_to_server(Commits(rooms), server)
    dataset.add_DatasetServiceServicer_to_server(Datasets(rooms), server)
    quarantine.add_QuarantineServiceServicer_to_server(Quarantine(rooms), server)
    reprocess.add_ReprocessServiceServicer_to_server(Reprocesses(rooms), server)
    maintenance.add_MaintenanceServiceServicer_to_server(Maintenance(rooms), server)
    verify.add_VerifyServiceServicer_to_server(Verify(rooms), server)
