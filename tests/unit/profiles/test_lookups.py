"""Lookup tables of a profile: their pinned hash, and the plan that uses them."""

import hashlib
from decimal import Decimal
from typing import Any

import pytest

from chartly.native import Plan, canonicalize
from chartly.profiles.errors import LookupRefused
from chartly.profiles.lookups import Lookup, expanded, lookups_of, stand_in, table_of_rows

TABLE = {"DE": "Germany", "7": 7}
HASH = "sha256:" + hashlib.sha256(canonicalize(b'{"DE":"Germany","7":7}')).hexdigest()
LOOKUP = Lookup("countries", 3, "code", "name", HASH)
STEP = {"op": "lookup", "dataset": "countries", "version": 3, "key": "code", "value": "name", "hash": HASH}


def profile(**changes: Any) -> dict[str, Any]:
    """Return a normalizer that looks up one field."""
    field = {"path": "$.country", "transforms": [STEP | changes]}
    return {"spec": {"canonicalEventType": "t.t", "mapping": {"country": field, "id": "$.id"}, "transforms": []}}


def test_table_replaces_its_dataset() -> None:
    """In the compiled profile the table replaces the dataset, and the profile's hash covers the table."""
    plan = Plan.compile(expanded(profile(otherwise="keep"), lambda _: TABLE), {})
    countries = [plan.explain(b'{"country": "%s"}' % code)["fields"][0]["result"]["value"] for code in (b"DE", b"7", b"XX")]
    assert countries == ["Germany", 7, "XX"]
    assert plan.hash != Plan.compile(stand_in(profile(otherwise="keep")), {}).hash


def test_the_profile_itself_stays_as_it_is() -> None:
    """The frozen profile names the dataset; only the compiled one has the table."""
    document = profile()
    expanded(document, lambda _: TABLE)
    assert document == profile()


def test_each_table_is_named_once() -> None:
    """A table that several steps look up is read once."""
    document = profile()
    document["spec"]["transforms"] = [STEP | {"field": "id"}, {"op": "lookup", "field": "id", "table": {"a": 1}}]
    assert lookups_of(document["spec"]) == (LOOKUP,)


def test_another_table_than_the_pinned_one_is_refused_with_its_hash() -> None:
    """A table that differs from the pinned hash is refused, and the error has its hash."""
    with pytest.raises(LookupRefused, match=hashlib.sha256(b'{"DE":"Denmark"}').hexdigest()):
        expanded(profile(), lambda _: {"DE": "Denmark"})


def test_unread_dataset_does_not_compile() -> None:
    """A profile without the rows of its dataset does not compile."""
    with pytest.raises(Exception, match="read into a table"):
        Plan.compile(profile(), {})


def test_rows_become_a_table() -> None:
    """Keys are converted to text, rows without a key are left out, and equal rows count once."""
    rows = [("DE", "Germany"), (None, "x"), (7, 1.5), (True, None), ("DE", "Germany"), ("d", Decimal("1.50"))]
    assert table_of_rows(LOOKUP, rows, 9, 99) == {"DE": "Germany", "7": 1.5, "true": None, "d": "1.50"}


@pytest.mark.parametrize(
    "rows",
    [[], [(None, 1)], [("a", 1), ("a", 2)], [(1.5, "x")], [("a", b"x")], [("a", 2**60)], [("a", 1), ("b", 1), ("c", 1)], [("a" * 40, 1)]],
    ids=["empty", "no-key", "twice", "fraction-key", "bytes", "wide-integer", "rows", "size"],
)
def test_rows_that_are_no_table_are_refused(rows: list[tuple[Any, Any]]) -> None:
    """Rows that don't make a table are refused with dataset and version."""
    with pytest.raises(LookupRefused) as refused:
        table_of_rows(LOOKUP, rows, 2, 32)
    assert (refused.value.dataset, refused.value.version) == ("countries", 3)
