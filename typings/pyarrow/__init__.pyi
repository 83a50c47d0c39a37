"""pyarrow carries no types. Its names are Any here, so that strict checking covers our own code around it."""

from typing import Any, TypeAlias

from . import compute as compute
from . import parquet as parquet
from . import types as types

Array: TypeAlias = Any
Buffer: TypeAlias = Any
ChunkedArray: TypeAlias = Any
DataType: TypeAlias = Any
Field: TypeAlias = Any
RecordBatch: TypeAlias = Any
Schema: TypeAlias = Any
Table: TypeAlias = Any

class RecordBatchReader:
    schema: Any
    @staticmethod
    def from_stream(data: Any, schema: Any = None) -> Any: ...
    def __getattr__(self, name: str) -> Any: ...

class ArrowException(Exception): ...
class ArrowInvalid(ValueError, ArrowException): ...

def __getattr__(name: str) -> Any: ...
