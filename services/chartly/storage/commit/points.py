"""The commit protocol's named points (``platform/points.py``)."""

from enum import StrEnum

from chartly.platform.points import observe, observer, reached

__all__ = ["Point", "RebuildPoint", "observe", "observer", "reached"]


class Point(StrEnum):
    """Each is reached when what its name says has happened, and nothing of the next."""

    STAGED_READ = "staged_read"
    FILES_DURABLE = "files_durable"
    ROW_PREPARED = "row_prepared"
    QUARANTINE_COMMITTED = "quarantine_committed"
    TABLE_COMMITTED = "table_committed"
    INDEX_APPLIED = "index_applied"
    ROW_COMMITTED = "row_committed"
    STAGING_SWEPT = "staging_swept"


class RebuildPoint(StrEnum):
    """What a rebuild reaches before it is a commit as all others."""

    CHUNK_RESTAGED = "chunk_restaged"
    COMPARED = "compared"
