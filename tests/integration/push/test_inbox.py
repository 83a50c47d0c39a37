"""The inbox during runs that start by themselves, fail or are cancelled, and after a restart of the hub."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from chartly.connector_hub.store.inbox import Push
from chartly.drone.worker import DroneWorker
from chartly.platform.host import Host
from chartly.v1 import common_pb2, orchestrator_pb2
from chartly.v1 import connector_hub_pb2 as hub_pb2

from .conftest import INNER, SOURCE, Platform, lines, reading

Start = Callable[..., Awaitable[Any]]


async def sync(platform: Platform, run_id: str, sequence: int, count: int = 0) -> hub_pb2.SyncSourceResponse:
    """Make one sync call of a run, as a drone does."""
    source = await platform.source()
    connector = common_pb2.FrozenProfile(ref=source.connector.ref, hash=source.connector.hash)
    request = hub_pb2.SyncSourceRequest(run_id=run_id, connector=connector, sequence=sequence, pushed_pages_max=count)
    return await platform.clients.connector_hub.SyncSource(request)


async def test_push_starts_its_workflow(start_platform: Start) -> None:
    """Pushes start their workflow without a request, and all are committed, also those that land during a run."""
    platform = await start_platform(scheduled=True)

    answers = await asyncio.gather(*(platform.push(lines([reading(10 * n + k) for k in range(10)]), wait="committed") for n in range(8)))
    await platform.drained()

    assert sum(answer.counts.canonical for answer in answers if answer.state == "committed") > 0
    assert (await platform.dataset()).rows == 80
    assert not (await platform.source()).HasField("inbox")


async def test_repeated_sync_gives_the_same_pages(start_platform: Start) -> None:
    """A repeated sync returns the same pages, and another run gets the pushes that the first didn't take."""
    platform = await start_platform(drones=0)
    for number in range(5):
        await platform.push(lines([reading(number)]))

    first, again = await sync(platform, "run_1", 0, 3), await sync(platform, "run_1", 0, 3)
    other, rest, more = await sync(platform, "run_2", 0, 1), await sync(platform, "run_1", 1, 3), await sync(platform, "run_2", 1, 3)

    assert [page.sha256 for page in first.pages] == [page.sha256 for page in again.pages]
    assert [len(answer.pages) for answer in (first, other, rest, more)] == [3, 1, 1, 0]
    assert [answer.finished for answer in (first, other, rest, more)] == [False, False, True, True]


async def test_run_takes_at_most_its_bound_of_pushes(start_platform: Start) -> None:
    """A run takes pushes up to its bound and ends; the next run takes the others."""
    platform = await start_platform(drones=0, limits__inbox_run_pages_max=2)
    for number in range(3):
        await platform.push(lines([reading(number)]))

    answer, other = await sync(platform, "run_1", 0), await sync(platform, "run_2", 0)

    assert [(len(each.pages), each.finished) for each in (answer, other)] == [(2, True), (1, True)]


async def test_pushes_of_a_cancelled_run_go_to_the_next_run(start_platform: Start) -> None:
    """Pushes that a cancelled run took and did not commit are committed once by the next run."""
    platform = await start_platform(drones=0)
    for number in range(3):
        await platform.push(lines([reading(number)]))
    run = await platform.clients.orchestrator.RunWorkflow(orchestrator_pb2.RunWorkflowRequest(workflow_id=platform.workflow_id))
    drone = DroneWorker(platform.host.config, "drone-late")
    await sync(platform, run.run_id, 0)
    taken = (await platform.source()).inbox

    # The run's sync is given the pages that it has taken already; its normalization is cancelled before a drone begins it.
    await platform.clients.orchestrator.CancelRun(orchestrator_pb2.CancelRunRequest(run_id=run.run_id))
    inbox = platform.host.service("connector_hub").inbox
    await inbox.release_ended(grace_ms=0)
    back = (await platform.source()).inbox
    await drone.start()
    try:
        ended = await platform.run()
        await platform.drained()
    finally:
        await drone.stop()

    assert (taken.landed, taken.taken, back.landed, back.taken) == (0, 3, 3, 0)
    assert ended.counts.canonical == (await platform.dataset()).rows == 3


async def test_push_that_no_run_commits_is_held_until_the_source_is_resumed(start_platform: Start) -> None:
    """A push that runs fail to commit is held after its attempts, doesn't block others, and is released when the source is resumed."""
    platform = await start_platform(drones=0, limits__inbox_attempts_max=2)
    await platform.push(lines([reading(1)]))
    inbox = platform.host.service("connector_hub").inbox

    states: list[tuple[int, int]] = []
    for number in range(2):
        await sync(platform, f"run_gone_{number}", 0)
        await inbox.release_ended(grace_ms=0)
        states.append(((await platform.source()).inbox.landed, (await platform.source()).inbox.held))
    await platform.clients.connector_hub.ResumeSource(hub_pb2.ResumeSourceRequest(source_id=SOURCE))

    assert states == [(1, 0), (0, 1)]
    assert (await platform.source()).inbox.landed == 1


async def test_restarted_hub_has_acknowledged_pushes(start_platform: Start, start_host: Callable[..., Awaitable[Host]]) -> None:
    """A push that was acknowledged before a restart of the hub is committed after it."""
    platform = await start_platform(drones=0)
    body = lines([reading(n) for n in range(20)])
    await platform.push(body)
    await platform.host.stop()

    platform = await platform.restart(await start_host(*INNER))
    drone = DroneWorker(platform.host.config, "drone-1")
    await drone.start()
    try:
        await platform.run()
        again = await platform.push(body, wait="committed")
    finally:
        await drone.stop()

    assert (again.state, again.repeated, again.counts.canonical) == ("committed", True, 20)


async def test_lost_notification_is_repeated(start_platform: Start) -> None:
    """A push starts its workflow also when its notification to the orchestrator was lost."""
    platform = await start_platform(scheduled=True, limits__inbox_notify_again_s=1)
    lost: list[Push] = []
    hub = platform.host.service("connector_hub")
    hub.pushes.landed = lost.append

    await platform.push(lines([reading(n) for n in range(4)]))
    await platform.drained()

    assert ((await platform.dataset()).rows, len(lost)) == (4, 1)
