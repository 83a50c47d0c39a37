"""Filters by values of every type that a listing shows."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chartly.platform.json.values import json_value
from chartly.storage.errors import BadFilter
from chartly.storage.reading.filter import Term
from chartly.storage.reading.scan import page, typed_terms

COLUMNS: dict[str, tuple[pa.DataType, Any]] = {
    "text": (pa.string(), 'a"b\\'),
    "flag": (pa.bool_(), True),
    "tiny": (pa.int8(), -128),
    "large": (pa.int64(), 2**63 - 1),
    "single": (pa.float32(), 0.1),
    "nan": (pa.float64(), float("nan")),
    "infinite": (pa.float64(), float("-inf")),
    "zero": (pa.decimal128(18, 9), Decimal(0)),
    "amount": (pa.decimal128(38, 2), Decimal("-12345678901234567890.10")),
    "bytes": (pa.binary(), b"\xaa\x00"),
    "instant": (pa.timestamp("us", "UTC"), datetime(2026, 3, 29, 0, 30, 0, 5, UTC)),
    "day": (pa.date32(), date(2026, 3, 29)),
}
TYPES = {name: str(kind) for name, (kind, _) in COLUMNS.items()}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with one row, which has a value of every type."""
    path = tmp_path / "part.parquet"
    pq.write_table(pa.table({name: pa.array([value], kind) for name, (kind, value) in COLUMNS.items()}), path)
    return path


@pytest.mark.parametrize("name", COLUMNS)
def test_filter_finds_the_value_that_a_listing_shows(file: Path, name: str) -> None:
    """The text of a value in a listing, used in a filter, finds the row."""
    (row,) = page([file], columns=[name], order=[name], after=None, limit=2)
    shown = json_value(row[name])
    text = str(shown).lower() if isinstance(shown, bool) else str(shown)
    terms = typed_terms([Term(name, text)], TYPES)
    assert len(page([file], columns=[name], order=[name], after=None, terms=terms, limit=2)) == 1


def test_zero_with_places_is_shown_without_exponent() -> None:
    """A decimal is shown with its places: 0.000000000 and not 0E-9."""
    assert json_value(Decimal(0).scaleb(-9)) == "0.000000000"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("large", "9" * 45),
        ("large", str(2**64)),
        ("zero", "--1"),
        ("zero", "1e3"),
        ("zero", "NaN"),
        ("day", "10000-01-01"),
        ("bytes", "zz"),
    ],
)
def test_filter_by_what_is_no_value_of_the_type_is_refused(name: str, text: str) -> None:
    """Such a value is the caller's mistake."""
    with pytest.raises(BadFilter):
        typed_terms([Term(name, text)], TYPES)


def test_instant_without_offset_is_in_utc() -> None:
    """The time zone of the machine doesn't change the meaning of a filter."""
    assert typed_terms([Term("instant", "2026-03-29T00:30:00")], TYPES) == [("instant", datetime(2026, 3, 29, 0, 30, tzinfo=UTC))]
