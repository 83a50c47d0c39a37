"""A run under kills and cancellations: when each happens, and the outcome of the run. It compares nothing.

Every kill happens during the run on any machine: a sync's pages are answered only after the kill before them, so the run can't
end before its kills, and no kill depends on the machine's speed.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from chartly.audit.failpoints import LedgerFailpoint
from chartly.connector_hub.failpoints import SyncPoint
from chartly.drone.failpoints import DroneFailpoint
from chartly.drone.tasks import PAGES_A_SYNC
from chartly.normalizer.failpoints import NormalizerFailpoint
from chartly.orchestrator.failpoints import OrchestratorFailpoint
from chartly.storage.commit.failpoints import COMMIT as STORAGE_POINTS

from . import upstream
from .client import Client, connected
from .installation import DRONE_DEADLINE_S, Installation, Kind, running, until
from .ledger_entries import entries_against_versions
from .process import hold, holds, let_go, order

POINTS: dict[Kind, tuple[StrEnum, ...]] = {
    Kind.FRONT: (*OrchestratorFailpoint, *LedgerFailpoint),
    Kind.BACK: (*SyncPoint, *NormalizerFailpoint, *STORAGE_POINTS),
    Kind.DRONE: tuple(DroneFailpoint),
}
KINDS = (Kind.EDGE, Kind.FRONT, Kind.BACK, Kind.DRONE, Kind.ALL)
POINTS_COUNT = sum(map(len, POINTS.values()))
# A random kill comes within this time of its pages' release: about what their way into the dataset takes.
_WINDOW_S = 1.0
# Each of a sync's four pages passes the points of hub and normalizer; all other points may be passed by several pages together.
_PASSED_BY_EACH_PAGE = frozenset((*SyncPoint, *NormalizerFailpoint))
_NTH_MAX = 3
# Where the calls of drones can be cancelled: in the host that they call.
CANCELLATION_POINTS = POINTS[Kind.BACK]
# One in so many cancellations is an expired deadline, which takes as long as the deadline.
_EXPIRES_EVERY = 6
# A cancellation goes over two sockets and one event loop.
_CANCELLED_S = 0.5
# The auditor comes after every tenth kill, and remembers: a ledger that lost or changed an entry since is seen.
_AUDIT_EVERY = 10


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: when a point is reached for the ``nth`` time, or without a point ``after_s`` after its pages were released."""

    kind: Kind
    point: StrEnum | None = None
    nth: int = 1
    after_s: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind} at {self.point} ({self.nth})" if self.point else f"{self.kind} after {self.after_s:.2f} s"


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A call of a drone that is cancelled while its handler, or what the handler calls, waits at a failpoint."""

    point: StrEnum
    expires: bool
    """By the end of the caller's deadline; else the caller's connection is reset."""

    def __str__(self) -> str:
        return f"{'deadline expires' if self.expires else 'caller goes away'} at {self.point}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a run, which must not depend on kills."""

    state: str
    counts: dict[str, int]
    rows: int
    content_hash: str
    quarantined_listed: int
    """Records that a person can list in quarantine."""
    faults: tuple[str, ...]
    """Of the consistency check, of the ledger's own check, and of the auditor's."""


@dataclass
class DisruptionCounts:
    """Counts of the kills, cancellations and retries during a run."""

    kills: Counter[Kind] = field(default_factory=Counter[Kind])
    """Processes killed, by kind."""
    cancellations: int = 0
    """Times that the connections of callers were reset while a call waited at a failpoint."""
    expiries: int = 0
    """Times that a call waited at a failpoint for longer than its caller's deadline."""
    expired_calls: int = 0
    """Calls that drones report as ended by their deadline."""
    audits: int = 0
    retries: int = 0
    """Number of times that the client found the edge away and retried."""
    ends: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """Exit codes of processes that ended without being killed, by name; none should."""

    def note(self, kill: Kill) -> None:
        """Count a kill that happened."""
        self.kills.update([Kind.FRONT, Kind.BACK, Kind.DRONE, Kind.DRONE, Kind.EDGE] if kill.kind is Kind.ALL else [kill.kind])

    def note_cancellation(self, cancellation: Cancellation) -> None:
        """Count a cancellation that happened."""
        if cancellation.expires:
            self.expiries += 1
        else:
            self.cancellations += 1

    def gather(self, client: Client) -> None:
        """Read the counts of the client and the processes at the end."""
        self.retries = client.retries
        logs = [path.read_text() for path in client.installation.data.glob("drone-*.log")]
        self.expired_calls = sum(log.count('"DEADLINE_EXCEEDED"') for log in logs)
        self.ends = {member.name: member.ends for member in client.installation.members if member.ends}


