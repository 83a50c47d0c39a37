"""Consistent hashing with bounded loads."""

from collections import Counter

from chartly.coordinator.domain.hash_ring import HashRing

SHARDS = [f"tenant/{n}" for n in range(2_000)]
TEN = frozenset(f"drone_{n}" for n in range(10))


def owners(ring: HashRing) -> dict[str, str]:
    """Return the owner of every shard while no drone has a lease."""
    return {shard: ring.owner(shard, {}, 1) for shard in SHARDS}


def test_shards_spread_over_all_drones() -> None:
    """Each of ten drones owns between half and twice its share."""
    shares = Counter(owners(HashRing(TEN)).values())
    assert set(shares) == TEN
    assert all(100 <= share <= 400 for share in shares.values())


def test_a_lost_drone_moves_only_its_own_shards() -> None:
    """When one of ten drones leaves, only its shards get another owner."""
    before, after = owners(HashRing(TEN)), owners(HashRing(TEN - {"drone_3"}))
    assert all(after[shard] == owner for shard, owner in before.items() if owner != "drone_3")


def test_no_drone_owns_more_than_a_quarter_above_the_mean() -> None:
    """With bounded loads no drone gets more than a quarter above the mean."""
    ring, loads = HashRing(TEN), Counter[str]()
    for shard in SHARDS[:400]:
        loads[ring.owner(shard, loads, ring.bound(loads))] += 1
    assert max(loads.values()) <= 400 / 10 * 1.25 + 1


def test_ring_without_drones_has_no_owner() -> None:
    """Without drones a shard has no owner."""
    ring = HashRing(frozenset())
    assert ring.owner("t/s", {}, ring.bound({})) == ""
