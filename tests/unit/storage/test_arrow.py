"""The lazy imports of storage's large libraries."""

import subprocess
import sys

_LARGE = ("pyarrow", "duckdb", "deltalake", "obstore", "cryptography.hazmat.primitives.ciphers.aead")


def test_importing_the_service_loads_no_large_library() -> None:
    """Importing storage's service loads none of Arrow, DuckDB, Delta, obstore and AES-GCM."""
    code = f"import sys, chartly.storage.service; print([name for name in {_LARGE!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_every_name_stands_for_its_module() -> None:
    """Each lazy name works as its module."""
    code = (
        "from chartly.storage import arrow\n"
        "arrow.pa.table, arrow.pc.equal, arrow.pq.ParquetFile, arrow.duckdb.connect, arrow.native.ContentHash\n"
        "arrow.deltalake.DeltaTable, arrow.delta_errors.DeltaError, arrow.delta_transaction.AddAction\n"
        "arrow.obstore.put, arrow.obstore_errors.BaseError, arrow.obstore_store.from_url\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
