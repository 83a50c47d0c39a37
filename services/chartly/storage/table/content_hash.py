"""The content hash of a derived dataset: over the multiset of its rows, whatever their order. It hashes no canonical dataset."""

from chartly.storage.arrow import native, pa, pc

from .digests import no_digests


def content_of_rows(rows: "pa.Table") -> "tuple[native.ContentHash, pa.Array]":
    """Hash a derived dataset's rows: the multiset's hash, and each row's digest."""
    content = native.ContentHash()
    digests = no_digests()
    if rows.num_rows:
        digests = pa.array(native.digest_many(_row_texts(rows)))
        content.add(digests, digests)
    return content, digests


def _row_texts(rows: "pa.Table") -> "pa.Array":
    """One text a row: names, types and values, each value with its length, so that no two rows share a text."""
    parts: list[object] = []
    for field in sorted(rows.schema, key=lambda field: field.name):
        column = rows.column(field.name)
        if pa.types.is_nested(field.type):
            # Rare in a rollup's output, and without a cast of its own.
            text = pa.array([None if value is None else repr(value) for value in column.to_pylist()], pa.string())
        elif pa.types.is_binary(field.type):
            text = pa.array([None if value is None else value.hex() for value in column.to_pylist()], pa.string())
        else:
            text = column.cast(pa.string())
        length = pc.fill_null(pc.binary_length(text).cast(pa.string()), "null")
        parts += [f"{field.name}:{field.type}=", length, ":", pc.fill_null(text, "")]
    joined = pc.binary_join_element_wise(*parts, "\x1f")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
