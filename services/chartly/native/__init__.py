"""The compiled core, typed: plans, contracts, canonical bytes, paths, digests and the dedupe index.

Bytes and Arrow columns go in and out, never single records; every call lets other Python threads run. What an object does is said in
``_core.pyi``. Arrow goes through the PyCapsule interface: pyarrow, polars and duckdb take it without copying.
"""

from ._core import (
    IS_RELEASE,
    ContentHash,
    Contract,
    Deduped,
    DedupeIndex,
    Rebuild,
    Violation,
    canonicalize,
    dedupe,
    digest,
    digest_many,
    parse_check,
    query,
)
from .errors import (
    ContractError,
    DepthExceeded,
    IndexDamaged,
    IndexLocked,
    IndexPoisoned,
    IndexRefused,
    IndexStale,
    IndexUnusable,
    InputUnusable,
    MalformedJson,
    NativeError,
    NumberNotRepresentable,
    PathError,
    PlanError,
    TooLarge,
)

__all__ = [
    "IS_RELEASE",
    "ContentHash",
    "Contract",
    "ContractError",
    "DedupeIndex",
    "Deduped",
    "DepthExceeded",
    "IndexDamaged",
    "IndexLocked",
    "IndexPoisoned",
    "IndexRefused",
    "IndexStale",
    "IndexUnusable",
    "InputUnusable",
    "MalformedJson",
    "NativeError",
    "NumberNotRepresentable",
    "PathError",
    "PlanError",
    "Rebuild",
    "TooLarge",
    "Violation",
    "canonicalize",
    "dedupe",
    "digest",
    "digest_many",
    "parse_check",
    "query",
]
