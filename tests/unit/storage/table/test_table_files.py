"""Rows become data files that are partitioned, sorted and have correct bounds; schemas only grow."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chartly.storage.errors import ColumnCaseConflict, ColumnConflict, RetentionColumnInvalid, StagedFileInvalid
from chartly.storage.policy import StoragePolicy
from chartly.storage.table.data_files import write_files
from chartly.storage.table.digests import chunk_digest, digest_column
from chartly.storage.table.envelope import read_staged
from chartly.storage.table.retention_column import require_points_in_time
from chartly.storage.table.schema import conformed, normalized, schema_of, schema_text, with_new_columns

POLICY = StoragePolicy(partition_by=("occurred_at",), granularity="day", index_fields=("event_id",))


def table(days: int, rows: int) -> pa.Table:
    """Return rows of several days in no order."""
    return pa.table(
        {
            "event_id": [f"e{(n * 7) % rows:04d}" for n in range(rows)],
            "occurred_at": pa.array(
                [datetime(2026, 1, 1 + n % days, 12, 0, 0, 123_456, tzinfo=UTC) for n in range(rows)],
                pa.timestamp("us", "UTC"),
            ),
        }
    )


def test_rows_are_cut_by_day(tmp_path: Path) -> None:
    """Each day is one sorted file, and the files have all rows."""
    files = write_files(tmp_path, table(3, 30), 1, POLICY, 16)

    assert [file.partition for file in files] == [{"_partition_occurred_at": f"2026-01-0{day}"} for day in (1, 2, 3)]
    for file in files:
        ids = pq.read_table(tmp_path / file.path).column("event_id").to_pylist()
        assert (len(ids), ids) == (10, sorted(ids))


def test_many_partitions_become_one_file(tmp_path: Path) -> None:
    """Rows of more partitions than the bound are one sorted file without a partition."""
    files = write_files(tmp_path, table(20, 40), 1, POLICY, 16)

    assert [file.partition for file in files] == [{"_partition_occurred_at": None}]
    times = pq.read_table(tmp_path / files[0].path).column("occurred_at").to_pylist()
    assert times == sorted(times)


def test_statistics_contain_every_value(tmp_path: Path) -> None:
    """Bounds are rounded outward to the log's milliseconds."""
    file = write_files(tmp_path, table(1, 10), 1, POLICY, 16)[0]
    stats = json.loads(file.stats)

    assert stats["numRecords"] == 10
    assert stats["minValues"]["occurred_at"] == "2026-01-01T12:00:00.123Z"
    assert stats["maxValues"]["occurred_at"] == "2026-01-01T12:00:00.124Z"
    assert (stats["minValues"]["event_id"], stats["maxValues"]["event_id"]) == ("e0000", "e0009")


def test_schema_grows_and_never_changes() -> None:
    """New columns are added at the end, narrower types are accepted, other types are refused with the column's name."""
    held = pa.schema([("a", pa.int64()), ("b", pa.string())])
    wider = with_new_columns(held, pa.schema([("c", pa.float64()), ("a", pa.int32())]))

    assert wider.names == ["a", "b", "c"]
    assert wider.field("a").type == pa.int64()
    with pytest.raises(ColumnConflict) as refused:
        with_new_columns(held, pa.schema([("b", pa.int64())]))
    assert (refused.value.column, refused.value.dataset_type, refused.value.chunk_type) == ("b", "string", "int64")


def test_shaped_rows_have_exactly_the_schema() -> None:
    """Missing columns become null, and all columns have the table's order and type."""
    schema = pa.schema([("a", pa.int64()), ("b", pa.string())])
    rows = conformed(pa.table({"b": ["x"]}), schema)

    assert rows.schema == schema
    assert rows.to_pylist() == [{"a": None, "b": "x"}]


def test_types_are_those_that_tables_keep() -> None:
    """Unsigned, dictionary, large and fixed-size types become plain types with the same values."""
    given = pa.table(
        {
            "u": pa.array([1], pa.uint64()),
            "d": pa.array(["x"]).dictionary_encode(),
            "f": pa.array([b"k" * 32], pa.binary(32)),
            "t": pa.array([5], pa.timestamp("ms")),
            "l": pa.array([[{"q": "z"}]], pa.list_(pa.field("item", pa.struct([("q", pa.large_string())])))),
        }
    )
    kept = normalized(given)

    assert [str(field.type) for field in kept.schema][:4] == ["int64", "string", "binary", "timestamp[us, tz=UTC]"]
    assert kept.column("l").to_pylist() == [[{"q": "z"}]]
    assert schema_of(schema_text(kept.schema)) == kept.schema


