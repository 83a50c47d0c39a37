"""Storage over the wire: decode, call, encode. Authorization, deadlines, metrics and errors are interceptors'."""

from .blobs import BlobHandlers
from .datasets import DatasetHandlers
from .quarantine import QuarantineHandlers
from .reprocess import ReprocessHandlers
from .versions import VersionHandlers
from .writes import WriteHandlers

__all__ = ["StorageHandlers"]


class StorageHandlers(BlobHandlers, WriteHandlers, DatasetHandlers, QuarantineHandlers, ReprocessHandlers, VersionHandlers):
    """Serves ``chartly.v1.StorageService`` for the caller's project."""
