"""The dedupe indexes of the datasets: opened at first use, few at a time, held against the dataset and rebuilt when behind or broken.

Derived data: the table is the truth. It decides no record; the compiled core does.
"""

import secrets
import shutil
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from chartly.platform.config import Limits
from chartly.platform.telemetry.log import Logger
from chartly.storage.domain.model import DatasetKey
from chartly.storage.errors import Corrupt, StoreUnavailable

from .files import make_folder

if TYPE_CHECKING:
    import pyarrow as pa

    from chartly.native import DedupeIndex

Keys = Iterable["tuple[pa.Array, pa.Array]"]
"""Batches of idempotency keys and record ids, as ``fixed_size_binary[32]``."""


class Indexes:
    """All datasets' indexes in one folder. Safe for threads; a dataset's writer alone changes its index."""

    def __init__(self, root: Path, limits: Limits, logger: Logger) -> None:
        self._root = root
        self._limits = limits
        self._logger = logger
        self._open: OrderedDict[DatasetKey, DedupeIndex] = OrderedDict()  # guarded by _lock
        self._lock = Lock()

    def open(self, key: DatasetKey) -> "DedupeIndex":
        """Open a dataset's index; a broken one is put aside and begun anew, with no watermark.

        Raises:
            StoreUnavailable: the disk refuses.
        """
        from chartly.native import IndexDamaged  # noqa: PLC0415 - the compiled core, at first use

        with self._lock, _translated():
            held = self._open.get(key)
            if held is not None:
                self._open.move_to_end(key)
                return held
            path = self._root / key.path
            make_folder(path)
            try:
                index = self._open_at(path)
            except IndexDamaged as broken:
                self._logger.warning("dedupe index broken", dataset=key.dataset, problem=str(broken))
                self._put_aside(path)
                make_folder(path)
                index = self._open_at(path)
            self._open[key] = index
            while len(self._open) > self._limits.dedupe_indexes_open_max:
                self._open.popitem(last=False)[1].close()
            return index

    def reset(self, key: DatasetKey) -> None:
        """Put a dataset's index aside, as broken; the next ``open`` begins anew."""
        with self._lock:
            held = self._open.pop(key, None)
            if held is not None:
                held.close()
            self._put_aside(self._root / key.path)

    def watermark(self, key: DatasetKey) -> int:
        """Tell the sequence that the index reflects; 0 for none, also when it turns out to be broken."""
        from chartly.native import IndexDamaged  # noqa: PLC0415 - as above

        try:
            with _translated():
                return self.open(key).watermark() or 0
        except IndexDamaged as broken:
            self._logger.warning("dedupe index broken", dataset=key.dataset, problem=str(broken))
            self.reset(key)
            return 0

    def probe(self, key: DatasetKey, keys: "pa.Array") -> "pa.Array":
        """Tell the record id that each key holds, or null.

        Raises:
            IndexDamaged: reset and rebuild it.
        """
        import pyarrow as pa  # noqa: PLC0415 - 40 MB that an idle process does without

        with _translated():
            return pa.array(self.open(key).probe(keys))

    def apply(self, key: DatasetKey, keys: "pa.Array", record_ids: "pa.Array", sequence: int) -> None:
        """Take a commit in, whole and durable."""
        with _translated():
            self.open(key).apply(keys, record_ids, watermark=sequence)

    def rebuild(self, key: DatasetKey, keys: Keys, sequence: int) -> None:
        """Build the index anew from the table's keys, as of ``sequence``."""
        with _translated():
            index = self.open(key)
            rebuild = index.rebuild()
            for batch, record_ids in keys:
                rebuild.add(batch, record_ids)
            rebuild.finish(sequence)
        self._logger.warning("dedupe index rebuilt", dataset=key.dataset, sequence=sequence)

    def close(self) -> None:
        """Close all indexes."""
        with self._lock:
            for index in self._open.values():
                index.close()
            self._open.clear()

    def _open_at(self, path: Path) -> "DedupeIndex":
        from chartly.native import DedupeIndex  # noqa: PLC0415 - as above

        limits = self._limits
        return DedupeIndex.open(path, cache_bytes=limits.dedupe_cache_bytes, memtable_bytes_max=limits.dedupe_memtable_bytes_max)

    @staticmethod
    def _put_aside(path: Path) -> None:
        if path.exists():
            aside = path.with_name(f"{path.name}.broken-{secrets.token_hex(4)}")
            path.rename(aside)
            shutil.rmtree(aside)


class _translated:  # noqa: N801 - a context manager, used like a function
    """Turn the index' own failures into ours, but for damage, which ``Indexes`` answers itself."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, failure: BaseException | None, _: object) -> None:
        if failure is None:
            return
        from chartly.native import IndexLocked, IndexPoisoned, IndexStale, IndexUnusable  # noqa: PLC0415 - as above

        if isinstance(failure, IndexStale):
            raise Corrupt("dedupe index", "it is ahead of its dataset") from failure
        if isinstance(failure, IndexUnusable | IndexPoisoned | IndexLocked | OSError):
            raise StoreUnavailable(type(failure).__name__) from failure
