"""A drone that meets errors which it doesn't expect, against a real coordinator."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chartly.drone.worker import DroneWorker
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.v1 import coordinator_pb2 as pb


async def test_drone_leases_and_beats_after_unexpected_errors(
    start_host: Callable[..., Awaitable[Host]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lease and a heartbeat that end with an error of the drone's own are followed by others: it stays active beyond a lease."""
    host = await start_host("coordinator", limits__lease_s=1)
    failures = ["_lease", "_beat"]
    for name in failures[:]:
        method = getattr(DroneWorker, name)

        async def fail_once(self: DroneWorker, *, of: str = name, then: Callable[[DroneWorker], Awaitable[None]] = method) -> None:
            if of in failures:
                failures.remove(of)
                raise RuntimeError(of)
            await then(self)

        monkeypatch.setattr(DroneWorker, name, fail_once)
    drone = DroneWorker(host.config, "one")
    await drone.start()
    try:
        with scoped(Scope.service("test", "t", "p")):
            await asyncio.sleep(3)
            drones = (await host.clients("test").coordinator.ListDrones(pb.ListDronesRequest())).drones
        assert [(each.name, each.status) for each in drones] == [("one", "active")]
        assert failures == []
    finally:
        await drone.stop()
