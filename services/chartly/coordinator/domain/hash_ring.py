"""Consistent hashing with bounded loads: the drone that a shard belongs to. A preference only: no item waits for a busy owner.

Karger et al. 1997 for the ring; Mirrokni, Thorup, Zadimoghaddam 2016 ("Consistent Hashing with Bounded Loads") for the
bound: no drone owns more than 1 + epsilon times the mean, and the next drone of the ring gets the rest.
"""

import bisect
import hashlib
from collections.abc import Mapping

# Points a drone: 64 keep the shares within about ±25 % of the mean, which the load's bound then evens out.
_POINTS = 64
# A quarter above the mean: the paper's trade between balance and shards that move.
_LOAD_NUMERATOR, _LOAD_DENOMINATOR = 5, 4


class HashRing:
    """The drones that lease work now. Rebuilt when a drone joins or leaves, which is rare."""

    def __init__(self, drone_ids: frozenset[str]) -> None:
        points = sorted((_hash(f"{drone_id}#{n}"), drone_id) for drone_id in drone_ids for n in range(_POINTS))
        self.drone_ids = drone_ids
        self._hashes = [point for point, _ in points]
        self._owners = [owner for _, owner in points]

    def bound(self, loads: Mapping[str, int]) -> int:
        """Return the load at which a drone owns nothing more: a quarter above the mean with one more lease, rounded up."""
        total = sum(loads.values()) + 1
        return -(-total * _LOAD_NUMERATOR // (_LOAD_DENOMINATOR * max(len(self.drone_ids), 1)))

    def owner(self, shard: str, loads: Mapping[str, int], bound: int) -> str:
        """Return the first drone from the shard's place on that holds less than ``bound``; empty when there is none.

        Args:
            shard: what to place.
            loads: leases of each drone; a drone that is not named holds none.
            bound: the result of ``bound`` for these loads.
        """
        start = bisect.bisect(self._hashes, _hash(shard))
        for step in range(len(self._owners)):
            owner = self._owners[(start + step) % len(self._owners)]
            if loads.get(owner, 0) < bound:
                return owner
        return ""


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
