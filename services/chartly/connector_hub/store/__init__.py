"""The hub's rows in the metadata database: sources, cursors, pages and the inbox of pushes."""

from .sources import SourceRow, SourceStore
from .syncs import SourceCursor, StoredPage, SyncKey, SyncStore

__all__ = ["SourceCursor", "SourceRow", "SourceStore", "StoredPage", "SyncKey", "SyncStore"]
