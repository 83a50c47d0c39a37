"""One Delta table in a local folder. Its commits carry our sequence number, and are durable on return.

The library syncs nothing to disk. Every commit therefore syncs its log entry and the log's folder here, and checkpoints are written and
synced here (``delta_log_files.py``). The cost of a commit does not grow with the table. This module decides nothing about rows.

Not safe for threads: only the dataset's writer uses it.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chartly.platform.clock import Clock
from chartly.storage.arrow import delta_errors, delta_transaction, deltalake, pa
from chartly.storage.durable_files import make_folder, sync_file, sync_folder, translated
from chartly.storage.errors import ColumnsRefused, Corrupt, DiskFull, StoreUnavailable
from chartly.storage.model import TableFile

from .delta_log_files import DeltaLogFiles
from .live_file import LiveFile

_LISTED = frozenset({"path", "size_bytes", "partition"})
# Commits between checkpoints: opening a table reads at most this many log entries.
_CHECKPOINT_COMMITS = 64
_CONFIGURATION = {
    # Log entries older than this may go once a checkpoint covers them: how far back a version can be read.
    "delta.logRetentionDuration": "interval 30 days",
    "delta.checkpointInterval": str(_CHECKPOINT_COMMITS),
}


class LocalDeltaTable:
    """A table, opened at first use and kept open. A commit on an open table reads only the new entries of the log."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._log = DeltaLogFiles(path)
        self._table: deltalake.DeltaTable | None = None

    def exists(self) -> bool:
        """Return whether the table was created."""
        return self._opened() is not None

    def schema(self) -> "pa.Schema | None":
        """Return the table's schema with its partition columns; None before it is created."""
        table = self._opened()
        return None if table is None else pa.schema(table.schema())

    def partition_columns(self) -> tuple[str, ...]:
        """Return the partition columns that the table was created with."""
        table = self._opened()
        return () if table is None else tuple(table.metadata().partition_columns)

    def sequence(self, application: str) -> int:
        """Return the last sequence of ``application`` in the table's log; 0 for none. New log entries are read first."""
        table = self._opened()
        if table is None:
            return 0
        with self._translated():
            table.update_incremental()
            return table.transaction_version(application) or 0

    def version(self) -> int:
        """Return the table's last version."""
        return self._required().version()

    def create(self, schema: "pa.Schema", partition_columns: Sequence[str]) -> None:
        """Create the table if it does not exist."""
        if self.exists():
            return
        fields = [*schema, *(pa.field(name, pa.string()) for name in partition_columns)]
        with self._translated():
            make_folder(self._log.folder)
            self._table = deltalake.DeltaTable.create(
                str(self.path),
                pa.schema(fields),
                mode="ignore",
                partition_by=list(partition_columns),
                configuration=_CONFIGURATION,
            )
            self._log.sync_entry(0)

    def grow(self, schema: "pa.Schema") -> None:
        """Add the columns of ``schema`` that the table lacks."""
        table = self._required()
        held = set(pa.schema(table.schema()).names)
        fresh = [field for field in schema if field.name not in held]
        if not fresh:
            return
        with self._translated():
            table.alter.add_columns(list(deltalake.Schema.from_arrow(pa.schema(fresh)).fields), post_commithook_properties=_no_hooks())
            table.update_incremental()
            self._log.sync_entry(table.version())

    def commit(
        self,
        application: str,
        sequence: int,
        *,
        added: Sequence[TableFile],
        removed: Sequence[str] = (),
        replace_schema: "pa.Schema | None" = None,
        facts: dict[str, str],
    ) -> int:
        """Commit files under ``application``'s ``sequence``; return the table version that holds them. It is durable.

        The caller checks first that the table does not hold the sequence: the format itself would accept it twice.

        Args:
            application: the id that the sequence belongs to.
            sequence: one more than the last.
            added: durable files in the folder.
            removed: live files that the table no longer refers to.
            replace_schema: if set, the files replace the whole content, and the table gets this schema.
            facts: stored in the log entry for people to read.
        """
        properties = deltalake.CommitProperties(
            custom_metadata=dict(facts), app_transactions=[deltalake.Transaction(application, sequence)], max_commit_retries=0
        )
        return self._write(added, removed, replace_schema, properties)

    def rewrite(self, added: Sequence[TableFile], removed: Sequence[str]) -> int:
        """Replace files by others with the same rows, as compaction does; return the new version."""
        return self._write(added, removed, None, deltalake.CommitProperties(max_commit_retries=0), data_change=False)

    def restore(self, version: int, application: str, sequence: int) -> None:
        """Return files and schema to an earlier version of the table, as a new version under ``application``'s ``sequence``."""
        properties = deltalake.CommitProperties(app_transactions=[deltalake.Transaction(application, sequence)], max_commit_retries=0)
        table = self._required()
        with self._translated():
            table.restore(version, commit_properties=properties, post_commithook_properties=_no_hooks())
            table.update_incremental()
            self._log.sync_entry(table.version())
        # The schema may have fewer columns now; the open table is read again.
        self._table = None

    def check_columns(self, schema: "pa.Schema", partition_columns: Sequence[str]) -> None:
        """Check that the table can have the columns of ``schema`` in addition to those that it has. Nothing is changed.

        Raises:
            ColumnsRefused: the table format doesn't allow them.
        """
        held = self.schema()
        fields = {field.name: field for field in (*(held or ()), *schema)}
        if held is not None and len(fields) == len(held):
            return
        names = [] if held is not None else [pa.field(name, pa.string()) for name in partition_columns]
        try:
            deltalake.Schema.from_arrow(pa.schema([*fields.values(), *names]))
        except Exception as refused:
            # The library raises a bare Exception for some of its refusals.
            raise ColumnsRefused(str(refused)) from refused

    def live_files(self) -> list[LiveFile]:
        """Return the live files with size and partition."""
        table = self._required()
        actions = table.get_add_actions(flatten=False)
        # The library's own table is untyped where it becomes Python values.
        table_of_files: Any = actions
        columns = {name: table_of_files.column(name).to_pylist() for name in actions.schema.names if name in _LISTED}
        paths: list[str] = columns["path"]
        sizes: list[int] = columns["size_bytes"]
        partitions: list[dict[str, str | None] | None] = columns.get("partition") or [None] * len(paths)
        return [
            LiveFile(path, size, tuple(sorted((values or {}).items()))) for path, size, values in zip(paths, sizes, partitions, strict=True)
        ]

    def paths(self, version: int | None = None) -> list[Path]:
        """Return the live files of a version, or of the last one, in the order of their names."""
        table = self._required()
        if version is not None and version != table.version():
            with self._translated():
                table = deltalake.DeltaTable(str(self.path), version=version)
        return sorted(Path(uri) for uri in table.file_uris())

    def maintain(self, *, retention_s: int) -> None:
        """Delete files that no version within ``retention_s`` refers to, files left by crashes, and log entries past their retention.

        The library compares the removal time in the log with the machine's clock.
        """
        table = self._required()
        with self._translated():
            self._log.write_checkpoint(self._required())
            hours = max(1, -(-retention_s // 3600))
            table.vacuum(
                retention_hours=hours,
                dry_run=False,
                enforce_retention_duration=False,
                full=True,
                post_commithook_properties=_no_hooks(),
            )
            table.update_incremental()
            self._log.sync_entry(table.version())
            table.cleanup_metadata()
            sync_folder(self._log.folder)

    def _write(
        self,
        added: Sequence[TableFile],
        removed: Sequence[str],
        replace_schema: "pa.Schema | None",
        properties: "deltalake.CommitProperties",
        *,
        data_change: bool = True,
    ) -> int:
        table = self._required()
        now_ms = int(self._clock.now().timestamp() * 1000)
        partition_columns = list(table.metadata().partition_columns)
        partitions = {file.path: dict(file.partition) for file in self.live_files()} if removed else {}
        if not partitions.keys() >= set(removed):
            raise Corrupt(f"table {self.path.name}", "a file to be removed is not live")
        actions: list[delta_transaction.AddAction | delta_transaction.RemoveAction] = [
            delta_transaction.RemoveAction(path, data_change, now_ms, None, partitions[path]) for path in removed
        ]
        actions += [
            delta_transaction.AddAction(file.path, file.size_bytes, _partition(file, partition_columns), now_ms, data_change, file.stats)
            for file in added
        ]
        with self._translated():
            table.create_write_transaction(
                actions,
                "append" if replace_schema is None else "overwrite",
                table.schema() if replace_schema is None else replace_schema,
                partition_columns,
                commit_properties=properties,
                post_commithook_properties=_no_hooks(),
            )
            table.update_incremental()
            version = table.version()
            self._log.sync_entry(version)
            if version % _CHECKPOINT_COMMITS == 0:
                self._log.write_checkpoint(self._required())
        return version

    def _opened(self) -> "deltalake.DeltaTable | None":
        """Open the table, if it exists. What a former process wrote is synced before anything builds on it."""
        if self._table is None:
            if not any(self._log.entries()):
                return None
            with self._translated():
                self._table = self._open()
                for entry in self._log.entries():
                    sync_file(entry)
                sync_folder(self._log.folder)
                sync_folder(self.path)
        return self._table

    def _required(self) -> "deltalake.DeltaTable":
        table = self._opened()
        if table is None:
            raise Corrupt(f"table {self.path.name}", "its transaction log is gone")
        return table

    def _open(self) -> "deltalake.DeltaTable":
        try:
            return deltalake.DeltaTable(str(self.path))
        except (delta_errors.DeltaError, OSError, ValueError) as refused:
            if not self._log.put_checkpoint_aside():
                raise Corrupt(f"table {self.path.name}", "its transaction log can't be read") from refused
        try:
            return deltalake.DeltaTable(str(self.path))
        except (delta_errors.DeltaError, OSError, ValueError) as refused:
            raise Corrupt(f"table {self.path.name}", "its transaction log can't be read") from refused

    @contextmanager
    def _translated(self) -> Generator[None]:
        """Turn the library's errors into ours. After an error the table is reopened, so that nothing builds on a half-known state."""
        try:
            with translated():
                yield
        except delta_errors.DeltaError as refused:
            self._table = None
            if "No space left" in str(refused):
                raise DiskFull(retry_after_s=30.0) from refused
            raise StoreUnavailable(type(refused).__name__) from refused
        except BaseException:
            self._table = None
            raise


def _partition(file: TableFile, columns: Sequence[str]) -> dict[str, str | None]:
    return {name: file.partition.get(name) for name in columns}


def _no_hooks() -> "deltalake.PostCommitHookProperties":
    return deltalake.PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
