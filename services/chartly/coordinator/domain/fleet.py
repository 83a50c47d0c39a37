"""The registered drones and their status. It leases nothing.

A drone is active while its heartbeats come, silent after a lease's length without one, and forgotten after ``forgotten_ms``. A drone
declares that it drains; its next registration ends that.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from chartly.coordinator.errors import DroneUnknown, TooManyDrones

from .hash_ring import HashRing
from .model import RegisteredDrone


@dataclass(frozen=True, slots=True)
class FleetRules:
    """Times and bounds of the fleet."""

    drones_max: int
    silent_ms: int
    forgotten_ms: int


class Fleet:
    """All known drones. One owner, the engine; not safe for several threads."""

    def __init__(self, rules: FleetRules, drones: Iterable[RegisteredDrone] = ()) -> None:
        self._rules = rules
        self._drones = {drone.drone_id: drone for drone in drones}
        self._ring = HashRing(frozenset())

    def __iter__(self) -> Iterator[RegisteredDrone]:
        return iter(sorted(self._drones.values(), key=lambda drone: drone.name))

    def get(self, drone_id: str) -> RegisteredDrone:
        """Return a drone.

        Raises:
            DroneUnknown: it never registered, or was forgotten.
        """
        drone = self._drones.get(drone_id)
        if drone is None:
            raise DroneUnknown(drone_id)
        return drone

    def register(self, name: str, kinds: frozenset[str], now_ms: int, new_id: Callable[[], str]) -> RegisteredDrone:
        """Register a drone; the same name keeps its id and its counts.

        Raises:
            TooManyDrones: the name is new and the bound is reached.
        """
        known = next((drone for drone in self._drones.values() if drone.name == name), None)
        if known is None and len(self._drones) >= self._rules.drones_max:
            raise TooManyDrones(self._rules.drones_max, retry_after_s=self._rules.silent_ms / 1000)
        if known is None:
            drone = RegisteredDrone(new_id(), name, kinds, now_ms, now_ms)
        else:
            drone = replace(known, kinds=kinds, registered_at_ms=now_ms, heard_at_ms=now_ms, draining=False)
        self._drones[drone.drone_id] = drone
        return drone

    def heard(self, drone_id: str, now_ms: int, *, draining: bool | None = None) -> RegisteredDrone:
        """Store the time of a heartbeat, and whether the drone drains.

        Raises:
            DroneUnknown: as ``get``.
        """
        drone = self.get(drone_id)
        drone = replace(drone, heard_at_ms=max(now_ms, drone.heard_at_ms), draining=drone.draining if draining is None else draining)
        self._drones[drone_id] = drone
        return drone

    def ended(self, drone_id: str, *, well: bool) -> RegisteredDrone | None:
        """Count an item that the drone ended. Return None when the drone was forgotten meanwhile."""
        drone = self._drones.get(drone_id)
        if drone is None:
            return None
        drone = replace(drone, completed=drone.completed + well, failed=drone.failed + (not well))
        self._drones[drone_id] = drone
        return drone

    def forget(self, now_ms: int) -> list[str]:
        """Remove drones that were silent for too long, and return their ids."""
        gone = [drone.drone_id for drone in self._drones.values() if now_ms - drone.heard_at_ms >= self._rules.forgotten_ms]
        for drone_id in gone:
            del self._drones[drone_id]
        return gone

    def status(self, drone: RegisteredDrone, now_ms: int) -> str:
        """Return ``active``, ``silent`` or ``drained``."""
        if now_ms - drone.heard_at_ms >= self._rules.silent_ms:
            return "silent"
        return "drained" if drone.draining else "active"

    def active(self, now_ms: int) -> list[RegisteredDrone]:
        """Return the drones that lease work now."""
        return [drone for drone in self._drones.values() if self.status(drone, now_ms) == "active"]

    def last_heard_ms(self) -> int | None:
        """Return when a drone that leases work was last heard; None when there is none."""
        return max((drone.heard_at_ms for drone in self._drones.values() if not drone.draining), default=None)

    def ring(self, now_ms: int) -> HashRing:
        """Return the ring of the active drones; it is rebuilt when their set changed."""
        ids = frozenset(drone.drone_id for drone in self.active(now_ms))
        if ids != self._ring.drone_ids:
            self._ring = HashRing(ids)
        return self._ring

    def next_due_ms(self) -> int | None:
        """Return when the next drone is forgotten, unless a heartbeat comes."""
        return min((drone.heard_at_ms + self._rules.forgotten_ms for drone in self._drones.values()), default=None)
