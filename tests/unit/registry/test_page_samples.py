"""Samples of a normalizer with ``recordsPath`` are pages."""

from collections.abc import Awaitable, Callable

import pytest
from google.protobuf.json_format import MessageToDict

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.rpc.clients import Clients
from chartly.v1 import registry_pb2 as pb

from .test_profiles import NORMALIZER, text_of


def record_of(number: int) -> str:
    """Return a sales record with a number of its own."""
    return f'{{"id":"sale_{number}","timestamp":"2026-02-02T12:00:00Z","totals":{{"amount":"1","currency":"USD"}}}}'


def request_of(page: str, path: str = "$.data.items") -> pb.TestProfileRequest:
    """Return a request that tests the sales normalizer, with a ``recordsPath``, on a page."""
    return pb.TestProfileRequest(document=f'{text_of(NORMALIZER).rstrip()}\n  recordsPath: "{path}"\n', records=[page])


@pytest.mark.parametrize("path", ["$.data.items", "$.data.items[*]"])
async def test_each_record_of_a_page_is_traced(clients: Clients, path: str) -> None:
    """A page with a good and a bad record returns a trace of each, in the page's order."""
    page = f'{{"data": {{"items": [{{"id": 7}}, {record_of(2)}]}}}}'

    answer = await clients.registry.TestProfile(request_of(page, path))

    assert [trace["accepted"] for trace in answer.traces] == [False, True]
    assert "sale_2" in str(answer.traces[1])


async def test_page_without_its_list_says_so(clients: Clients) -> None:
    """A page in which the path leads to no array is rejected with the reason of the normalizer."""
    (trace,) = (await clients.registry.TestProfile(request_of(f'{{"data": {{"rows": [{record_of(1)}]}}}}'))).traces

    assert not trace["accepted"]
    assert MessageToDict(trace)["reasons"] == [
        {"reason": "TRANSFORM_FAILED", "rule": "recordsPath/noArray", "path": "$.data.items", "field": ""}
    ]


async def test_page_without_records_is_refused(clients: Clients) -> None:
    """A page with an empty list has nothing to test, and is not reported as a success."""
    with pytest.raises(RemoteError) as refused:
        await clients.registry.TestProfile(request_of('{"data": {"items": []}}'))

    (violation,) = refused.value.violations
    assert violation.field == "records[0]"
    assert "has no record to test" in violation.description


async def test_traces_of_a_page_are_bounded(start_host: Callable[..., Awaitable[Host]]) -> None:
    """A page of profile_samples_max records has all its traces; of a longer one the last trace counts the rest."""
    host = await start_host("registry", limits__profile_samples_max=2)
    seen: list[tuple[int, float]] = []
    with scoped(Scope("user:ada", "tenant-demo", "proj-sales", frozenset({"operator"}))):
        for records in (2, 3):
            page = f'{{"data": {{"items": [{", ".join(map(record_of, range(records)))}]}}}}'
            traces = (await host.clients("test").registry.TestProfile(request_of(page))).traces
            seen.append((len(traces), traces[-1].fields["records_left_out"].number_value))
    assert seen == [(2, 0), (2, 1)]
