"""The observer over gRPC: periodic checks and their results."""

import asyncio
from collections.abc import Awaitable, Callable

from google.protobuf.struct_pb2 import Struct
from prometheus_client import CollectorRegistry

from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope
from chartly.platform.rpc.clients import Clients
from chartly.v1 import audit_pb2, gateway_pb2, observer_pb2

StartHost = Callable[..., Awaitable[Host]]
SERVICES = ("registry", "storage", "audit", "observer", "gateway")
REQUEST = observer_pb2.GetLastCheckRequest()


def acting(host: Host, project: str) -> Clients:
    """Return the clients of a service that acts for a project."""
    return host.clients("orchestrator").acting(Scope.service("orchestrator", "tenant-demo", project))


async def append_entry(clients: Clients, dataset: str) -> None:
    """Append a ledger entry of a commit that storage does not know."""
    details = Struct()
    details.update({"dataset_version": "1", "content_hash": f"sha256:{'0' * 64}", "work_key": "1" * 64})
    event = audit_pb2.AuditEvent(
        event_key=f"dataset.updated/{dataset}", type="dataset.updated", subject=f"dataset/{dataset}", details=details
    )
    event.occurred_at.GetCurrentTime()
    await clients.audit.AppendEvents(audit_pb2.AppendEventsRequest(events=[event]))


async def last_check(clients: Clients) -> observer_pb2.RunCheckResponse:
    """Wait for the last check of a project."""
    async with asyncio.timeout(30):
        while True:
            found = await clients.observer.GetLastCheck(REQUEST)
            if found.HasField("checked_at"):
                return found
            await asyncio.sleep(0.05)


def sample(registry: CollectorRegistry, name: str, **labels: str) -> float:
    """Return the value of a metric."""
    return registry.get_sample_value(name, labels) or 0.0


async def test_checks_run_by_themselves(start_host: StartHost) -> None:
    """Every project of the ledger is checked; status and metrics show a finding with dataset, version and place."""
    host = await start_host(*SERVICES, observer__check_every_s=1)
    clean, broken = acting(host, "clean"), acting(host, "broken")
    await append_entry(broken, "ghost")
    found = await last_check(broken)

    assert (found.consistent, found.complete) == (False, True)
    (finding,) = found.findings
    assert (finding.dataset, finding.version, finding.place) == ("ghost", 1, "ledger entry 0")
    assert found.faults == ["dataset ghost, version 1, ledger entry 0: storage has no dataset of this name"]
    status = await broken.gateway.GetStatus(gateway_pb2.GetStatusRequest())
    assert [each.dataset for each in status.last_check.findings] == ["ghost"]
    assert not (await clean.observer.GetLastCheck(REQUEST)).HasField("checked_at")
    for _ in range(600):
        if sample(host.metrics, "chartly_check_ended_timestamp_seconds"):
            break
        await asyncio.sleep(0.05)
    assert sample(host.metrics, "chartly_check_findings") == 1
    assert sample(host.metrics, "chartly_checks_total", outcome="inconsistent") >= 1


async def test_interval_of_zero_runs_no_check(start_host: StartHost) -> None:
    """With an interval of 0 checks run on request only, and the last result is kept."""
    host = await start_host(*SERVICES, observer__check_every_s=0)
    clients = acting(host, "clean")
    await asyncio.sleep(0.3)
    assert not (await clients.observer.GetLastCheck(REQUEST)).HasField("checked_at")
    assert (await clients.observer.RunCheck(observer_pb2.RunCheckRequest())).consistent
    assert (await clients.observer.GetLastCheck(REQUEST)).consistent


async def test_one_check_runs_at_a_time(start_host: StartHost) -> None:
    """Concurrent requests for checks run one after the other, and all are answered."""
    host = await start_host(*SERVICES, observer__check_every_s=0)
    asked = [acting(host, f"project-{number}").observer.RunCheck(observer_pb2.RunCheckRequest()) for number in range(4)]
    answers = await asyncio.gather(*asked)
    assert all(answer.consistent for answer in answers)
    assert len({answer.checked_at.ToNanoseconds() for answer in answers}) == 4


async def test_projects_of_the_ledger_come_in_pages(start_host: StartHost) -> None:
    """Every project with an entry is listed once, in order, page by page."""
    host = await start_host("audit")
    for number in range(5):
        await append_entry(acting(host, f"project-{number}"), "ghost")
    clients = acting(host, "project-0")
    names: list[str] = []
    token, pages = "", 0
    while pages < 9:
        pages += 1
        page = await clients.audit.ListProjects(audit_pb2.ListProjectsRequest(page_size=2, page_token=token))
        names += [each.project for each in page.projects if each.tenant == "tenant-demo"]
        token = page.next_page_token
        if not token:
            break
    assert names == [f"project-{number}" for number in range(5)]
    assert pages == 3
