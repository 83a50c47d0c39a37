"""The dedupe indexes of the datasets: opened at first use, a bounded number at a time, reopened after an error, reset if damaged.

An index is derived data: it is rebuilt from the dataset's table whenever it does not reflect the last commit.
"""

import secrets
import shutil
from collections import OrderedDict
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from chartly.platform.config import Limits
from chartly.platform.telemetry.log import Logger
from chartly.storage.arrow import native, pa
from chartly.storage.durable_files import make_folder, translated
from chartly.storage.errors import Corrupt, StoreUnavailable
from chartly.storage.model import DatasetKey

Keys = Iterable["tuple[pa.Array, pa.Array]"]
"""Batches of idempotency keys and record ids, as ``fixed_size_binary[32]``."""


@dataclass
class _Open:
    index: "native.DedupeIndex"
    users: int = 0


class Indexes:
    """The indexes of all datasets, in one folder. Safe for threads; only a dataset's writer changes its index."""

    def __init__(self, root: Path, limits: Limits, logger: Logger) -> None:
        self._root = root
        self._limits = limits
        self._logger = logger
        # Both guarded by _lock. An index in use is never closed.
        self._open: OrderedDict[DatasetKey, _Open] = OrderedDict()
        self._lock = Lock()

    def probe(self, key: DatasetKey, keys: "pa.Array") -> "pa.Array":
        """Return the record id of each key, or null.

        Raises:
            IndexDamaged: the caller resets and rebuilds the index.
        """
        with self._using(key) as index:
            return pa.array(index.probe(keys))

    def apply(self, key: DatasetKey, keys: "pa.Array", record_ids: "pa.Array", sequence: int) -> None:
        """Store the keys of a commit, atomically and durably."""
        with self._using(key) as index:
            index.apply(keys, record_ids, watermark=sequence)

    def count(self, key: DatasetKey) -> int:
        """Count the keys by reading all of them."""
        with self._using(key) as index:
            return index.count()

    def watermark(self, key: DatasetKey) -> int:
        """Return the last commit that the index reflects; 0 if there is none, or if the index is damaged and was reset."""
        try:
            with self._using(key) as index:
                return index.watermark() or 0
        except native.IndexDamaged as broken:
            self._logger.warning("dedupe index broken", dataset=key.dataset, problem=str(broken))
            self.reset(key)
            return 0

    def rebuild(self, key: DatasetKey, keys: Keys, sequence: int) -> None:
        """Replace the index's content by the table's keys, as of commit ``sequence``."""
        with self._using(key) as index:
            rebuild = index.rebuild()
            for batch, record_ids in keys:
                rebuild.add(batch, record_ids)
            rebuild.finish(sequence)
        self._logger.info("dedupe index built from its table", dataset=key.dataset, sequence=sequence)

    def reset(self, key: DatasetKey) -> None:
        """Delete a dataset's damaged index. The next use creates an empty one."""
        with self._lock:
            self._close(key)
            self._put_aside(self._root / key.path)

    def close(self) -> None:
        """Close all indexes."""
        with self._lock:
            for key in list(self._open):
                self._close(key)

    @contextmanager
    def _using(self, key: DatasetKey) -> Generator["native.DedupeIndex"]:
        """Keep an index open while the block runs. Convert its errors, except damage, which the caller handles."""
        with translated():
            opened = self._acquire(key)
        try:
            yield opened.index
        except native.IndexStale as ahead:
            raise Corrupt("dedupe index", "it is ahead of its dataset") from ahead
        except (native.IndexUnusable, native.IndexPoisoned, native.IndexLocked) as refused:
            with self._lock:
                # A handle that failed to write refuses all further calls. A new one recovers the last complete batch.
                self._close(key)
            raise StoreUnavailable(type(refused).__name__) from refused
        finally:
            with self._lock:
                opened.users -= 1

    def _acquire(self, key: DatasetKey) -> _Open:
        with self._lock:
            opened = self._open.get(key)
            if opened is None:
                opened = self._open[key] = _Open(self._open_at(key))
            self._open.move_to_end(key)
            opened.users += 1
            idle = [other for other, held in self._open.items() if not held.users]
            for other in idle[: max(0, len(self._open) - self._limits.dedupe_indexes_open_max)]:
                self._close(other)
            return opened

    def _open_at(self, key: DatasetKey) -> "native.DedupeIndex":
        path, limits = self._root / key.path, self._limits
        bounds = {"cache_bytes": limits.dedupe_cache_bytes, "memtable_bytes_max": limits.dedupe_memtable_bytes_max}
        try:
            make_folder(path)
            try:
                return native.DedupeIndex.open(path, **bounds)
            except native.IndexDamaged as broken:
                self._logger.warning("dedupe index broken", dataset=key.dataset, problem=str(broken))
                self._put_aside(path)
                make_folder(path)
                return native.DedupeIndex.open(path, **bounds)
        except native.IndexRefused as refused:
            raise StoreUnavailable(type(refused).__name__) from refused

    def _close(self, key: DatasetKey) -> None:
        opened = self._open.pop(key, None)
        if opened is not None:
            opened.index.close()

    @staticmethod
    def _put_aside(path: Path) -> None:
        if path.exists():
            aside = path.with_name(f"{path.name}.broken-{secrets.token_hex(4)}")
            path.rename(aside)
            shutil.rmtree(aside)
