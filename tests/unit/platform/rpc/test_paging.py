"""Page tokens and page sizes."""

import pytest
from google.protobuf.descriptor import MethodDescriptor

from chartly.platform.config import Limits
from chartly.platform.rpc.methods import descriptors
from chartly.platform.rpc.paging import BadPageToken, page_position, page_size, page_token
from chartly.platform.rpc.rules import RuleBounds, rules_of


def test_position_comes_back() -> None:
    """A token holds the sort key of the last item, with any characters."""
    assert page_position("runs", page_token("runs", "2026-01-01", 7, "é/:"), 3) == ("2026-01-01", 7, "é/:")


def test_empty_token_is_the_first_page() -> None:
    """An empty token is the first page."""
    assert page_position("runs", "", 3) is None


@pytest.mark.parametrize("token", ["x", "é", "!!!!", page_token("runs", 1), page_token("drones", 1, 2), "bnVsbA"])
def test_invalid_token_is_refused(token: str) -> None:
    """A malformed token, another method's, or one of another length is BAD_PAGE_TOKEN."""
    with pytest.raises(BadPageToken):
        page_position("runs", token, 2)


def test_page_size_has_a_default() -> None:
    """A request without a size gets 100 items a page."""
    assert (page_size(0), page_size(10)) == (100, 10)


LISTS = sorted((each for each in descriptors() if "page_size" in each.input_type.fields_by_name), key=lambda each: each.full_name)


@pytest.mark.parametrize("method", LISTS, ids=lambda each: each.name)
def test_page_size_of_every_list_is_bounded_by_the_configuration(method: MethodDescriptor) -> None:
    """Each List method names the same limit."""
    rules = rules_of(method.input_type.fields_by_name["page_size"], Limits(page_size_max=10))

    assert rules.value == RuleBounds(0, 10, "page_size_max")
