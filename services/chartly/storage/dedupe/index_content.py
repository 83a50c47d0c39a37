"""The content of a dataset's dedupe index: the table's keys with their record ids, and the keys that retention removed.

A removed key has a record id of 32 zero bytes in the index, which no record has. Removed keys are kept in files of their own, so that the
index can be rebuilt from files at any time.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from chartly.storage.arrow import pa, pc, pq
from chartly.storage.durable_files import make_folder, sync_folder, translated, write_durable
from chartly.storage.errors import Corrupt
from chartly.storage.model import TableFile
from chartly.storage.names import digest_in, expired_file
from chartly.storage.table.columns import IDEMPOTENCY_KEY
from chartly.storage.table.data_files import deleted_on_failure
from chartly.storage.table.digests import digest_column, no_digests
from chartly.storage.table.keys import table_keys

_DIGEST_BYTES = 32
_EXPIRED_ID = bytes(_DIGEST_BYTES)
# As for table files: the keys don't compress, so the level is the fastest.
_COMPRESSION = "zstd"
_COMPRESSION_LEVEL = 1


def index_content(expired: Iterable[Path], table: Iterable[Path]) -> "Iterator[tuple[pa.Array, pa.Array]]":
    """Yield all keys with their record ids, in batches. A key that expired and was admitted later is yielded twice; the last one counts.

    Raises:
        Corrupt: a file is missing or can't be read.
    """
    for path in expired:
        keys = read_expired(path)
        yield keys, expired_ids(len(keys))
    yield from table_keys(list(table))


def expired_ids(count: int) -> "pa.Array":
    """Return the record ids that the index holds for ``count`` expired keys."""
    if not count:
        return no_digests()
    return pa.array([_EXPIRED_ID], pa.binary(_DIGEST_BYTES)).take(pa.array([0] * count, pa.int64()))


def is_expired(held: "pa.Array") -> "pa.Array":
    """Return for each record id of the index whether it marks an expired key."""
    return pc.fill_null(pc.equal(held, pa.scalar(_EXPIRED_ID, pa.binary(_DIGEST_BYTES))), fill_value=False)


def write_expired(folder: Path, keys: "pa.Array", sequence: int) -> TableFile:
    """Write the keys that a commit removes by retention; the file is durable on return. If it fails, no file is left behind."""
    out = pa.BufferOutputStream()
    pq.write_table(
        pa.table({IDEMPOTENCY_KEY: keys.cast(pa.binary())}),
        out,
        compression=_COMPRESSION,
        compression_level=_COMPRESSION_LEVEL,
        use_dictionary=False,
        write_page_checksum=True,
    )
    content = memoryview(out.getvalue())
    digest = hashlib.sha256(content).hexdigest()
    name = expired_file(sequence, digest)
    file = TableFile(path=name, sha256=digest, size_bytes=len(content), rows=len(keys), partition={}, stats="")
    with translated(), deleted_on_failure(folder, [file]):
        make_folder(folder)
        write_durable(folder / name, content)
        sync_folder(folder)
    return file


def read_expired(path: Path) -> "pa.Array":
    """Read the keys that a commit removed by retention.

    Raises:
        Corrupt: the file is missing, can't be read, or its bytes changed.
    """
    try:
        content = path.read_bytes()
        if not hashlib.sha256(content).hexdigest().startswith(digest_in(path.name)):
            raise Corrupt(f"file of expired keys {path.name}", "its bytes are not those that were written")
        with pq.ParquetFile(pa.BufferReader(content)) as file:
            return digest_column(file.read([IDEMPOTENCY_KEY]).column(IDEMPOTENCY_KEY))
    except (pa.ArrowException, OSError, ValueError) as broken:
        raise Corrupt(f"file of expired keys {path.name}", "can't be read") from broken
