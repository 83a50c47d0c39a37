"""Storage over the wire: decode, call, encode. Authorization, deadlines, metrics and errors are interceptors'."""

from .blobs import BlobHandlers
from .care import CareHandlers
from .datasets import DatasetHandlers
from .quarantine import QuarantineHandlers
from .reprocess import ReprocessHandlers
from .verify import VerifyHandlers
from .versions import VersionHandlers
from .way_back import WayBackHandlers
from .writes import WriteHandlers

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
