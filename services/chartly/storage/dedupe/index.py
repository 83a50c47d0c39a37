"""The dedupe indexes of the datasets: opened at first use, few at a time, opened anew after a failure, begun anew when broken.

Derived data: the table is the truth, and who finds an index behind rebuilds it. It decides no record; the compiled core does.
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
    """All datasets' indexes in one folder. Safe for threads; a dataset's writer alone changes its index."""

    def __init__(self, root: Path, limits: Limits, logger: Logger) -> None:
        self._root = root
        self._limits = limits
        self._logger = logger
        # Both guarded by _lock; an index in use is never closed.
        self._open: OrderedDict[DatasetKey, _Open] = OrderedDict()
        self._lock = Lock()

    def probe(self, key: DatasetKey, keys: "pa.Array") -> "pa.Array":
        """Tell the record id that each key holds, or null.

        Raises:
            IndexDamaged: ``reset`` and rebuild it.
        """
        with self._using(key) as index:
            return pa.array(index.probe(keys))

    def apply(self, key: DatasetKey, keys: "pa.Array", record_ids: "pa.Array", sequence: int) -> None:
        """Take a commit in, whole and durable."""
        with self._using(key) as index:
            index.apply(keys, record_ids, watermark=sequence)

    def count(self, key: DatasetKey) -> int:
        """Count the keys by reading all of them."""
        with self._using(key) as index:
            return index.count()

    def watermark(self, key: DatasetKey) -> int:
        """Tell the sequence that the index reflects; 0 for none, also when it turns out to be broken."""
        try:
            with self._using(key) as index:
                return index.watermark() or 0
        except native.IndexDamaged as broken:
            self._logger.warning("dedupe index broken", dataset=key.dataset, problem=str(broken))
            self.reset(key)
            return 0

    def rebuild(self, key: DatasetKey, keys: Keys, sequence: int) -> None:
        """Build the index anew from the table's keys, as of ``sequence``."""
        with self._using(key) as index:
            rebuild = index.rebuild()
            for batch, record_ids in keys:
                rebuild.add(batch, record_ids)
            rebuild.finish(sequence)
        self._logger.info("dedupe index built from its table", dataset=key.dataset, sequence=sequence)

    def reset(self, key: DatasetKey) -> None:
        """Put a dataset's index aside, as broken; the next use begins anew."""
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
        """Hold an index open for a block; its own failures become ours, but for damage, which the caller answers."""
        with translated():
            opened = self._acquire(key)
        try:
            yield opened.index
        except native.IndexStale as ahead:
            raise Corrupt("dedupe index", "it is ahead of its dataset") from ahead
        except (native.IndexUnusable, native.IndexPoisoned, native.IndexLocked) as refused:
            with self._lock:
                # A handle that failed to write refuses for ever; a new one recovers its last whole batch.
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