def plan(seed: int, at_points: int, at_random: int, cancellations: int = 0) -> "list[Kill | Cancellation]":
    """Choose kills and cancellations in a random order: each point in turn, and each kind of process in turn."""
    chance = random.Random(seed)  # noqa: S311 - replayable, and no secret
    points = [(kind, point) for kind, found in POINTS.items() for point in found]
    chosen: list[Kill | Cancellation] = [Kill(kind, point, nth=_nth(chance, point)) for kind, point in _first(points, at_points)]
    chosen += [Kill(kind, after_s=chance.uniform(0, _WINDOW_S)) for kind in _first(KINDS, at_random)]
    cancelled = chance.sample(CANCELLATION_POINTS, len(CANCELLATION_POINTS))
    chosen += [Cancellation(point, expires=number % _EXPIRES_EVERY == 0) for number, point in enumerate(_first(cancelled, cancellations))]
    chance.shuffle(chosen)
    return chosen


def _nth(chance: random.Random, point: StrEnum) -> int:
    """Choose the number of the passing at which a process dies, so that it occurs while the pages of one sync are under way."""
    return chance.randint(1, _NTH_MAX if point in _PASSED_BY_EACH_PAGE else 1)


def _first(items: Sequence[Any], count: int) -> list[Any]:
    """Return ``count`` items, starting over at the end of the list."""
    return [items[number % len(items)] for number in range(count)]


class Gate:
    """Delays the answers to a sync's pages until they are released."""

    def __init__(self, syncs: int) -> None:
        self._asked = [asyncio.Event() for _ in range(syncs)]
        self._released = [asyncio.Event() for _ in range(syncs)]

    async def may_answer(self, page: int) -> None:
        """Wait until the page's sync is released."""
        sync = page // PAGES_A_SYNC
        self._asked[sync].set()
        await self._released[sync].wait()

    async def asked(self, sync: int) -> None:
        """Wait until a sync's first page is requested: the pages before it are in the queue or further by then."""
        await self._asked[sync].wait()

    def release(self, sync: int) -> None:
        """Allow the answers to a sync's pages."""
        self._released[sync].set()


async def disrupt(
    client: Client, gate: Gate, disruptions: "Sequence[Kill | Cancellation]", counts: DisruptionCounts, tell: Callable[[str], None]
) -> None:
    """Do every kill and cancellation, each during the pages of one sync, and then release the last pages."""
    for number, disruption in enumerate(disruptions):
        await gate.asked(number)
        tell(f"{number + 1}/{len(disruptions)} {disruption}")
        if isinstance(disruption, Cancellation):
            if await cancel(client.installation, disruption, partial(gate.release, number)):
                counts.note_cancellation(disruption)
        else:
            await strike(client.installation, disruption, partial(gate.release, number))
            counts.note(disruption)
        if number % _AUDIT_EVERY == _AUDIT_EVERY - 1:
            report = await client.audit()
            assert report["verified"], f"after {disruption}: {report}"
            counts.audits += 1
    gate.release(len(disruptions))


async def strike(installation: Installation, kill: Kill, release: Callable[[], None]) -> None:
    """Prepare a kill, release the pages that it is to interrupt, and wait until it has happened."""
    if kill.point is None:
        release()
        await asyncio.sleep(kill.after_s)
        await installation.kill(kill.kind)
        return
    before = installation.kills(kill.kind)
    order(installation.orders, kill.point, kill.nth)
    release()
    await until(lambda: installation.kills(kill.kind) > before)


