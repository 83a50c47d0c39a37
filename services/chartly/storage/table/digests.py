"""Columns of 32-byte digests: conversion from text or bytes to the form that the compiled core takes, and hashes over whole columns."""

import hashlib

import orjson

from chartly.storage.arrow import pa, pc

from .columns import REJECTED_PLACE, VIOLATIONS

_PREFIX = "sha256:"
_BYTES = 32
_TEXT_LENGTH = len(_PREFIX) + 64
# Rows hashed at a time: some MB.
_ROWS_HASHED = 65_536
_NO_DIGEST = "a digest is not sha256: and 64 hexadecimal digits"


def no_digests() -> "pa.Array":
    """Return an empty column of digests."""
    return pa.array([], pa.binary(_BYTES))


def digest_column(column: "pa.ChunkedArray") -> "pa.Array":
    """Convert a column of ``sha256:<hex>`` text or of 32 bytes to ``fixed_size_binary[32]``.

    Raises:
        ValueError: a value is null, or is not a digest.
    """
    kind = pa.binary(32)
    if column.null_count:
        raise ValueError("a digest is missing")
    if len(column) == 0:
        return pa.array([], kind)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _unhexed(column)
    return _whole(column.cast(pa.binary()).cast(kind) if not pa.types.is_fixed_size_binary(column.type) else column)


def chunk_digest(record_ids: "pa.Array") -> str:
    """Hash a chunk's record ids in their order: SHA-256 over 32 bytes each."""
    data = record_ids.buffers()[1]
    width = 32
    content = memoryview(data)[record_ids.offset * width : (record_ids.offset + len(record_ids)) * width] if data else b""
    return _PREFIX + hashlib.sha256(content).hexdigest()


def accepted_digest(keys: "pa.Array", record_ids: "pa.Array") -> str:
    """Hash the records that a plan accepted, in their order: SHA-256 over key and record id, 64 bytes each."""
    digest = hashlib.sha256()
    for start in range(0, len(keys), _ROWS_HASHED):
        pairs = [column.slice(start, _ROWS_HASHED).cast(pa.binary()) for column in (keys, record_ids)]
        digest.update(_texts(pc.binary_join_element_wise(*pairs, b"")))
    return _PREFIX + digest.hexdigest()


def rejected_digest(rejected: "pa.Table | None") -> str:
    """Hash the records that a plan rejected, in their order: SHA-256 over place and reasons, one line of JSON each."""
    digest = hashlib.sha256()
    if rejected is not None:
        columns = rejected.select([*REJECTED_PLACE, VIOLATIONS])
        for start in range(0, columns.num_rows, _ROWS_HASHED):
            for row in columns.slice(start, _ROWS_HASHED).to_pylist():
                digest.update(orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
    return _PREFIX + digest.hexdigest()


def _unhexed(column: "pa.ChunkedArray") -> "pa.Array":
    formed = pc.and_(pc.equal(pc.binary_length(column), _TEXT_LENGTH), pc.starts_with(column, _PREFIX))
    if not pc.all(formed).as_py():
        raise ValueError(_NO_DIGEST)
    digits = _whole(pc.utf8_slice_codeunits(column, len(_PREFIX), _TEXT_LENGTH).cast(pa.string()))
    try:
        text = bytes(_texts(digits)).decode("ascii")
        content = bytes.fromhex(text)
    except ValueError:
        raise ValueError(_NO_DIGEST) from None
    # Upper-case digits would make two texts of one digest.
    if len(content) != 32 * len(column) or content.hex() != text:
        raise ValueError(_NO_DIGEST)
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), len(column), [None, pa.py_buffer(content)])


def _texts(column: "pa.Array") -> memoryview:
    """Return the concatenated values of a column of text or bytes without nulls. Arrow stores them so; nothing is copied."""
    if not len(column):
        return memoryview(b"")
    _, offsets, data = column.buffers()
    ends = memoryview(offsets).cast("B").cast("i")
    return memoryview(data)[ends[column.offset] : ends[column.offset + len(column)]]


def _whole(column: "pa.ChunkedArray") -> "pa.Array":
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
