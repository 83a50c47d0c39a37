"""What a chunk becomes: its canonical rows, its quarantined ones, counts and hashes. Reads staged files and the index; writes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.storage.arrow import native, pa, pc
from chartly.storage.dedupe.index_content import is_gone
from chartly.storage.errors import StagedFileInvalid
from chartly.storage.model import Counts, DatasetKey, Frozen, Origin, Submission, WriteMode
from chartly.storage.policy import StoragePolicy
from chartly.storage.table import columns as c
from chartly.storage.table.content_hash import content_of_rows
from chartly.storage.table.digests import accepted_digest, chunk_digest, digest_column, rejected_digest
from chartly.storage.table.envelope import read_staged

if TYPE_CHECKING:
    Probe = Callable[[pa.Array], pa.Array]


@dataclass(frozen=True)
class Staged:
    """The files that a ticket's holder wrote."""

    folder: Path
    accepted_file: str
    rejected_file: str


@dataclass(frozen=True)
class Write:
    """What a ticket's holder asks for: which chunk, of which dataset, under which rules."""

    key: DatasetKey
    submission: Submission
    mode: WriteMode
    storage: Frozen
    policy: StoragePolicy
    staged: Staged
    origin: Origin


@dataclass(frozen=True)
class Chunk:
    """A chunk, decided."""

    rows: "pa.Table | None"
    """Canonical rows as the plan gave them, in the order of the raw bytes; for a derived dataset, all its rows."""
    keys: "pa.Array"
    record_ids: "pa.Array"
    replaced_keys: "pa.Array"
    """Those of ``keys`` that take the place of a held record (policy ``last``)."""
    rejected: "pa.Table | None"
    conflicts: "pa.Table | None"
    expired: "pa.Table | None"
    """Accepted records whose key retention took out."""
    counts: Counts
    rows_added: int
    """By how much the dataset grows; replaced rows don't count."""
    digest: str
    content: "native.ContentHash"
    """Of the dataset after the commit."""
    accepted_digest: str = ""
    """Of all that the plan accepted; empty for a derived dataset."""
    rejected_digest: str = ""


def read_chunk(staged: Staged, origin: Origin) -> "tuple[pa.Table | None, pa.Table | None]":
    """Read the plan's accepted and rejected records.

    Raises:
        StagedFileInvalid: a file is not what a plan writes.
        InvalidRequest: the counts don't add up.
    """
    accepted = read_staged(staged.folder, staged.accepted_file, c.ACCEPTED)
    rejected = read_staged(staged.folder, staged.rejected_file, c.REJECTED)
    rejected_count = rejected.num_rows if rejected is not None else 0
    accepted_count = accepted.num_rows if accepted is not None else 0
    if accepted_count + rejected_count != origin.records_in:
        rule = f"says {origin.records_in}, the files hold {accepted_count} accepted and {rejected_count} rejected"
        raise InvalidRequest(violations=(FieldViolation("origin.records_in", rule),))
    return accepted, rejected


