"""What the hub remembers: sources, how far each sync is, and which pages it has given."""

from .syncs import StoredPage, SyncStore
from .sources import SourceRow, SourceStore

__all__ = ["SourceRow", "SourceStore", "StoredPage", "SyncStore"]
