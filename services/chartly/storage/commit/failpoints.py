"""The commit protocol's named points (``platform/failpoints.py``)."""

from enum import StrEnum

from chartly.platform.failpoints import observe, observer, reached

__all__ = ["COMMIT", "CommitFailpoint", "RebuildPoint", "SetAsideFailpoint", "observe", "observer", "reached"]


class CommitFailpoint(StrEnum):
    """Each is reached when what its name says has happened, and nothing of the next."""

    STAGED_READ = "staged_read"
    FILES_DURABLE = "files_durable"
    ROW_PREPARED = "row_prepared"
    QUARANTINE_COMMITTED = "quarantine_committed"
    TABLE_COMMITTED = "table_committed"
    INDEX_APPLIED = "index_applied"
    ROW_COMMITTED = "row_committed"
    STAGING_SWEPT = "staging_swept"
    COMPACTION_WRITTEN = "compaction_written"
    TABLE_COMPACTED = "table_compacted"
    COMPACTION_NOTED = "compaction_noted"
    TABLE_VACUUMED = "table_vacuumed"
    REPLACED_REWRITTEN = "replaced_rewritten"
    EXPIRED_WRITTEN = "expired_written"


COMMIT = tuple(CommitFailpoint)[: tuple(CommitFailpoint).index(CommitFailpoint.COMPACTION_WRITTEN)]
"""The points of every commit, in their order; the others belong to what only some commits do, and to compaction."""


class SetAsideFailpoint(StrEnum):
    """What setting a commit aside has done when the point is reached."""

    INDEX_RESET = "index_reset"
    TABLE_RESTORED = "table_restored"
    QUARANTINE_RESTORED = "quarantine_restored"


class RebuildPoint(StrEnum):
    """What a rebuild reaches before it is a commit as all others."""

    CHUNK_RESTAGED = "chunk_restaged"
    COMPARED = "compared"
