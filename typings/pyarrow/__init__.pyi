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
RecordBatchReader: TypeAlias = Any
Schema: TypeAlias = Any
Table: TypeAlias = Any

class ArrowException(Exception): ...
class ArrowInvalid(ValueError, ArrowException): ...

def __getattr__(name: str) -> Any: ...
