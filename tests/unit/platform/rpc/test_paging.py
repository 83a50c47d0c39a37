"""Pages."""

import pytest

from chartly.platform.config import Limits
from chartly.platform.errors import InvalidRequest
from chartly.platform.rpc.paging import BadPageToken, page_position, page_size, page_token


def test_position_comes_back() -> None:
    """A token holds the sort key of the last item, of any characters."""
    assert page_position("runs", page_token("runs", "2026-01-01", 7, "é/:"), 3) == ("2026-01-01", 7, "é/:")


def test_empty_token_is_the_first_page() -> None:
    """Clients begin with an empty token."""
    assert page_position("runs", "", 3) is None


@pytest.mark.parametrize("token", ["x", "é", "!!!!", page_token("runs", 1), page_token("drones", 1, 2), "bnVsbA"])
def test_token_of_nobody_is_refused(token: str) -> None:
    """Garbage, another method's token, another length: BAD_PAGE_TOKEN."""
    with pytest.raises(BadPageToken):
        page_position("runs", token, 2)


def test_page_size_is_bounded() -> None:
    """0 is the default, the bound passes, one more is refused."""
    limits = Limits(page_size_max=10)

    assert (page_size(0, Limits()), page_size(10, limits)) == (100, 10)
    for asked in (-1, 11):
        with pytest.raises(InvalidRequest):
            page_size(asked, limits)
