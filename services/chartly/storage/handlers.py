"""Storage over the wire: decode, call, encode. Authorization, deadlines, metrics and errors are interceptors'."""

from chartly.storage.commit.handlers import WriteHandlers
from chartly.storage.maintenance.handlers import CareHandlers
from chartly.storage.quarantine.action_handlers import WayBackHandlers
from chartly.storage.quarantine.handlers import QuarantineHandlers
from chartly.storage.raw.handlers import BlobHandlers
from chartly.storage.reading.handlers import DatasetHandlers
from chartly.storage.reprocess.handlers import ReprocessHandlers
from chartly.storage.reprocess.version_handlers import VersionHandlers
from chartly.storage.verify.handlers import VerifyHandlers

__all__ = ["StorageHandlers"]


class StorageHandlers(
    BlobHandlers,
    WriteHandlers,
    DatasetHandlers,
    CareHandlers,
    QuarantineHandlers,
    WayBackHandlers,
    ReprocessHandlers,
    VersionHandlers,
    VerifyHandlers,
):
    """Serves ``chartly.v1.StorageService`` for the caller's project."""