def decide_appended(
    accepted: "pa.Table | None",
    rejected: "pa.Table | None",
    origin: Origin,
    probe: "Probe",
    content_state: bytes,
    *,
    takes_back: bool = False,
) -> Chunk:
    """Decide each record of a chunk by its key and what the dataset holds.

    Args:
        accepted: the plan's accepted records.
        rejected: the plan's rejected ones.
        origin: where they came from, and the policy.
        probe: tells the record id that each key of a column holds, or null.
        content_state: of the dataset's content hash before the commit.
        takes_back: whether a key that retention took out may come in again.

    Raises:
        StagedFileInvalid: a digest is none.
    """
    rejected_count = rejected.num_rows if rejected is not None else 0
    content = native.ContentHash(content_state or None)
    if accepted is None or not accepted.num_rows:
        return _none_accepted(rejected, content)
    rows, records_in = accepted, accepted.num_rows + rejected_count
    try:
        keys, record_ids = digest_column(rows.column(c.IDEMPOTENCY_KEY)), digest_column(rows.column(c.RECORD_ID))
    except ValueError as wrong:
        raise StagedFileInvalid("accepted_file", str(wrong)) from wrong
    digests = accepted_digest(keys, record_ids), rejected_digest(rejected)
    rows, keys, record_ids, held, expired = _without_expired(rows, keys, record_ids, probe(keys), takes_back=takes_back)
    decided = native.dedupe(keys, record_ids, held, origin.dedupe_policy)
    keep, conflicts = pa.array(decided.keep), pa.array(decided.conflicts)
    replaces = _equal(pa.array(decided.verdicts), 1)
    replaced_keys = keys.filter(replaces)
    if len(replaced_keys):
        content.remove(replaced_keys, held.filter(replaces))
    kept_keys, kept_ids = keys.filter(keep), record_ids.filter(keep)
    content.add(kept_keys, kept_ids)
    counts = Counts(
        records_in=records_in,
        canonical=len(kept_keys),
        duplicates=decided.duplicate_count + decided.superseded_count,
        quarantined=rejected_count + decided.conflict_count + (expired.num_rows if expired is not None else 0),
    )
    return Chunk(
        rows=rows.filter(keep) if len(kept_keys) else None,
        keys=kept_keys,
        record_ids=kept_ids,
        replaced_keys=replaced_keys,
        rejected=rejected,
        conflicts=rows.filter(conflicts) if decided.conflict_count else None,
        expired=expired,
        counts=counts,
        rows_added=decided.new_count,
        digest=chunk_digest(kept_ids),
        content=content,
        accepted_digest=digests[0],
        rejected_digest=digests[1],
    )


def after(chunks: Sequence[Chunk], probe: "Probe") -> "Probe":
    """Tell what keys will hold once chunks are committed that are decided and in no index yet.

    Not for the policy ``last``: a record that another one replaced may stand in no file of the table yet.
    """
    if not chunks:
        return probe

    def look(keys: "pa.Array") -> "pa.Array":
        taken = pa.concat_arrays([chunk.keys for chunk in chunks])
        record_ids = pa.concat_arrays([chunk.record_ids for chunk in chunks])
        return pc.coalesce(probe(keys), record_ids.take(pc.index_in(keys, value_set=taken)))

    return look


def _without_expired(
    rows: "pa.Table", keys: "pa.Array", record_ids: "pa.Array", held: "pa.Array", *, takes_back: bool
) -> "tuple[pa.Table, pa.Array, pa.Array, pa.Array, pa.Table | None]":
    """Set aside the records whose key retention took out, or let them in as new; give the rest and those set aside."""
    over = is_gone(held)
    if not pc.any(over).as_py():
        return rows, keys, record_ids, held, None
    if takes_back:
        return rows, keys, record_ids, pc.if_else(over, pa.scalar(None, held.type), held), None
    stay = pc.invert(over)
    return rows.filter(stay), keys.filter(stay), record_ids.filter(stay), held.filter(stay), rows.filter(over)


def _none_accepted(rejected: "pa.Table | None", content: "native.ContentHash") -> Chunk:
    none = pa.array([], pa.binary(32))
    count = rejected.num_rows if rejected is not None else 0
    counts = Counts(records_in=count, quarantined=count)
    digests = accepted_digest(none, none), rejected_digest(rejected)
    return Chunk(None, none, none, none, rejected, None, None, counts, 0, chunk_digest(none), content, *digests)


def decide_replaced(staged: Staged) -> Chunk:
    """Take a derived dataset's new content as it is; its hash is over the multiset of its rows.

    Raises:
        StagedFileInvalid: there is no file, or it is no Parquet file.
    """
    rows = read_staged(staged.folder, staged.accepted_file, ())
    if rows is None:
        raise StagedFileInvalid("accepted_file", "is required: a derived dataset may be empty, but has columns")
    content, digests = content_of_rows(rows)
    none = pa.array([], pa.binary(32))
    counts = Counts(records_in=rows.num_rows, canonical=rows.num_rows)
    return Chunk(rows, none, none, none, None, None, None, counts, rows.num_rows, chunk_digest(digests), content)


def _equal(column: "pa.Array", value: int) -> "pa.Array":
    return pc.equal(column, value)
