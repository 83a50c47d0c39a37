"""Removes replaced records from a table: rewrites the files that hold them, without them. For the dedupe policy ``last`` only.

It searches the key column of every file, so its cost grows with the table. The other dedupe policies never replace a record.
"""

from chartly.storage.arrow import pa, pc, pq
from chartly.storage.durable_files import sync_folder, translated
from chartly.storage.errors import Corrupt
from chartly.storage.model import TableFile
from chartly.storage.policy import StoragePolicy
from chartly.storage.table.columns import IDEMPOTENCY_KEY
from chartly.storage.table.data_files import deleted_on_failure, read_files, write_file
from chartly.storage.table.delta_table import LocalDeltaTable

from .failpoints import CommitFailpoint, reached


def remove_replaced(
    table: LocalDeltaTable, keys: "pa.Array", sequence: int, part: int, policy: StoragePolicy
) -> tuple[tuple[TableFile, ...], tuple[str, ...]]:
    """Rewrite the files that hold rows with these keys, without the rows; return the new files and the paths of the old ones.

    Raises:
        Corrupt: the table lacks a key that the index holds, or a file can't be read; no file is left behind.
        DiskFull, StoreUnavailable: a file can't be written; no file is left behind.
    """
    wanted = keys.cast(pa.binary())
    found = 0
    added: list[TableFile] = []
    removed: list[str] = []
    with translated(), deleted_on_failure(table.path, added):
        for file in table.live_files():
            path = table.path / file.path
            try:
                held = pq.read_table(path, columns=[IDEMPOTENCY_KEY], partitioning=None).column(IDEMPOTENCY_KEY)
            except (pa.ArrowException, OSError) as broken:
                raise Corrupt(f"table file {file.path}", "can't be read") from broken
            hit = pc.is_in(held, value_set=wanted)
            hits = pc.sum(hit).as_py() or 0
            if not hits:
                continue
            rows = read_files([path]).filter(pc.invert(hit))
            found += hits
            removed.append(file.path)
            if rows.num_rows:
                added.append(write_file(table.path, rows, sequence, part + len(added), dict(file.partition), policy))
        if found != len(wanted):
            raise Corrupt(f"table {table.path.name}", f"holds {found} of {len(wanted)} keys that its index holds")
        sync_folder(table.path)
        reached(CommitFailpoint.REPLACED_REWRITTEN)
    return tuple(added), tuple(removed)
