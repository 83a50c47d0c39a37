"""Drones that register, stop sending heartbeats, and are forgotten."""

import pytest

from chartly.coordinator.domain.fleet import Fleet
from chartly.coordinator.errors import DroneUnknown, TooManyDrones
from chartly.coordinator.service import fleet_rules
from chartly.platform.config import Limits

from .conftest import Join


def test_same_name_keeps_its_id(fleet: Fleet, join: Join) -> None:
    """A drone that registers a second time keeps its id and counts, and is not draining any more."""
    first = join()
    fleet.ended(first.drone_id, well=True)
    fleet.heard(first.drone_id, 5, draining=True)
    again = fleet.register("one", frozenset({"normalize"}), 10, lambda: "drone_other")
    assert (again.drone_id, again.completed, again.draining, again.kinds) == (first.drone_id, 1, False, frozenset({"normalize"}))


def test_status_follows_heartbeats(fleet: Fleet, join: Join) -> None:
    """A drone is active up to a lease's length after its heartbeat, then silent; a draining one without leases is drained."""
    drone = join()
    assert fleet.status(drone, 999) == "active"
    assert fleet.status(drone, 1_000) == "silent"
    assert fleet.status(fleet.heard(drone.drone_id, 1_000, draining=True), 1_001) == "drained"


def test_only_active_drones_are_on_the_ring(fleet: Fleet, join: Join) -> None:
    """Silent and drained drones own no shard."""
    join("gone", now_ms=0)
    live = join("live", now_ms=5_000)
    drained = join("drained", now_ms=5_000)
    fleet.heard(drained.drone_id, 5_000, draining=True)
    assert fleet.ring(5_000).drone_ids == {live.drone_id}


def test_long_silence_is_forgotten(fleet: Fleet, join: Join) -> None:
    """A drone that was silent for too long is unknown."""
    drone = join()
    assert fleet.next_due_ms() == 10_000
    assert fleet.forget(9_999) == []
    assert fleet.forget(10_000) == [drone.drone_id]
    with pytest.raises(DroneUnknown):
        fleet.heard(drone.drone_id, 10_001)


def test_fleet_is_bounded(fleet: Fleet, join: Join) -> None:
    """Above the bound a new name is refused; a known one is accepted."""
    for number in range(10):
        join(str(number))
    with pytest.raises(TooManyDrones):
        join("eleventh")
    assert join("3")


def test_bound_of_the_fleet_is_configured() -> None:
    """The limit ``drones_max`` is how many drones may register."""
    fleet = Fleet(fleet_rules(Limits(drones_max=2)))
    for name in ("one", "two"):
        fleet.register(name, frozenset(), 0, lambda name=name: f"drone_{name}")
    with pytest.raises(TooManyDrones):
        fleet.register("three", frozenset(), 0, lambda: "drone_three")
