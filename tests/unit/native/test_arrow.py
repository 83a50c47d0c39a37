"""Batches of a plan in the hands of others: what takes Arrow's C data interface takes them as they are."""

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
    """A thousand records that pass, and one that doesn't."""
    return Plan.compile(PROFILE, CONTRACT).run(LINES)


def test_batch_is_handed_on_without_a_copy(outcome: Outcome) -> None:
    """Both pyarrow and polars see the numbers at one address: that of the core's own buffer."""
    reader = cast("Iterable[Any]", outcome.accepted)  # typed as what offers the interface, and it iterates, too
    (batch,) = reader
    table, frame = pa.table(batch), pl.DataFrame(batch)

    assert (table.num_rows, frame.height) == (1_000, 1_000)
    assert frame["price"].to_arrow().buffers()[-1].address == table["price"].chunk(0).buffers()[-1].address


def test_polars_has_the_contracts_types(outcome: Outcome) -> None:
    """Numbers, dates and texts."""
    frame = pl.DataFrame(outcome.accepted)

    assert (frame.schema["price"], frame.schema["day"], frame.schema["id"]) == (pl.Float64(), pl.Date(), pl.String())
    assert frame["price"].sum() == sum(n + 0.5 for n in range(1_000))


def test_duckdb_queries_the_batches(outcome: Outcome) -> None:
    """By their name in Python, types as the contract says."""
    accepted = pa.table(outcome.accepted)
    found = duckdb.sql("SELECT count(*), sum(price), max(day)::VARCHAR FROM accepted")

    assert found is not None
    assert found.fetchall() == [(accepted.num_rows, sum(n + 0.5 for n in range(1_000)), "2026-02-28")]


def test_rejected_batches_are_taken_alike(outcome: Outcome) -> None:
    """Reasons are a list of structs in each."""
    frame = pl.DataFrame(outcome.rejected)
    reasons = pa.table(outcome.rejected)["reasons"].to_pylist()

    assert frame["line"].to_list() == [1_001]
    assert frame["reasons"].to_list() == reasons
    assert {each["reason"] for each in reasons[0]} == {"CONTRACT_VIOLATION"}