async def cancel(installation: Installation, cancellation: Cancellation, release: Callable[[], None]) -> bool:
    """Hold a call at the failpoint, end it from its caller's side, then let the work continue.

    Return whether a caller was there. After a kill of all processes the recovery at the host's start can reach the failpoint first, without
    any call.
    """
    orders, point = installation.orders, cancellation.point
    hold(orders, point)
    release()
    try:
        await until(lambda: holds(orders, point))
        called = installation.relay.connected > 0
        if called and cancellation.expires:
            await asyncio.sleep(DRONE_DEADLINE_S)
        elif called:
            installation.relay.cut()
        await asyncio.sleep(_CANCELLED_S)
        return called
    finally:
        let_go(orders, point)


async def disturbed(
    folder: Path,
    kills: "Sequence[Kill | Cancellation]",
    page_records: int,
    counts: DisruptionCounts,
    environment: dict[str, str] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Run the workflow through all kills and cancellations on a new installation."""
    gate = Gate(len(kills) + 1)
    async with (
        upstream.serving(pages(len(kills)), page_records, gate.may_answer) as port,
        running(folder, environment=environment) as installation,
        connected(installation) as client,
    ):
        workflow = await client.put_profiles(port)
        killing = asyncio.create_task(disrupt(client, gate, kills, counts, tell))
        try:
            return await _outcome(client, await _run(client, workflow, killing))
        finally:
            killing.cancel()
            await asyncio.gather(killing, return_exceptions=True)
            counts.gather(client)


async def undisturbed(folder: Path, kills: int, page_records: int) -> Outcome:
    """Run the same workflow without kills, on an installation of its own."""
    async with (
        upstream.serving(pages(kills), page_records, upstream.at_once) as port,
        running(folder) as installation,
        connected(installation) as client,
    ):
        return await _outcome(client, await _run(client, await client.put_profiles(port), None))


def pages(kills: int) -> int:
    """Return the number of pages of a run with this number of kills: those of one sync for each, and one more."""
    return (kills + 1) * PAGES_A_SYNC


async def _run(client: Client, workflow: str, killing: "asyncio.Task[None] | None") -> dict[str, Any]:
    """Run the workflow to its end; raise at once when the disruptions fail or are not over by then."""
    run = await client.ask("POST", f"/v1/workflows/{workflow}:run", {}, key="the-run")
    ending = asyncio.create_task(client.ended(run["run_id"]))
    if killing is not None:
        await asyncio.wait([ending, killing], return_when=asyncio.FIRST_COMPLETED)
        if killing.done() and killing.exception() is not None:
            ending.cancel()
            killing.result()
    ended = await ending
    assert killing is None or killing.done(), f"the run ended before its kills: {ended}"
    return ended


async def planes_faults(client: Client) -> tuple[str, ...]:
    """Return the faults that the platform's checks, the comparison of versions with ledger entries, and an auditor find."""
    check = await client.ask("POST", "/v1/checks:run", {})
    own = await client.ask("POST", "/v1/audit:verify", {})
    auditor = await client.audit()
    faults = [*check.get("faults", []), *own.get("faults", []), *auditor["faults"], *await entries_against_versions(client)]
    if not check["complete"]:
        faults.append("the consistency check did not read everything")
    if not (own["verified"] and auditor["verified"] and auditor["tree_size"]):
        faults.append("the ledger does not verify")
    return tuple(faults)


async def _outcome(client: Client, run: dict[str, Any]) -> Outcome:
    dataset = await client.ask("GET", "/v1/datasets/sales-events")
    faults = await planes_faults(client)
    return Outcome(
        state=run["state"],
        counts={name: int(number) for name, number in run["counts"].items()},
        rows=int(dataset["rows"]),
        content_hash=dataset["content_hash"],
        quarantined_listed=await client.count("/v1/quarantine", "records"),
        faults=faults,
    )
