"""What the hub remembers: sources, how far each sync is, and which pages it has given."""

from .sources import SourceRow, SourceStore
from .syncs import StoredPage, SyncStore

__all__ = ["SourceRow", "SourceStore", "StoredPage", "SyncStore"]
