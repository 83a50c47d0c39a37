"""What a seed lets happen, and what must hold whatever happens.

During the run the nodes check each commit. At the end, after the storm: every run has ended as it must, every record is accounted for,
the dataset holds each record once, the ledger has each event once, and nothing is left open.
"""

import random
from collections import Counter
from dataclasses import dataclass

from chartly.orchestrator.domain.model import Run, Step
from chartly.orchestrator.domain.states import RunState

from .drone_node import POISON, DroneNode
from .plane import Page, Plane
from .queue_node import QueueNode
from .runs_node import RunsNode
from .world import Weather, World

_STORM_MS = 20_000
# The longest backoff of an item is half a minute; a run is a chain of several items.
_CALM_MS = 600_000


@dataclass
class Scenario:
    """One world with its users."""

    world: World
    queue: QueueNode
    runs: RunsNode
    plane: Plane
    asked: list[Run]
    cancelled: set[str]


def play(seed: int, *, trace: bool = False) -> Scenario:
    """Play one seed to its end and check it.

    Raises:
        AssertionError: an invariant is broken.
    """
    made = _build(seed, trace=trace)
    world = made.world
    world.after(1_000, world.storm)
    world.run_until(world.now_ms + _STORM_MS)
    world.weather = Weather()
    for node in world.nodes:
        node.skew_ms = 0
    world.note("the storm is over")
    world.run_until(world.now_ms + _CALM_MS, lambda: _quiet(made))
    check(made)
    return made


def check(made: Scenario) -> None:
    """Hold the end of a world against the invariants."""
    runs, disk = made.runs.disk, made.plane.disk
    assert _quiet(made), f"not at rest: {_restless(made)}"
    for asked in made.asked:
        run = runs.runs[asked.run_id]
        assert run.state in _ends(run, made), f"{run.run_id} of {run.steps[0].source_id} ends {run.state.value}: {run.reason}"
        _check_counts(run, made)
    assert len(disk.dataset) == len(set(disk.dataset)), "a record is in the dataset twice"
    canonical = sum(answer["counts"]["canonical"] for answer in disk.answers.values())
    assert canonical == len(disk.dataset), f"{canonical} records were called canonical, the dataset holds {len(disk.dataset)}"
    _check_events(made)


