"""Decides each record of a chunk by its idempotency key: new, duplicate, replacement, conflict or expired. Writes nothing.

The compiled core compares keys (``native.dedupe``). This module prepares its columns, sets aside records whose key retention removed, and
computes what the commit needs to know: counts, digests and the dataset's content hash after the commit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartly.storage.arrow import native, pa, pc
from chartly.storage.errors import StagedFileInvalid
from chartly.storage.model import Counts, DedupePolicy
from chartly.storage.table import columns as c
from chartly.storage.table.content_hash import content_of_rows
from chartly.storage.table.digests import accepted_digest, chunk_digest, digest_column, no_digests, rejected_digest

from .index_content import is_expired

if TYPE_CHECKING:
    LookUp = Callable[[pa.Array], pa.Array]
    """Returns the record id that the dataset holds for each key, or null."""

# ``native.dedupe`` marks a record with this verdict if it replaces the dataset's record of the same key (policy ``last``).
_REPLACES = 1


@dataclass(frozen=True, kw_only=True)
class DecidedChunk:
    """A chunk whose records are decided: what a commit adds to the dataset and to quarantine."""

    rows: "pa.Table | None" = None
    """Canonical rows as the plan wrote them, in the order of the raw bytes. For a derived dataset, all its rows."""
    keys: "pa.Array"
    """Idempotency keys of ``rows``, as 32 bytes each."""
    record_ids: "pa.Array"
    replaced_keys: "pa.Array"
    """The part of ``keys`` whose former records the commit removes (policy ``last``)."""
    rejected: "pa.Table | None" = None
    """Records that the plan rejected."""
    conflicts: "pa.Table | None" = None
    """Accepted records whose key the dataset holds with other content (policy ``quarantine``)."""
    expired: "pa.Table | None" = None
    """Accepted records whose key retention removed from the dataset."""
    counts: Counts
    rows_added: int
    """By how many rows the dataset grows. Replaced rows don't count."""
    digest: str
    content: "native.ContentHash"
    """The dataset's content hash after the commit."""
    accepted_digest: str = ""
    """Over all records that the plan accepted; empty for a derived dataset."""
    rejected_digest: str = ""
    """Over all records that the plan rejected."""


def decide_appended(
    accepted: "pa.Table | None",
    rejected: "pa.Table | None",
    *,
    policy: DedupePolicy,
    look_up: "LookUp",
    content_state: bytes,
    admit_expired: bool = False,
) -> DecidedChunk:
    """Decide each record of a chunk that is appended to a dataset.

    Args:
        accepted: records that the plan accepted.
        rejected: records that the plan rejected.
        policy: what happens to a record whose key the dataset holds with other content.
        look_up: returns what the dataset holds for each key.
        content_state: state of the dataset's content hash before the commit.
        admit_expired: whether a record may enter although retention removed its key. Otherwise it goes to quarantine.

    Raises:
        StagedFileInvalid: a key or record id is not a SHA-256 digest.
    """
    content = native.ContentHash(content_state or None)
    if accepted is None or not accepted.num_rows:
        return _without_accepted(rejected, content)
    rejected_count = rejected.num_rows if rejected is not None else 0
    rows, records_in = accepted, accepted.num_rows + rejected_count
    try:
        keys, record_ids = digest_column(rows.column(c.IDEMPOTENCY_KEY)), digest_column(rows.column(c.RECORD_ID))
    except ValueError as wrong:
        raise StagedFileInvalid("accepted_file", str(wrong)) from wrong
    digests = accepted_digest(keys, record_ids), rejected_digest(rejected)
    rows, keys, record_ids, held, expired = _without_expired(rows, keys, record_ids, look_up(keys), admit=admit_expired)
    decided = native.dedupe(keys, record_ids, held, policy)
    keep, conflicts = pa.array(decided.keep), pa.array(decided.conflicts)
    replaces = pc.equal(pa.array(decided.verdicts), _REPLACES)
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
    return DecidedChunk(
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


def decide_replaced(rows: "pa.Table") -> DecidedChunk:
    """Accept a derived dataset's new content as it is. Its content hash is over the multiset of its rows."""
    content, digests = content_of_rows(rows)
    return DecidedChunk(
        rows=rows,
        keys=no_digests(),
        record_ids=no_digests(),
        replaced_keys=no_digests(),
        counts=Counts(records_in=rows.num_rows, canonical=rows.num_rows),
        rows_added=rows.num_rows,
        digest=chunk_digest(digests),
        content=content,
    )


def look_up_after(chunks: Sequence[DecidedChunk], look_up: "LookUp") -> "LookUp":
    """Return a look-up that also finds keys of chunks that are decided and not in the index yet.

    It does not serve the policy ``last``: a record that another one replaced may not be in any file of the table yet.
    """
    if not chunks:
        return look_up

    def found(keys: "pa.Array") -> "pa.Array":
        pending_keys = pa.concat_arrays([chunk.keys for chunk in chunks])
        pending_ids = pa.concat_arrays([chunk.record_ids for chunk in chunks])
        return pc.coalesce(look_up(keys), pending_ids.take(pc.index_in(keys, value_set=pending_keys)))

    return found


def _without_expired(
    rows: "pa.Table", keys: "pa.Array", record_ids: "pa.Array", held: "pa.Array", *, admit: bool
) -> "tuple[pa.Table, pa.Array, pa.Array, pa.Array, pa.Table | None]":
    """Split off the records whose key retention removed, or treat their keys as new; return the four columns left, and those records."""
    expired = is_expired(held)
    if not pc.any(expired).as_py():
        return rows, keys, record_ids, held, None
    if admit:
        return rows, keys, record_ids, pc.if_else(expired, pa.scalar(None, held.type), held), None
    stay = pc.invert(expired)
    return rows.filter(stay), keys.filter(stay), record_ids.filter(stay), held.filter(stay), rows.filter(expired)


def _without_accepted(rejected: "pa.Table | None", content: "native.ContentHash") -> DecidedChunk:
    count = rejected.num_rows if rejected is not None else 0
    return DecidedChunk(
        keys=no_digests(),
        record_ids=no_digests(),
        replaced_keys=no_digests(),
        rejected=rejected,
        counts=Counts(records_in=count, quarantined=count),
        rows_added=0,
        digest=chunk_digest(no_digests()),
        content=content,
        accepted_digest=accepted_digest(no_digests(), no_digests()),
        rejected_digest=rejected_digest(rejected),
    )
