"""The failpoints of storage: places between two steps where a test kills the process or raises an error (``platform/failpoints.py``)."""

from enum import StrEnum

from chartly.platform.failpoints import observe, observer, reached

__all__ = ["COMMIT", "CommitFailpoint", "ReprocessFailpoint", "SetAsideFailpoint", "observe", "observer", "reached"]


class CommitFailpoint(StrEnum):
    """Failpoints of commits and of maintenance. Each is reached after the step in its name, and before the next step."""

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
"""The failpoints that every commit reaches, in their order. The others belong to compaction, replacement and retention."""


class SetAsideFailpoint(StrEnum):
    """Failpoints of setting a commit aside. Each is reached after the step in its name."""

    INDEX_RESET = "index_reset"
    TABLE_RESTORED = "table_restored"
    QUARANTINE_RESTORED = "quarantine_restored"


class ReprocessFailpoint(StrEnum):
    """Failpoints of a reprocess before its commit. Each is reached after the step in its name."""

    CHUNK_STAGED = "chunk_staged"
    COMPARED = "compared"
