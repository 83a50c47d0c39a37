"""Arrow schemas in the types that the table format supports: converted, extended by new columns, and written as text."""

import base64

from chartly.storage.arrow import pa
from chartly.storage.errors import ColumnCaseConflict, ColumnConflict
from chartly.storage.model import Column

from .columns import PARTITION_PREFIX

ENCODING = b"chartly.encoding"
"""Metadata of a column of texts: ``text`` for characters of strings, ``json`` for JSON of values that have no single type."""
_ENCODINGS = {b"text": "text", b"json": "JSON text, as the contract gave the field no type"}


def table_type(given: "pa.DataType") -> "pa.DataType":  # noqa: C901, PLR0911 - one line a type
    """Return the type in which the table format stores a column of type ``given``.

    The format has no unsigned, dictionary, large and fixed-size binary types.
    """
    if pa.types.is_dictionary(given):
        return table_type(given.value_type)
    if pa.types.is_large_string(given) or pa.types.is_string_view(given) or pa.types.is_null(given):
        return pa.string()
    if pa.types.is_large_binary(given) or pa.types.is_fixed_size_binary(given) or pa.types.is_binary_view(given):
        return pa.binary()
    if pa.types.is_timestamp(given):
        # A timestamp without a zone is in UTC, as all canonical instants are.
        return pa.timestamp("us", "UTC")
    if pa.types.is_date64(given):
        return pa.date32()
    if pa.types.is_time(given) or pa.types.is_duration(given) or pa.types.is_interval(given):
        return pa.string()
    # Counts and places fit 63 bits. The cast of a value that doesn't fit raises an error.
    unsigned = {pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64(), pa.uint64(): pa.int64()}
    if given in unsigned:
        return unsigned[given]
    if pa.types.is_float16(given):
        return pa.float32()
    if pa.types.is_large_list(given) or pa.types.is_list(given) or pa.types.is_fixed_size_list(given):
        return pa.list_(pa.field("element", table_type(given.value_type)))
    if pa.types.is_struct(given):
        return pa.struct([pa.field(field.name, table_type(field.type)) for field in given])
    if pa.types.is_map(given):
        return pa.map_(table_type(given.key_type), table_type(given.item_type))
    if pa.types.is_decimal(given):
        return pa.decimal128(given.precision, given.scale)
    return given


def normalized(table: "pa.Table") -> "pa.Table":
    """Cast every column to a nullable one of a type that the table format supports. A column of texts keeps what its texts are."""
    fields = [pa.field(field.name, table_type(field.type), metadata=_encoding_metadata(field)) for field in table.schema]
    return table.cast(pa.schema(fields))


def with_new_columns(held: "pa.Schema | None", chunk: "pa.Schema") -> "pa.Schema":
    """Add a chunk's new columns to the table's schema. No column is dropped, renamed, or gets another type.

    Raises:
        ColumnConflict: a column's values can't be stored in the table's type without loss.
        ColumnCaseConflict: a new column's name differs from another column's only in case, and the table format compares names so.
    """
    fields = {field.name.lower(): field for field in held or ()}
    for field in chunk:
        known = fields.setdefault(field.name.lower(), field)
        if known.name != field.name:
            raise ColumnCaseConflict(field.name, known.name)
        if not _fits(field.type, known.type):
            raise ColumnConflict(field.name, str(known.type), str(field.type))
        held_as, given_as = _encoding(known), _encoding(field)
        if held_as and given_as and held_as != given_as:
            raise ColumnConflict(field.name, _ENCODINGS[held_as], _ENCODINGS[given_as])
    return pa.schema(list(fields.values()))


def conformed(table: "pa.Table", schema: "pa.Schema") -> "pa.Table":
    """Return the rows with exactly the schema's columns: a missing column is null, the others are cast."""
    columns = [
        table.column(field.name).cast(field.type) if field.name in table.column_names else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def files_only(schema: "pa.Schema | None") -> "pa.Schema | None":
    """Remove the columns that only the table's log has, and its files don't."""
    return None if schema is None else pa.schema([field for field in schema if not field.name.startswith(PARTITION_PREFIX)])


def columns_of(schema: "pa.Schema | None") -> tuple[Column, ...]:
    """Return the columns that a dataset's readers see."""
    return tuple(Column(name=field.name, type=str(field.type)) for field in files_only(schema) or ())


def schema_text(schema: "pa.Schema") -> str:
    """Encode a schema as base64 of its IPC message."""
    return base64.b64encode(schema.serialize().to_pybytes()).decode()


def schema_of(text: str) -> "pa.Schema":
    """Decode a schema that ``schema_text`` encoded."""
    return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text)))


def _encoding(field: "pa.Field") -> bytes:
    """Return what the texts of a column are; empty for other types, and for tables of builds that didn't store it."""
    metadata: dict[bytes, bytes] | None = field.metadata
    return metadata.get(ENCODING, b"") if metadata else b""


def _encoding_metadata(field: "pa.Field") -> dict[bytes, bytes] | None:
    encoding = _encoding(field)
    return {ENCODING: encoding} if encoding in _ENCODINGS else None


def _fits(given: "pa.DataType", held: "pa.DataType") -> bool:
    if given == held:
        return True
    if pa.types.is_integer(given) and pa.types.is_integer(held):
        return given.bit_width <= held.bit_width
    if pa.types.is_floating(given) and pa.types.is_floating(held):
        return given.bit_width <= held.bit_width
    if pa.types.is_decimal(given) and pa.types.is_decimal(held):
        return given.scale == held.scale and given.precision <= held.precision
    if pa.types.is_list(given) and pa.types.is_list(held):
        return _fits(given.value_type, held.value_type)
    return False
