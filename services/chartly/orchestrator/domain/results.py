"""What drones answer, read strictly: a result that doesn't add up is a fault of ours, and must stop the run rather than miscount."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from .run import RunCounts

T = TypeVar("T", bound=msgspec.Struct)


class ResultMalformed(ValueError):
    """A drone's result isn't what its kind defines. Stays within the domain: the step fails with INTERNAL."""


class Pages(msgspec.Struct, frozen=True):
    """Result of a connector_sync."""

    pages: list[dict[str, Any]] = []
    finished: bool = False
    requests: int = 0
    retries: int = 0


class _Page(msgspec.Struct, frozen=True):
    """What the orchestrator needs of a RawRef; the rest goes on to the normalizer unread."""

    sha256: str
    size_bytes: int = 0


class Chunk(msgspec.Struct, frozen=True):
    """Result of a normalize: what became of one page's records."""

    counts: RunCounts = RunCounts()
    quarantine_reasons: list["Reason"] = []


class Planned(msgspec.Struct, frozen=True):
    """Result of a reprocess_plan."""

    chunks: int


class Rebuilt(msgspec.Struct, frozen=True):
    """Result of a reprocess_diff or reprocess_apply: what the rebuild comes to."""

    diff: "Difference"
    version: int = 0


class Difference(msgspec.Struct, frozen=True):
    """What a run needs of a rebuild's numbers; the rest is shown as it came."""

    counts: RunCounts = RunCounts()
    quarantine_reasons: list["Reason"] = []


class Reason(msgspec.Struct, frozen=True):
    """How many of a chunk's records a reason holds back."""

    reason: str
    records: int = 0


def pages(result: Mapping[str, Any]) -> Pages:
    """Read a connector_sync's result.

    Raises:
        ResultMalformed: it is something else.
    """
    read = _read(result, Pages)
    for page in read.pages:
        _read(page, _Page)
    return read


def chunk(result: Mapping[str, Any]) -> Chunk:
    """Read a normalize's result.

    Raises:
        ResultMalformed: it is something else, or its counts leave a record out.
    """
    read = _read(result, Chunk)
    if not read.counts.balanced:
        raise ResultMalformed("records_in is not canonical + duplicates + quarantined + replayed")
    return read


def planned(result: Mapping[str, Any]) -> Planned:
    """Read a reprocess_plan's result.

    Raises:
        ResultMalformed: it is something else, or has no chunk.
    """
    read = _read(result, Planned)
    if read.chunks < 1:
        raise ResultMalformed("there is no chunk")
    return read


def rebuilt(result: Mapping[str, Any]) -> Rebuilt:
    """Read the result of a reprocess_diff or reprocess_apply.

    Raises:
        ResultMalformed: it is something else, or its counts leave a record out.
    """
    read = _read(result, Rebuilt)
    if not read.diff.counts.balanced:
        raise ResultMalformed("records_in is not canonical + duplicates + quarantined + replayed")
    return read


def _read(result: Mapping[str, Any], shape: type[T]) -> T:
    try:
        # strict=False: proto JSON writes 64-bit integers as text, and a Struct's numbers come back as doubles.
        return msgspec.convert(result, shape, strict=False)
    except msgspec.ValidationError as invalid:
        raise ResultMalformed(str(invalid)) from invalid
