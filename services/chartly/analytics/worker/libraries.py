"""The large libraries of the worker process. Each is imported at its first use: the parent imports the worker's modules too."""

from typing import TYPE_CHECKING

from chartly.platform.lazy import lazy_module

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    import vl_convert
else:
    duckdb = lazy_module("duckdb")
    pa = lazy_module("pyarrow")
    pc = lazy_module("pyarrow.compute")
    pq = lazy_module("pyarrow.parquet")
    vl_convert = lazy_module("vl_convert")

__all__ = ["duckdb", "pa", "pc", "pq", "vl_convert"]
