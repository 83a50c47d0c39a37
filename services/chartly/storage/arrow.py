"""Storage's one boundary to the large libraries: Arrow, DuckDB, Delta, the object store and the compiled core.

Each is imported at the first use of one of its attributes: a process that serves storage and holds no data yet saves 100 MB of memory and
half a second of start. Other modules of storage import these names from here and use them as the modules that they stand for. Type
annotations that name one of them stay in quotes, else they would load it.
"""

from typing import TYPE_CHECKING

from chartly.platform.lazy import lazy_module

if TYPE_CHECKING:
    import deltalake
    import deltalake.exceptions as delta_errors
    import deltalake.transaction as delta_transaction
    import duckdb
    import obstore
    import obstore.exceptions as obstore_errors
    import obstore.store as obstore_store
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from chartly import native
else:
    deltalake = lazy_module("deltalake")
    delta_errors = lazy_module("deltalake.exceptions")
    delta_transaction = lazy_module("deltalake.transaction")
    duckdb = lazy_module("duckdb")
    native = lazy_module("chartly.native")
    obstore = lazy_module("obstore")
    obstore_errors = lazy_module("obstore.exceptions")
    obstore_store = lazy_module("obstore.store")
    pa = lazy_module("pyarrow")
    pc = lazy_module("pyarrow.compute")
    pq = lazy_module("pyarrow.parquet")

__all__ = [
    "delta_errors",
    "delta_transaction",
    "deltalake",
    "duckdb",
    "native",
    "obstore",
    "obstore_errors",
    "obstore_store",
    "pa",
    "pc",
    "pq",
]
