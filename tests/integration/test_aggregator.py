"""The aggregator over a real socket and database."""

from collections.abc import Awaitable, Callable

import pytest

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.rpc.clients import Clients
from chartly.v1 import aggregator_pb2 as pb
from chartly.v1 import common_pb2

DRONE = Scope("key:drone", "tenant-demo", "proj-sales", frozenset({"drone"}))
ADA = Scope("user:ada", "tenant-demo", "proj-sales", frozenset({"viewer"}))
EVE = Scope("user:eve", "tenant-demo", "proj-other", frozenset({"viewer"}))


def result(number: int, run_id: str = "run_1", outcome: str = "succeeded", quarantined: int = 1) -> pb.WorkResult:
    """Return a report of ten records."""
    made = pb.WorkResult(
        work_id=f"work_{number:02}",
        run_id=run_id,
        drone_id="drone_1",
        kind="normalize",
        source_id="sales",
        dataset="sales-events",
        outcome=outcome,
        counts=common_pb2.RecordCounts(records_in=10, canonical=10 - quarantined, quarantined=quarantined),
        quarantine_reasons=[common_pb2.ReasonCount(reason="CONTRACT_VIOLATION", records=quarantined)],
    )
    made.finished_at.FromSeconds(1_700_000_000 + number)
    return made


@pytest.fixture
async def clients(start_host: Callable[..., Awaitable[Host]]) -> Clients:
    """Clients of an aggregator."""
    return (await start_host("aggregator")).clients("test")


async def post(clients: Clients, *results: pb.WorkResult) -> list[bool]:
    """Post reports as a drone; return whether each was new."""
    with scoped(DRONE):
        return [(await clients.aggregator.PostResult(pb.PostResultRequest(result=each))).created for each in results]


async def test_first_report_of_a_work_counts(clients: Clients) -> None:
    """Only the first report of a work item counts."""
    assert await post(clients, result(1), result(1, quarantined=5)) == [True, False]
    with scoped(ADA):
        [kept] = (await clients.aggregator.ListResults(pb.ListResultsRequest())).results
    assert kept == result(1)


async def test_summary_adds_up_by_project(clients: Clients) -> None:
    """Sums cover the project's results only: in total, by reason and by dataset."""
    await post(clients, result(1), result(2), result(3, "run_2", "failed"))
    with scoped(ADA):
        summary = await clients.aggregator.GetSummary(pb.GetSummaryRequest())
        runs = (await clients.aggregator.ListRunResults(pb.ListRunResultsRequest())).runs
    assert (summary.results, summary.succeeded, summary.failed, summary.runs) == (3, 2, 1, 2)
    assert (summary.counts.records_in, summary.counts.canonical, summary.counts.quarantined) == (30, 27, 3)
    assert [(each.reason, each.records) for each in summary.quarantine_reasons] == [("CONTRACT_VIOLATION", 3)]
    assert [(each.dataset, each.counts.records_in) for each in summary.datasets] == [("sales-events", 30)]
    assert [(run.run_id, run.results, run.failed, run.counts.records_in) for run in runs] == [("run_2", 1, 1, 10), ("run_1", 2, 0, 20)]
    with scoped(EVE):
        assert (await clients.aggregator.GetSummary(pb.GetSummaryRequest())).results == 0


async def test_results_are_paged_newest_first(clients: Clients) -> None:
    """Pages are newest first and without a gap, also for one run."""
    await post(clients, *(result(number) for number in range(1, 6)), result(9, "run_2"))
    seen: list[str] = []
    token = ""
    with scoped(ADA):
        while True:
            page = await clients.aggregator.ListResults(pb.ListResultsRequest(page_size=2, page_token=token, run_id="run_1"))
            seen += [each.work_id for each in page.results]
            token = page.next_page_token
            if not token:
                break
    assert seen == [f"work_{number:02}" for number in (5, 4, 3, 2, 1)]


async def test_report_that_breaks_rules_is_refused(clients: Clients) -> None:
    """The error of a report without its work or with an unknown outcome names each field."""
    wrong = result(1, outcome="perhaps")
    wrong.ClearField("work_id")
    with pytest.raises(RemoteError) as refused:
        await post(clients, wrong)
    assert refused.value.remote_reason == "INVALID_REQUEST"
    assert {violation.field for violation in refused.value.violations} == {"result.work_id", "result.outcome"}


async def test_report_that_does_not_add_up_is_refused(clients: Clients) -> None:
    """A report whose counts don't add up is refused."""
    wrong = result(1)
    wrong.counts.records_in = 11
    with pytest.raises(RemoteError) as refused:
        await post(clients, wrong)
    assert refused.value.remote_reason == "INVALID_REQUEST"
    assert [violation.field for violation in refused.value.violations] == ["result.counts"]
