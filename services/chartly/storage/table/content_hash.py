"""The content hash of a derived dataset: over the multiset of its rows, independent of their order.

The content hash of a canonical dataset is over its keys and record ids instead (``native.ContentHash``).
"""

from chartly.storage.arrow import native, pa, pc

from .digests import no_digests


def content_of_rows(rows: "pa.Table") -> "tuple[native.ContentHash, pa.Array]":
    """Hash a derived dataset's rows; return the hash of the multiset, and each row's digest."""
    content = native.ContentHash()
    digests = no_digests()
    if rows.num_rows:
        digests = pa.array(native.digest_many(_row_texts(rows)))
        content.add(digests, digests)
    return content, digests


def _row_texts(rows: "pa.Table") -> "pa.Array":
    """Return one text per row: names, types and values, each value with its length, so that different rows have different texts."""
    parts: list[object] = []
    for field in sorted(rows.schema, key=lambda field: field.name):
        column = rows.column(field.name)
        if pa.types.is_nested(field.type):
            # Rare in a rollup's output. Arrow has no cast of nested values to text.
            text = pa.array([None if value is None else repr(value) for value in column.to_pylist()], pa.string())
        elif pa.types.is_binary(field.type):
            text = pa.array([None if value is None else value.hex() for value in column.to_pylist()], pa.string())
        else:
            text = column.cast(pa.string())
        length = pc.fill_null(pc.binary_length(text).cast(pa.string()), "null")
        parts += [f"{field.name}:{field.type}=", length, ":", pc.fill_null(text, "")]
    joined = pc.binary_join_element_wise(*parts, "\x1f")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
