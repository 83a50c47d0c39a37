"""The bounds of a lookup table."""

import pytest

from chartly.platform.config import Limits
from chartly.profiles.errors import LookupRefused
from chartly.profiles.lookups import Lookup, table_of_rows

LOOKUP = Lookup("countries", 1, "code", "name", "sha256:" + "0" * 64)


def test_table_may_have_as_many_rows_as_its_bound() -> None:
    """A table with lookup_rows_max rows is accepted; one row more is refused."""
    limits = Limits(lookup_rows_max=2)
    rows = [("de", "Germany"), ("fr", "France"), ("it", "Italy")]
    assert len(table_of_rows(LOOKUP, rows[:2], limits.lookup_rows_max, limits.lookup_bytes_max)) == 2
    with pytest.raises(LookupRefused, match="more than 2 rows"):
        table_of_rows(LOOKUP, rows, limits.lookup_rows_max, limits.lookup_bytes_max)


def test_table_may_have_as_many_bytes_as_its_bound() -> None:
    """A table with lookup_bytes_max bytes of keys and values is accepted; one byte more is refused."""
    limits = Limits(lookup_bytes_max=9)
    assert table_of_rows(LOOKUP, [("de", "Germany")], limits.lookup_rows_max, limits.lookup_bytes_max)
    with pytest.raises(LookupRefused, match="9 bytes"):
        table_of_rows(LOOKUP, [("deu", "Germany")], limits.lookup_rows_max, limits.lookup_bytes_max)
