"""DuckDB files with a bound on memory, for comparing more keys than fit into memory. Rows above the bound go to temporary files."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from chartly.storage.arrow import duckdb
from chartly.storage.errors import Corrupt, DiskFull, ReprocessMemoryExceeded


def open_database(path: Path, memory_bytes: int) -> "duckdb.DuckDBPyConnection":
    """Create an empty database file, and delete one that a killed process left. One thread uses it.

    Raises:
        ReprocessMemoryExceeded: the memory is not enough for a database.
    """
    delete_database(path)
    with translated_errors(memory_bytes):
        return duckdb.connect(
            str(path),
            config={
                "memory_limit": f"{memory_bytes}B",
                "threads": "1",
                "temp_directory": f"{path}.spill",
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )


def delete_database(path: Path) -> None:
    """Delete a closed database's files. DuckDB deletes the folder of rows above the bound when the database is closed."""
    for file in (path, path.with_name(f"{path.name}.wal")):
        file.unlink(missing_ok=True)


@contextmanager
def translated_errors(memory_bytes: int) -> Generator[None]:
    """Raise DuckDB's errors as storage's.

    Raises:
        ReprocessMemoryExceeded: a statement needs more memory at once, or more disk for rows above it, than there is.
        DiskFull: a file of the database can't be written.
        Corrupt: a file that a statement reads is missing or can't be read.
    """
    try:
        yield
    except duckdb.OutOfMemoryException as refused:
        raise ReprocessMemoryExceeded(memory_bytes) from refused
    except (duckdb.IOException, duckdb.InvalidInputException) as broken:
        if "No space left" in str(broken):
            raise DiskFull(retry_after_s=30.0) from broken
        raise Corrupt("table or staged files", "can't be read") from broken
