"""What a dataset's dedupe index holds: the table's keys with their record ids, and the keys that retention took out, marked as such.

A key that is gone has the record id of 32 zero bytes, which no record has. Both are kept as files, so the index stays derived data.
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
from chartly.storage.table.digests import digest_column
from chartly.storage.table.keys import table_keys

_DIGEST_BYTES = 32
_GONE = bytes(_DIGEST_BYTES)
# As for table files: the keys don't compress, so the level is the fastest.
_COMPRESSION = "zstd"
_COMPRESSION_LEVEL = 1


def index_content(expired: Iterable[Path], table: Iterable[Path]) -> "Iterator[tuple[pa.Array, pa.Array]]":
    """Give all keys with what the index holds for them; a key that went and is back comes again, and its last word counts.

    Raises:
        Corrupt: a file is missing or can't be read.
    """
    for path in expired:
        keys = read_expired(path)
        yield keys, gone(len(keys))
    yield from table_keys(list(table))


def gone(count: int) -> "pa.Array":
    """Record ids of keys that are gone."""
    return pa.array([_GONE], pa.binary(_DIGEST_BYTES)).take(pa.array([0] * count, pa.int64())) if count else pa.array([], pa.binary(32))


def is_gone(held: "pa.Array") -> "pa.Array":
    """Tell which of the index's answers are of keys that are gone."""
    return pc.fill_null(pc.equal(held, pa.scalar(_GONE, pa.binary(_DIGEST_BYTES))), fill_value=False)


def write_expired(folder: Path, keys: "pa.Array", sequence: int) -> TableFile:
    """Write keys that a commit takes out; durable on return."""
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
    with translated():
        make_folder(folder)
        write_durable(folder / name, content)
        sync_folder(folder)
    return TableFile(path=name, sha256=digest, size_bytes=len(content), rows=len(keys), partition={}, stats="")


def read_expired(path: Path) -> "pa.Array":
    """Read keys that a commit took out.

    Raises:
        Corrupt: the file is missing or can't be read.
    """
    try:
        content = path.read_bytes()
        if not hashlib.sha256(content).hexdigest().startswith(digest_in(path.name)):
            raise Corrupt(f"file of expired keys {path.name}", "its bytes are not those that were written")
        with pq.ParquetFile(pa.BufferReader(content)) as file:
            return digest_column(file.read([IDEMPOTENCY_KEY]).column(IDEMPOTENCY_KEY))
    except (pa.ArrowException, OSError, ValueError) as broken:
        raise Corrupt(f"file of expired keys {path.name}", "can't be read") from broken
