"""The lookup tables of a normalizer profile: read from a dataset's version once, then stored as a blob under their digest.

With the blob, a frozen profile is repeatable: compaction may delete the version's files, the pinned bytes stay.
"""

import importlib
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson

from chartly.platform.blocking import Blocking
from chartly.platform.config import Limits
from chartly.platform.errors import RemoteError
from chartly.platform.rpc.blob_stream import blob_messages
from chartly.platform.rpc.clients import Clients
from chartly.profiles.errors import LookupRefused
from chartly.profiles.lookups import Lookup, check_pinned, expanded, lookups_of, table_of_rows, table_text
from chartly.v1 import blob_pb2, dataset_pb2

_CONTENT_TYPE = "application/json"
_DIGEST_PREFIX = "sha256:"


class LookupTables:
    """Puts lookup tables into resolved profiles in place of the datasets that they name. Use it from one event loop."""

    def __init__(self, clients: Clients, blocking: Blocking, limits: Limits) -> None:
        self._clients = clients
        self._blocking = blocking
        self._limits = limits

    async def expand(self, document: dict[str, Any], resolved_json: str) -> str:
        """Return the profile with its lookup tables in place; the same text if it names no dataset.

        Raises:
            LookupRefused: the version's table doesn't have the hash that the profile pins.
            RemoteError: DATASET_UNKNOWN.
        """
        lookups = lookups_of(document["spec"])
        if not lookups:
            return resolved_json
        texts = {lookup: await self._text(lookup) for lookup in lookups}

        def put() -> str:
            return orjson.dumps(expanded(document, lambda lookup: orjson.loads(texts[lookup]))).decode()

        return await self._blocking.run(put)

    async def _text(self, lookup: Lookup) -> bytes:
        """Return the frozen table; freeze it at its first use."""
        try:
            return await self._blob(lookup.hash.removeprefix(_DIGEST_PREFIX))
        except RemoteError as refused:
            if refused.remote_reason != "BLOB_UNKNOWN":
                raise
        request = dataset_pb2.OpenSnapshotRequest(dataset=lookup.dataset, version=lookup.version)
        snapshot = await self._clients.dataset.OpenSnapshot(request)
        columns = {column.name for column in snapshot.columns}
        for column in (lookup.key, lookup.value):
            if column not in columns:
                raise LookupRefused(lookup.dataset, lookup.version, f"has no column {column}")
        text = await self._blocking.run(self._read, lookup, list(snapshot.file_uris))
        check_pinned(lookup, text)
        await self._clients.blob.PutBlob(blob_messages(text, _CONTENT_TYPE, lookup.dataset))
        return text

    def _read(self, lookup: Lookup, files: Iterable[str]) -> bytes:
        rows = (row for uri in files for row in _rows(lookup, uri))
        return table_text(table_of_rows(lookup, rows, self._limits.lookup_rows_max, self._limits.lookup_bytes_max))

    async def _blob(self, digest: str) -> bytes:
        content = bytearray()
        async for part in self._clients.blob.GetBlob(blob_pb2.GetBlobRequest(sha256=digest)):
            content += part.data
            if len(content) > self._limits.payload_bytes_max:
                raise LookupRefused("", 0, f"the table has more than limits.payload_bytes_max ({self._limits.payload_bytes_max}) bytes")
        return bytes(content)


def _rows(lookup: Lookup, uri: str) -> Iterable[tuple[Any, Any]]:
    """Yield the rows of two columns of a Parquet file, read batch by batch."""
    # Imported when the first table is read, as in chunk.py. It ships no types.
    pq: Any = importlib.import_module("pyarrow.parquet")
    parts = urlsplit(uri)
    if parts.scheme != "file":
        raise LookupRefused(lookup.dataset, lookup.version, "its files are not in the data directory that the normalizer reads")
    with pq.ParquetFile(unquote(parts.path)) as file:
        for batch in file.iter_batches(columns=list(dict.fromkeys((lookup.key, lookup.value)))):
            rows = batch.to_pydict()
            yield from zip(rows[lookup.key], rows[lookup.value], strict=True)
