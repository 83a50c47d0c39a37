"""Other libraries read a plan's batches through Arrow's C data interface without conversion."""

from collections.abc import Iterable
from typing import Any, cast

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from chartly.native import Outcome, Plan

PROFILE = {"canonicalEventType": "t", "input": "ndjson", "mapping": {"id": "$.id", "price": "$.price", "day": "$.day"}}
CONTRACT = {
    "properties": {"id": {"type": "string"}, "price": {"type": "number"}, "day": {"type": "string", "format": "date"}},
    "required": ["id"],
}
LINES = b"\n".join(b'{"id":"a%d","price":%d.5,"day":"2026-02-%02d"}' % (n, n, n % 28 + 1) for n in range(1_000)) + b'\n{"price":"x"}'


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """Return the outcome of a thousand accepted records and one rejected record."""
    return Plan.compile(PROFILE, CONTRACT).run(LINES)


def test_batches_are_not_copied(outcome: Outcome) -> None:
    """Both pyarrow and polars read the numbers at the address of the core's own buffer."""
    reader = cast("Iterable[Any]", outcome.accepted)  # typed as what offers the interface, and it iterates, too
    (batch,) = reader
    table, frame = pa.table(batch), pl.DataFrame(batch)

    assert (table.num_rows, frame.height) == (1_000, 1_000)
    assert frame["price"].to_arrow().buffers()[-1].address == table["price"].chunk(0).buffers()[-1].address


def test_polars_has_the_contracts_types(outcome: Outcome) -> None:
    """A polars frame has numbers, dates and texts in the types of the contract."""
    frame = pl.DataFrame(outcome.accepted)

    assert (frame.schema["price"], frame.schema["day"], frame.schema["id"]) == (pl.Float64(), pl.Date(), pl.String())
    assert frame["price"].sum() == sum(n + 0.5 for n in range(1_000))


def test_duckdb_queries_the_batches(outcome: Outcome) -> None:
    """A duckdb query reads the batches by their Python name, with the types of the contract."""
    accepted = pa.table(outcome.accepted)
    found = duckdb.sql("SELECT count(*), sum(price), max(day)::VARCHAR FROM accepted")

    assert found is not None
    assert found.fetchall() == [(accepted.num_rows, sum(n + 0.5 for n in range(1_000)), "2026-02-28")]


def test_rejected_batches_have_the_same_types_everywhere(outcome: Outcome) -> None:
    """Reasons are a list of structs in every library."""
    frame = pl.DataFrame(outcome.rejected)
    reasons = pa.table(outcome.rejected)["reasons"].to_pylist()

    assert frame["line"].to_list() == [1_001]
    assert frame["reasons"].to_list() == reasons
    assert {each["reason"] for each in reasons[0]} == {"CONTRACT_VIOLATION"}
