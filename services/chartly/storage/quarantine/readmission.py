"""Commits records that come back from quarantine, as a new version of their dataset. The caller holds the dataset's lock."""

from functools import partial

from msgspec.structs import replace
from sqlalchemy import Connection

from chartly.platform.clock import Clock
from chartly.platform.metadata import Metadata
from chartly.storage.commit import chunk_rows, dataset_rows
from chartly.storage.commit import rows as commit_rows
from chartly.storage.commit.committer import Committer
from chartly.storage.commit.failpoints import CommitFailpoint, reached
from chartly.storage.commit.preparer import next_commit
from chartly.storage.commit.rows import Prepared
from chartly.storage.durable_files import translated
from chartly.storage.errors import DatasetUnknown
from chartly.storage.model import Commit, WriteMode

from . import status_rows
from .readmit import Readmission, decide_readmitted


def readmit(committer: Committer, metadata: Metadata, clock: Clock, readmission: Readmission) -> Commit | None:
    """Commit records that come back from quarantine; return None if none of them is in quarantine any more.

    Raises:
        StagedFileInvalid, InvalidRequest, ColumnConflict: the files don't fit the dataset; nothing was changed.
        DiskFull, StoreUnavailable: may be retried.
        Corrupt: a store does not hold what was written to it.
    """
    with translated():
        return _readmit(committer, metadata, clock, readmission)


def _readmit(committer: Committer, metadata: Metadata, clock: Clock, readmission: Readmission) -> Commit | None:
    key, stores = readmission.key, committer.stores
    committer.recover(key)
    with metadata.reading() as connection:
        done = commit_rows.by_work_key(connection, key, readmission.submission.work_key)
        held = dataset_rows.find(connection, key)
        statuses = status_rows.find(connection, key.tenant, key.project, [each.quarantine_id for each in readmission.records])
        live = chunk_rows.live(connection, key, readmission.chunk)
    if done is not None or live is None:
        # A chunk that was reprocessed or rolled back meanwhile holds these records no more.
        return done
    if held is None:
        raise DatasetUnknown(key.dataset)
    version = held.dataset.version
    stores.check(key, held)
    stores.ensure_index(key, version)
    decided = decide_readmitted(readmission, statuses, partial(stores.look_up, key, version), held.content_state)
    if decided is None:
        return None
    reached(CommitFailpoint.STAGED_READ)
    chunk = decided.chunk
    commit = next_commit(
        key=key,
        version=version,
        rows=held.dataset.rows,
        mode=WriteMode.READMIT,
        submission=readmission.submission,
        origin=readmission.origin,
        storage=held.dataset.storage,
        chunk=chunk,
        now=clock.now(),
    )
    commit, changes = committer.writer.write(commit, chunk, held.policy)
    changes = replace(
        changes,
        statuses=decided.statuses(commit),
        events=decided.events(commit),
        principal=readmission.principal,
        facts=decided.ledger_facts(),
    )
    prepared = Prepared(commit=commit, changes=changes, policy=held.policy, content_state=chunk.content.state())

    def recount(connection: Connection) -> None:
        chunk_rows.recounted(connection, key, commit.sequence, live, commit.counts)

    return committer.decide_and_finish(prepared, chunk=chunk, change_rows=recount)
