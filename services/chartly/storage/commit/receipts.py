"""Finds the commit that a submission asks about, and builds its receipt. Functions of a connection; they change nothing."""

from msgspec.structs import replace
from sqlalchemy import Connection

from chartly.storage.model import Commit, DatasetKey, Receipt, Submission, WriteMode

from . import chunk_rows, dataset_rows
from . import rows as commit_rows
from .receipt import answer


def find_receipt(connection: Connection, key: DatasetKey, submission: Submission, mode: WriteMode) -> tuple[Receipt | None, bool]:
    """Return the receipt of a chunk that is committed, if any, and whether the chunk is prepared and not finished yet."""
    prepared = commit_rows.prepared_of(connection, key)
    if any(each.commit.submission.work_key == submission.work_key for each in prepared):
        return None, True
    committed = _committed(connection, key, submission.work_key, mode)
    if committed is None:
        return None, False
    held = dataset_rows.find(connection, key)
    retried = committed.submission.submission_id == submission.submission_id
    if mode is WriteMode.REPLACE and not retried and held is not None and held.dataset.version != committed.sequence:
        # The derived dataset was replaced since. The content that is asked for must be written again.
        return None, False
    return answer(committed, submission), False


def _committed(connection: Connection, key: DatasetKey, work_key: str, mode: WriteMode) -> Commit | None:
    """Find the commit of a chunk that the dataset holds, or of a derived dataset's content."""
    if mode is WriteMode.REPLACE:
        return commit_rows.by_work_key(connection, key, work_key)
    chunk = chunk_rows.answering(connection, key, work_key)
    commit = commit_rows.by_sequence(connection, key, chunk.commit_version) if chunk else None
    if chunk is None or commit is None or commit.mode is not WriteMode.REBUILD:
        return commit
    # One commit reprocessed many chunks. The receipt is about this one.
    return replace(
        commit,
        submission=replace(commit.submission, work_key=work_key),
        origin=chunk.origin,
        counts=chunk.counts,
        reasons=chunk.reasons,
        chunk_digest=chunk.chunk_digest,
    )