def test_digests_are_read_from_text_and_bytes() -> None:
    """Digests as text and as bytes are the same column, also of a slice."""
    digests = [bytes([n]) * 32 for n in range(1, 5)]
    text = pa.chunked_array([["sha256:" + d.hex() for d in digests]])
    raw = pa.chunked_array([pa.array(digests, pa.binary())])

    assert digest_column(text).to_pylist() == digests
    assert digest_column(raw).to_pylist() == digests
    assert digest_column(text.slice(1, 2)).to_pylist() == digests[1:3]
    assert chunk_digest(digest_column(text.slice(1, 2))) == chunk_digest(digest_column(raw.slice(1, 2)))


@pytest.mark.parametrize("values", [["sha256:xyz"], [None], ["sha256:" + "g" * 64], ["md5" + "0" * 68]])
def test_what_is_no_digest_is_refused(values: list[str | None]) -> None:
    """A short, missing or non-hexadecimal digest, or one of another type, is refused."""
    with pytest.raises(ValueError, match="digest"):
        digest_column(pa.chunked_array([pa.array(values, pa.string())]))


@pytest.mark.parametrize("name", [".", "..", "[0]", ".a", "a.b", "a[0]", " ", '"', "%41", "filename"])
def test_rows_are_sorted_by_a_field_of_any_name(tmp_path: Path, name: str) -> None:
    """A field's name is a name, also where it looks like a path."""
    rows = pa.table({name: ["b", "c", "a"], "occurred_at": pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * 3, pa.timestamp("us", "UTC"))})

    [file] = write_files(tmp_path, rows, 1, StoragePolicy(partition_by=("occurred_at",), index_fields=(name,)), 16)

    assert pq.ParquetFile(tmp_path / file.path).read().column(name).to_pylist() == ["a", "b", "c"]
    assert json.loads(file.stats)["minValues"][name] == "a"


@pytest.mark.parametrize(("held", "new"), [("v", "V"), ("id", "ID"), ("é", "É"), ("type", "Type"), ("i\u0307", "İ")])
def test_column_that_differs_only_in_case_is_refused(held: str, new: str) -> None:
    """The table format compares names in lower case: a column beside another one, in the table or in the chunk, names both."""
    text = pa.string()

    with pytest.raises(ColumnCaseConflict) as in_table:
        with_new_columns(pa.schema([(held, text)]), pa.schema([(new, text)]))
    with pytest.raises(ColumnCaseConflict) as in_chunk:
        with_new_columns(None, pa.schema([(held, text), (new, text)]))

    for refused in (in_table.value, in_chunk.value):
        assert (refused.column, refused.dataset_column) == (new, held)


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["id", "ID"], "'id' and 'ID'"),
        (["É", "é"], "'É' and 'é'"),
        (["_v"], "'_v'"),
        (["_canonical"], "'_canonical'"),
        (["v", ""], "''"),
        (["File_Row_Number"], "'File_Row_Number'"),
    ],
)
def test_derived_content_that_no_table_can_hold_is_refused_by_name(tmp_path: Path, names: list[str], problem: str) -> None:
    """A rollup's file with such a column is refused, and the error names the column."""
    pq.write_table(pa.table([pa.array([1])] * len(names), names=names), tmp_path / "accepted.parquet")

    with pytest.raises(StagedFileInvalid) as refused:
        read_staged(tmp_path, "accepted.parquet", ())

    assert problem in refused.value.problem


@pytest.mark.parametrize("kind", [pa.int64(), pa.string(), pa.float64(), pa.bool_(), pa.decimal128(10, 2)])
def test_retention_counts_from_points_in_time_only(kind: pa.DataType) -> None:
    """Instants and days are accepted; another type is refused by name and type, if the policy has a retention that counts from it."""
    schema = pa.schema([("occurred_at", kind), ("_ingested_at", pa.timestamp("us", "UTC"))])

    with pytest.raises(RetentionColumnInvalid) as refused:
        require_points_in_time(StoragePolicy(retention_days=1, retention_by="occurred_at"), schema)

    assert (refused.value.column, refused.value.column_type) == ("occurred_at", str(kind))
    require_points_in_time(StoragePolicy(retention_days=1), pa.schema([*schema, ("ingested_at", kind)]))
    require_points_in_time(StoragePolicy(retention_by="occurred_at"), schema)
    require_points_in_time(StoragePolicy(retention_days=1, retention_by="occurred_at"), pa.schema([("v", kind)]))
    for point in (pa.timestamp("us", "UTC"), pa.date32()):
        require_points_in_time(StoragePolicy(retention_days=1, retention_by="occurred_at"), pa.schema([("occurred_at", point)]))
