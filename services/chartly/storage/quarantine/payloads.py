"""Payloads of quarantined records: copied from the raw bytes when a record is rejected, stored in its row, encrypted if necessary.

The row has a copy, so that a record can be readmitted after its raw bytes were deleted.
"""

import hashlib
from typing import Any

from chartly.platform.metadata import Metadata
from chartly.storage.arrow import pa, pc
from chartly.storage.errors import BlobUnknown, Corrupt
from chartly.storage.model import Commit
from chartly.storage.raw import rows as blob_rows
from chartly.storage.raw.blobs import BlobStore, checked
from chartly.storage.table import columns as c

from .seal import Seal

_POLICY_VIOLATION = "POLICY_VIOLATION"


class Payloads:
    """Reads and stores payloads. Blocking; safe for threads."""

    def __init__(self, blobs: BlobStore, metadata: Metadata, seal: Seal) -> None:
        self._blobs = blobs
        self._metadata = metadata
        self._seal = seal

    def attach(self, rows: "pa.Table", commit: Commit, *, seal_all: bool) -> "pa.Table":
        """Add the columns ``payload``, ``sealed`` and ``payload_sha256`` to rows of one chunk.

        A sealed payload has no digest: a digest would confirm a guess of its content.

        Raises:
            Corrupt: the raw bytes are not those that the chunk was made from.
        """
        places = rows.select(["quarantine_id", c.RAW_OFFSET, c.RAW_LENGTH]).to_pylist()
        raw = self._raw(commit.key.tenant, commit.key.project, commit.origin.raw_sha256)
        sealed = [True] * rows.num_rows if seal_all else _against_policy(rows.column(c.VIOLATIONS))
        payloads = [self._payload(raw, commit, place, seal) for place, seal in zip(places, sealed, strict=True)]
        rows = rows.append_column(c.PAYLOAD, pa.array(payloads, pa.binary()))
        rows = rows.append_column(c.SEALED, pa.array(sealed, pa.bool_()))
        digests = [
            None if seal or payload is None else hashlib.sha256(payload).hexdigest() for payload, seal in zip(payloads, sealed, strict=True)
        ]
        return rows.append_column(c.PAYLOAD_SHA256, pa.array(digests, pa.string()))

    def read(self, tenant: str, project: str, row: dict[str, Any]) -> bytes:
        """Return a quarantined record's bytes, decrypted.

        Raises:
            SealRefused: the payload can't be decrypted.
            BlobUnknown: the row is from before payloads were stored, and its raw bytes were deleted.
        """
        kept: bytes | None = row.get(c.PAYLOAD)
        if kept is None:
            return self._from_raw(tenant, project, row)
        return self._seal.open(kept, tenant, project, row["quarantine_id"]) if row.get(c.SEALED) else kept

    def _payload(self, raw: bytes | None, commit: Commit, place: dict[str, Any], seal: bool) -> bytes | None:  # noqa: FBT001 - of the row
        if raw is None:
            return None
        start, end = place[c.RAW_OFFSET], place[c.RAW_OFFSET] + place[c.RAW_LENGTH]
        if end > len(raw):
            raise Corrupt(f"blob {commit.origin.raw_sha256}", "is shorter than the places of its records")
        content = raw[start:end]
        return self._seal.close(content, commit.key.tenant, commit.key.project, place["quarantine_id"]) if seal else content

    def _raw(self, tenant: str, project: str, sha256: str) -> bytes | None:
        """Return the chunk's raw bytes; None if the chunk has no stored blob."""
        with self._metadata.reading() as connection:
            blob = blob_rows.find(connection, tenant, project, sha256) if sha256 else None
        return None if blob is None else checked(self._blobs.get(blob.key), blob.sha256)

    def _from_raw(self, tenant: str, project: str, row: dict[str, Any]) -> bytes:
        with self._metadata.reading() as connection:
            blob = blob_rows.find(connection, tenant, project, row["raw_sha256"])
        if blob is None:
            raise BlobUnknown(row["raw_sha256"])
        return self._blobs.get_range(blob.key, row[c.RAW_OFFSET], row[c.RAW_LENGTH]) if row[c.RAW_LENGTH] else b""


def _against_policy(violations: "pa.ChunkedArray") -> list[bool]:
    """Return for each record whether it broke a policy of its profile."""
    reasons = pc.struct_field(pc.list_flatten(violations), "reason")
    broken = pc.filter(pc.list_parent_indices(violations), pc.equal(reasons, _POLICY_VIOLATION))
    marked: set[int] = set(broken.to_pylist())
    return [at in marked for at in range(len(violations))]