def _build(seed: int, *, trace: bool) -> Scenario:
    chance = random.Random(seed ^ 0x5EED)  # noqa: S311 - a simulation must replay
    weather = Weather(
        drop=chance.choice([0, 0.02, 0.1]),
        repeat=chance.choice([0, 0.02, 0.1]),
        delay_ms=chance.choice([2, 10, 80]),
        disk=chance.choice([0, 0.005, 0.03]),
        crash=chance.choice([0, 0.02, 0.1]),
        skew_ms=chance.choice([0, 500, 5_000]),
    )
    world = World(seed, weather, trace)
    queue = QueueNode(world, "coordinator")
    runs = RunsNode(world, "orchestrator-1", queue=queue)
    twin = RunsNode(world, "orchestrator-2", queue=queue, disk=runs.disk)
    plane = Plane(world, "plane", sources=_sources(chance))
    drones = [DroneNode(world, f"drone-{n}", queue=queue, plane=plane) for n in range(chance.randint(1, 4))]
    world.nodes = [queue, runs, twin, plane, *drones]
    for node in world.nodes:
        node.skew_ms = world.skew()
        node.start()
    made = Scenario(world, queue, runs, plane, [], set())
    for number in range(chance.randint(1, 5)):
        run = _run(f"run_{number}", chance.choice(["t1", "t2"]), chance.choice(sorted(plane.sources)), world.now_ms)
        made.asked.append(run)
        at_ms = chance.randint(0, _STORM_MS // 2)
        keeper = chance.choice([runs, twin])
        world.after(at_ms, lambda run=run, keeper=keeper: keeper.begin(run))
        if chance.random() < 0.2:
            made.cancelled.add(run.run_id)
            world.after(at_ms + chance.randint(0, 3_000), lambda run=run, keeper=keeper: keeper.cancel(run.run_id))
    return made


def _sources(chance: random.Random) -> dict[str, list[Page]]:
    """Sources with overlapping records, a page that comes twice, a source without any good record, an empty one, a poisoned one."""

    def pages(source: str, count: int, *, good: bool = True) -> list[Page]:
        made = [
            Page(
                f"{source}-{n}",
                tuple(f"r{chance.randint(0, 60)}" for _ in range(chance.randint(1, 6) if good else 0)),
                chance.randint(0 if good else 1, 3),
            )
            for n in range(count)
        ]
        if made and good and chance.random() < 0.5:
            made.insert(chance.randint(0, len(made)), chance.choice(made))
        return made

    return {
        "one": pages("one", chance.randint(1, 8)),
        "two": pages("two", chance.randint(1, 14)),
        "bad": pages("bad", 3, good=False),
        "empty": [],
        POISON: pages(POISON, 2),
    }


def _run(run_id: str, tenant: str, source_id: str, now_ms: int) -> Run:
    steps = (
        Step("sync", "connector_sync", "c", "sha256:c", (), source_id=source_id),
        Step("normalize", "normalize", "n", "sha256:n", ("sync",)),
        Step("write", "write_dataset", "w", "sha256:w", ("normalize",), dataset="d"),
        Step("rollup", "analytics_query", "a", "sha256:a", ("write",)),
    )
    return Run(run_id, tenant, "p", "user:ada", "r", "wf_1", "sim", steps, now_ms)


def _quiet(made: Scenario) -> bool:
    return not _restless(made)


def _restless(made: Scenario) -> list[str]:
    disk = made.runs.disk
    left = [run.run_id for run in made.asked if run.run_id not in disk.runs or not disk.runs[run.run_id].state.ended]
    left += [f"cancelling {run_id}" for run_id in sorted(disk.cancelling)]
    left += [f"{item.work_key} {item.state.value}" for item in made.queue.disk.items.values() if item.state.is_open]
    return left if disk.cursor == len(made.queue.disk.ends) else [*left, "ends not read"]


def _ends(run: Run, made: Scenario) -> set[RunState]:
    """Name the ends that a run may have come to."""
    source = run.steps[0].source_id
    if source == POISON:
        ends = {RunState.FAILED}
    elif source == "bad":
        # Over pages that another run committed it is a replay, and so well.
        ends = {RunState.QUARANTINED, RunState.SUCCEEDED}
    else:
        ends = {RunState.SUCCEEDED}
    return ends | ({RunState.CANCELLED} if run.run_id in made.cancelled else set())


def _check_counts(run: Run, made: Scenario) -> None:
    assert run.counts.balanced, f"{run.run_id} leaves a record out"
    assert run.step("normalize").counts == run.step("write").counts == run.counts, f"{run.run_id}'s steps disagree"
    if run.state not in (RunState.SUCCEEDED, RunState.QUARANTINED):
        return
    pages = made.plane.sources[run.steps[0].source_id]
    records = sum(len(page.accepted) + page.rejected for page in pages)
    assert run.counts.records_in == records, f"{run.run_id} counts {run.counts.records_in} of {records} records"
    answers = [answer for key, answer in made.plane.disk.answers.items() if key.startswith(f"{run.run_id}/")]
    assert len(answers) == len(pages), f"{run.run_id} normalized {len(answers)} of {len(pages)} pages"
    for name in ("canonical", "duplicates", "quarantined", "replayed"):
        told = sum(answer["counts"][name] for answer in answers)
        assert getattr(run.counts, name) == told, f"{run.run_id} counts {getattr(run.counts, name)} {name}, storage {told}"
    missing = {record for page in pages for record in page.accepted} - set(made.plane.disk.dataset)
    assert not missing, f"{run.run_id} succeeded without {len(missing)} of its records"


def _check_events(made: Scenario) -> None:
    events = made.runs.disk.events
    twice = [key for key, times in Counter(key for key, _ in events).items() if times > 1]
    assert not twice, f"events told twice: {twice}"
    for run in made.asked:
        kinds = [kind for key, kind in events if key.startswith(f"{run.run_id}/workflow.run.")]
        ends = [kind for kind in kinds if not kind.endswith(".started")]
        assert ends == [f"workflow.run.{made.runs.disk.runs[run.run_id].state.value}"], f"{run.run_id}'s end is told as {ends}"
        assert "workflow.run.started" not in kinds[1:], f"{run.run_id} is told to start after something else"
