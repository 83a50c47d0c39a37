"""What the hub remembers: sources, how far each sync is, which pages it has given, and what was pushed."""

from .sources import SourceRow, SourceStore
from .syncs import SourceCursor, StoredPage, SyncStore

__all__ = ["SourceCursor", "SourceRow", "SourceStore", "StoredPage", "SyncStore"]
