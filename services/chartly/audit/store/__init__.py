"""The ledger's storage: entries and signed checkpoints in the metadata database, tiles and bundles as files."""

from .entries import EntryStore, StoredEntry
from .files import LogFiles

__all__ = ["EntryStore", "LogFiles", "StoredEntry"]
