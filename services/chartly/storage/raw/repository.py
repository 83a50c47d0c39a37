"""Blobs of projects: bytes in the blob store, each with its row in the metadata database. Blocking; safe for threads."""

import hashlib
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from chartly.platform.clock import Clock
from chartly.platform.metadata import Metadata
from chartly.storage.errors import BlobUnknown
from chartly.storage.names import blob_key
from chartly.storage.table.record_contracts import declared_content_type

from . import rows
from .blobs import BlobStore, Content, checked
from .rows import Blob


class BlobRepository:
    """Stores and reads blobs."""

    def __init__(self, store: BlobStore, metadata: Metadata, clock: Clock) -> None:
        self._store = store
        self._metadata = metadata
        self._clock = clock

    def put(self, project: tuple[str, str], content: Content, *, content_type: str, source_id: str) -> tuple[Blob, bool]:
        """Store bytes and their row, durably.

        Args:
            project: tenant and project.
            content: the bytes.
            content_type: their media type; empty means ``application/octet-stream``.
            source_id: the source that sent them.

        Returns the blob, and whether it is new: equal bytes are stored once, under the first row.
        """
        tenant, name = project
        digest = hashlib.sha256(content).hexdigest()
        key = blob_key(tenant, name, digest)
        # Also if the row exists: the store replaces a damaged file by the bytes at hand.
        self._store.put(key, content)
        blob = Blob(
            tenant=tenant,
            project=name,
            sha256=digest,
            bucket=self._store.bucket,
            key=key,
            content_type=declared_content_type(content_type),
            source_id=source_id,
            captured_at=self._clock.now(),
            size_bytes=len(content),
        )
        try:
            with self._metadata.writing() as connection:
                kept = rows.insert(connection, blob)
        except IntegrityError:
            # Another process stored equal bytes at the same time; its row is kept.
            kept = self._known(project, digest)
        return kept, kept is blob

    def find(self, project: tuple[str, str], sha256: str) -> Blob | None:
        """Return a blob's row; None if the project never stored these bytes."""
        with self._metadata.reading() as connection:
            return rows.find(connection, *project, sha256)

    def read(self, project: tuple[str, str], sha256: str, offset: int = 0, length: int = 0) -> bytes:
        """Return a blob's bytes from ``offset`` on, at most ``length`` of them; 0 for all that follow.

        Raises:
            BlobUnknown: the project never stored these bytes.
            Corrupt: the whole blob was read and does not have its digest; a part is not verified.
        """
        blob = self._known(project, sha256)
        if not offset and not length:
            return checked(self._store.get(blob.key), blob.sha256)
        length = min(length or blob.size_bytes, max(0, blob.size_bytes - offset))
        return self._store.get_range(blob.key, offset, length) if length else b""

    def link(self, project: tuple[str, str], sha256: str, path: Path) -> bool:
        """Link a blob's file to ``path``, without a copy. Returns False where that is impossible: the store is remote or another disk."""
        return self._store.link(blob_key(*project, sha256), path)

    def _known(self, project: tuple[str, str], sha256: str) -> Blob:
        blob = self.find(project, sha256)
        if blob is None:
            raise BlobUnknown(sha256)
        return blob
