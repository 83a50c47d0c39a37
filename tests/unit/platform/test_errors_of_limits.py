"""Errors of bounds that the same request reaches each time."""

import pytest

from chartly.analytics.errors import QueryLimit
from chartly.platform.errors import ChartlyError
from chartly.platform.rpc.status import encode, retry_after_s
from chartly.storage.errors import ReprocessMemoryExceeded, ReprocessTooLarge


@pytest.mark.parametrize("failure", [QueryLimit("query_rows_max", 1), ReprocessTooLarge(2, 1), ReprocessMemoryExceeded(1)])
def test_bound_on_the_request_has_no_time_to_retry(failure: ChartlyError) -> None:
    """Such an error is final, and its status invites no client to try the same again."""
    assert failure.reason == "QUERY_LIMIT"
    assert failure.is_final
    assert retry_after_s(encode(failure)) is None
