"""The queue's transitions."""

import pytest

from chartly.coordinator.domain.fleet import Fleet
from chartly.coordinator.domain.model import AttemptFailure, RegisteredDrone, WorkItem, WorkState
from chartly.coordinator.domain.queue import Queue
from chartly.coordinator.errors import LeaseLost

from .conftest import Join, MakeItem, MakeQueue

NOBODY = frozenset[str]()
FAULT = AttemptFailure("INTERNAL", "it broke")
AWAY = AttemptFailure("SERVICE_UNAVAILABLE", "it is away")


def take(queue: Queue, drone: RegisteredDrone, fleet: Fleet, now_ms: int = 0, count: int = 1) -> list[WorkItem]:
    """Lease items for a drone while no other drone waits."""
    return queue.lease(drone, count, now_ms, fleet, NOBODY)


def test_first_come_is_first_served_within_a_source(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """Items of one source and kind are leased in the order of their arrival."""
    first, second = make_item(), make_item()
    queue = make_queue(second, first)
    assert [item.work_id for item in take(queue, join(), fleet, count=5)] == [first.work_id, second.work_id]


def test_tenants_take_turns(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """Tenants are served in turn, whatever the number of their items."""
    queue = make_queue(*(make_item("big") for _ in range(100)), *(make_item("small") for _ in range(2)))
    leased = take(queue, join(), fleet, count=4)
    assert [item.tenant for item in leased] == ["big", "small", "big", "small"]


def test_sources_of_a_tenant_take_turns(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """Sources of a tenant are served in turn, whatever the number of their items."""
    queue = make_queue(*(make_item(source="big") for _ in range(50)), make_item(source="small"))
    assert {item.source_id for item in take(queue, join(), fleet, count=2)} == {"big", "small"}


def test_each_attempt_has_a_lease_of_its_own(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """The second lease of an item has another id, and the first lease is lost."""
    queue = make_queue(make_item())
    drone = join()
    [first] = take(queue, drone, fleet)
    queue.release(drone.drone_id, 1)
    [second] = take(queue, drone, fleet, 1)
    assert first.lease_id != second.lease_id
    with pytest.raises(LeaseLost):
        queue.complete(first.work_id, first.lease_id, "normalize", b"", 2)


def test_ends_are_numbered_without_a_gap(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """Completed, failed and cancelled items share one sequence in the order of their ends."""
    queue = make_queue(*(make_item() for _ in range(3)))
    one, two = take(queue, join(), fleet, count=2)
    ends = [
        queue.complete(one.work_id, one.lease_id, "normalize", b"", 1),
        queue.fail(two.work_id, two.lease_id, AttemptFailure("CORRUPT", "", final=True), 1),
        *queue.cancel(lambda _: True, 1),
    ]
    assert [item.finish_sequence for item in ends] == [1, 2, 3]
    assert [item.state for item in ends] == [WorkState.COMPLETED, WorkState.FAILED, WorkState.CANCELLED]


def test_failed_item_waits_for_its_next_attempt(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """A failed item is leased only after its wait."""
    queue = make_queue(make_item())
    [item] = take(queue, join(), fleet)
    waiting = queue.fail(item.work_id, item.lease_id, FAULT, 0)
    assert waiting.state is WorkState.QUEUED
    assert not take(queue, join(), fleet, waiting.ready_at_ms - 1)
    assert take(queue, join(), fleet, waiting.ready_at_ms)


def test_last_fault_is_a_dead_letter(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """After attempts_max failures an item is a dead letter with the last reason."""
    queue = make_queue(make_item(attempts_max=2))
    [item] = take(queue, join(), fleet)
    item = queue.fail(item.work_id, item.lease_id, FAULT, 0)
    [item] = take(queue, join(), fleet, item.ready_at_ms)
    item = queue.fail(item.work_id, item.lease_id, FAULT, item.ready_at_ms)
    assert (item.state, item.reason) == (WorkState.FAILED, "INTERNAL")
    assert queue.get(item.work_id) is None


def test_refusals_cost_no_attempt(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """An unavailable service costs no attempt, but an item that is too old fails."""
    queue = make_queue(make_item(attempts_max=1), age_max_ms=100_000)
    now_ms = 0
    for _ in range(10):
        [item] = take(queue, join(), fleet, now_ms)
        item = queue.fail(item.work_id, item.lease_id, AWAY, now_ms)
        assert item.state is WorkState.QUEUED
        now_ms = item.ready_at_ms
    [item] = take(queue, join(), fleet, 100_000)
    assert queue.fail(item.work_id, item.lease_id, AWAY, 100_000).state is WorkState.FAILED


def test_repeated_failure_report_changes_nothing(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """A failure that is reported twice counts once."""
    queue = make_queue(make_item())
    [item] = take(queue, join(), fleet)
    once = queue.fail(item.work_id, item.lease_id, FAULT, 0)
    assert queue.fail(item.work_id, item.lease_id, FAULT, 5) == once


def test_expired_lease_frees_its_item(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """A lease without a heartbeat expires at its time, and its item can be leased by another drone."""
    queue = make_queue(make_item())
    take(queue, join(), fleet)
    assert queue.next_due_ms() == 1_000
    assert not queue.expire(999)
    [lost] = queue.expire(1_000)
    assert (lost.state, lost.losses, lost.reason) == (WorkState.QUEUED, 1, "LEASE_LOST")
    assert take(queue, join(), fleet, 1_000)


def test_heartbeat_prolongs_leases(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """A heartbeat prolongs the drone's leases by a whole length, and returns those that are not the drone's."""
    queue = make_queue(make_item())
    drone = join()
    [item] = take(queue, drone, fleet)
    assert queue.prolong(drone.drone_id, [item.lease_id, "other"], 900) == ["other"]
    assert not queue.expire(1_000)
    assert queue.expire(1_900)


def test_late_completion_counts_without_another_lease(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """A completion after the lease expired counts as long as no other drone has the item."""
    queue = make_queue(make_item())
    [item] = take(queue, join(), fleet)
    queue.expire(1_000)
    assert queue.complete(item.work_id, item.lease_id, "normalize", b"", 1_001).state is WorkState.COMPLETED
    assert not take(queue, join(), fleet, 1_001)


def test_work_that_kills_its_drones_ends(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """After losses_max lost leases an item is a dead letter, whatever the number of its attempts."""
    queue = make_queue(make_item(attempts_max=100), losses_max=3)
    ends: list[WorkItem] = []
    for now_ms in (0, 1_000, 2_000):
        take(queue, join(), fleet, now_ms)
        ends += queue.expire(now_ms + 1_000)
    assert [item.state for item in ends] == [WorkState.QUEUED, WorkState.QUEUED, WorkState.FAILED]
    assert ends[-1].reason == "LEASE_LOST"


def test_drone_holds_no_more_than_its_bound(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """A drone gets at most leases_max leases."""
    queue = make_queue(*(make_item() for _ in range(5)), leases_max=2)
    drone = join()
    assert len(take(queue, drone, fleet, count=5)) == 2
    assert not take(queue, drone, fleet)


def test_kinds_that_a_drone_does_not_take_stay(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """A drone gets only work of the kinds that it named, and other items don't block it."""
    queue = make_queue(make_item(kind="connector_sync"), make_item(kind="normalize"))
    assert [item.kind for item in take(queue, join(kinds=["normalize"]), fleet, count=5)] == ["normalize"]
    assert queue.ready(0) == 1


def test_shard_goes_to_its_owner_when_it_waits(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """Of two waiting drones a shard's owner gets its items; the other drone gets them when the owner is busy."""
    one, two = join("one"), join("two")
    both = frozenset({one.drone_id, two.drone_id})
    taken_by_one = {
        source
        for source in map(str, range(40))
        if (queue := make_queue(make_item(source=source))).lease(one, 1, 0, fleet, both - {one.drone_id})
    }
    taken_by_two = {
        source
        for source in map(str, range(40))
        if (queue := make_queue(make_item(source=source))).lease(two, 1, 0, fleet, both - {two.drone_id})
    }
    assert taken_by_one | taken_by_two == set(map(str, range(40)))
    assert not taken_by_one & taken_by_two
    assert 5 <= len(taken_by_one) <= 35

    queue = make_queue(make_item(source=min(taken_by_two)))
    assert queue.lease(one, 1, 0, fleet, frozenset())


def test_cancelled_items_leave_no_trace_in_the_depths(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """Once all is cancelled the queue counts nothing and leases nothing."""
    queue = make_queue(*(make_item() for _ in range(4)))
    take(queue, join(), fleet, count=2)
    queue.cancel(lambda item: item.run_id == "run_1", 1)
    assert (queue.depths.all.items, queue.depths.all.data_bytes, queue.leased, queue.ready(1)) == (0, 0, 0, 0)
    assert not queue.depths.tenants
    assert not queue.depths.sources
