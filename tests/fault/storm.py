"""A run under kills: which process dies when, and what is left of the run afterwards. It compares nothing.

Every kill falls into the run, on any machine: a sync's pages are answered only once the kill before them has happened, so the run can't
overtake its kills, and no kill depends on how quick the machine is.
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
from .installation import Installation, Kind, running, until
from .process import order

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
# The auditor comes after every tenth kill, and remembers: a ledger that lost or changed an entry since is seen.
_AUDIT_EVERY = 10


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: when a point is reached for the ``nth`` time, or without a point ``after_s`` its pages were released."""

    kind: Kind
    point: StrEnum | None = None
    nth: int = 1
    after_s: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind} at {self.point} ({self.nth})" if self.point else f"{self.kind} after {self.after_s:.2f} s"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left of a run, the same however often it was disturbed."""

    state: str
    counts: dict[str, int]
    rows: int
    content_hash: str
    quarantined_listed: int
    """Records that a person can list in quarantine."""
    faults: tuple[str, ...]
    """Of the consistency check, of the ledger's own check, and of the auditor's."""


@dataclass
class Told:
    """What happened on the way."""

    kills: Counter[Kind] = field(default_factory=Counter[Kind])
    """Processes killed, by kind."""
    audits: int = 0
    retries: int = 0
    """Times that the client found nobody, and asked again."""
    ends: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """Exit codes of processes that ended without being killed, by name; none should."""

    def note(self, kill: Kill) -> None:
        """Count a kill that happened."""
        self.kills.update([Kind.FRONT, Kind.BACK, Kind.DRONE, Kind.DRONE, Kind.EDGE] if kill.kind is Kind.ALL else [kill.kind])

    def gather(self, client: Client) -> None:
        """Take over what client and processes know at the end."""
        self.retries = client.retries
        self.ends = {member.name: member.ends for member in client.installation.members if member.ends}


def plan(seed: int, at_points: int, at_random: int) -> list[Kill]:
    """Choose kills in an order of chance: each point in turn, and each kind of process in turn."""
    chance = random.Random(seed)  # noqa: S311 - replayable, and no secret
    points = [(kind, point) for kind, found in POINTS.items() for point in found]
    chosen = [Kill(kind, point, nth=_nth(chance, point)) for kind, point in _first(points, at_points)]
    chosen += [Kill(kind, after_s=chance.uniform(0, _WINDOW_S)) for kind in _first(KINDS, at_random)]
    chance.shuffle(chosen)
    return chosen


def _nth(chance: random.Random, point: StrEnum) -> int:
    """Choose at which passing a process dies: one that is sure to come while the pages of one sync are under way."""
    return chance.randint(1, _NTH_MAX if point in _PASSED_BY_EACH_PAGE else 1)


def _first(items: Sequence[Any], count: int) -> list[Any]:
    """Give ``count`` items, beginning again after the last."""
    return [items[number % len(items)] for number in range(count)]


class Gate:
    """Lets the pages of a sync be answered when the storm releases them."""

    def __init__(self, syncs: int) -> None:
        self._asked = [asyncio.Event() for _ in range(syncs)]
        self._released = [asyncio.Event() for _ in range(syncs)]

    async def may_answer(self, page: int) -> None:
        """Wait until the page's sync is released."""
        sync = page // PAGES_A_SYNC
        self._asked[sync].set()
        await self._released[sync].wait()

    async def asked(self, sync: int) -> None:
        """Wait until a sync's first page is asked for: the pages before it are with the queue by then, or further."""
        await self._asked[sync].wait()

    def release(self, sync: int) -> None:
        """Let a sync's pages be answered."""
        self._released[sync].set()


async def storm(client: Client, gate: Gate, kills: Sequence[Kill], told: Told, tell: Callable[[str], None]) -> None:
    """Let every kill happen, each with the pages of one sync, and then the last pages through."""
    for number, kill in enumerate(kills):
        await gate.asked(number)
        tell(f"{number + 1}/{len(kills)} {kill}")
        await strike(client.installation, kill, partial(gate.release, number))
        told.note(kill)
        if number % _AUDIT_EVERY == _AUDIT_EVERY - 1:
            report = await client.audit()
            assert report["verified"], f"after {kill}: {report}"
            told.audits += 1
    gate.release(len(kills))


async def strike(installation: Installation, kill: Kill, release: Callable[[], None]) -> None:
    """Prepare a kill, release what it is to fall into, and wait until it has happened."""
    if kill.point is None:
        release()
        await asyncio.sleep(kill.after_s)
        await installation.kill(kill.kind)
        return
    before = installation.kills(kill.kind)
    order(installation.orders, kill.point, kill.nth)
    release()
    await until(lambda: installation.kills(kill.kind) > before)


async def disturbed(
    folder: Path,
    kills: Sequence[Kill],
    page_records: int,
    told: Told,
    environment: dict[str, str] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Play a run through all kills on a new installation."""
    gate = Gate(len(kills) + 1)
    async with (
        upstream.serving(pages(len(kills)), page_records, gate.may_answer) as port,
        running(folder, environment=environment) as installation,
        connected(installation) as client,
    ):
        workflow = await client.put_profiles(port)
        killing = asyncio.create_task(storm(client, gate, kills, told, tell))
        try:
            return await _outcome(client, await _run(client, workflow, killing))
        finally:
            killing.cancel()
            await asyncio.gather(killing, return_exceptions=True)
            told.gather(client)


async def undisturbed(folder: Path, kills: int, page_records: int) -> Outcome:
    """Play the run that ``kills`` would disturb, on an installation of its own that nobody disturbs."""
    async with (
        upstream.serving(pages(kills), page_records, upstream.at_once) as port,
        running(folder) as installation,
        connected(installation) as client,
    ):
        return await _outcome(client, await _run(client, await client.put_profiles(port), None))


def pages(kills: int) -> int:
    """Tell how many pages a run with so many kills has: a sync's for each, and one more behind the last."""
    return (kills + 1) * PAGES_A_SYNC


async def _run(client: Client, workflow: str, killing: "asyncio.Task[None] | None") -> dict[str, Any]:
    """Run the workflow to its end; a storm that breaks, or is not over by then, is told at once."""
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
    """Return what the platform's check of datasets, blobs and ledger finds, and an auditor who trusts only the ledger's key."""
    check = await client.ask("POST", "/v1/checks:run", {})
    own = await client.ask("POST", "/v1/audit:verify", {})
    auditor = await client.audit()
    faults = [*check.get("faults", []), *own.get("faults", []), *auditor["faults"]]
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
