"""The events of a seed, and the invariants that must hold.

During the run the nodes check each commit. At the end, after all faults: every run has ended as expected, every record is accounted for,
the dataset holds each record once, the ledger has each event once, and nothing is left open.
"""

import itertools
import random
from collections import Counter
from dataclasses import dataclass

from chartly.orchestrator.domain import retry
from chartly.orchestrator.domain import schedule as firing
from chartly.orchestrator.domain.retry import RETRIABLE
from chartly.orchestrator.domain.run import Run
from chartly.orchestrator.domain.states import RunState
from chartly.orchestrator.domain.steps import NormalizeStep, RollupStep, SyncStep, WriteStep
from chartly.orchestrator.domain.work import DeadLetter
from chartly.profiles import Schedule

from .drone_node import POISON, DroneNode
from .plane import Page, Plane
from .queue_node import QueueNode
from .runs_node import BOUNDS, RunsNode
from .timetable import Plan
from .world import Node, Weather, World

MIXED = "mixed"
"""A source some of whose pages kill the work on them."""
_STORM_MS = 20_000
# The longest backoff of an item is half a minute; a run is a chain of several items.
_CALM_MS = 600_000
_LOOKED_EVERY = 25


@dataclass
class Scenario:
    """One world with its users."""

    world: World
    queue: QueueNode
    runs: RunsNode
    plane: Plane
    asked: list[Run]
    cancelled: set[str]
    event_runs: dict[str, str]
    """Answered events, each with the run in its answer."""
    asking: set[str]
    """Failed runs that the scenario retries."""
    healed: bool
    """Whether poisoned pages are healed before they are retried."""


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
    made.runs.disk.plans.over = True
    if made.healed:
        made.plane.poisoned.clear()
    for node in world.nodes:
        node.skew_ms = 0
    world.note("the storm is over")
    events = itertools.count()
    # Looking at everything after each event would cost more than the event.
    world.run_until(world.now_ms + _CALM_MS, lambda: next(events) % _LOOKED_EVERY == 0 and _quiet(made))
    check(made)
    return made


def check(made: Scenario) -> None:
    """Check the invariants at the end of a world."""
    runs, disk = made.runs.disk, made.plane.disk
    assert _quiet(made), f"not at rest: {_restless(made)}"
    for asked in made.asked:
        run = runs.runs[asked.run_id]
        _check_retry(run, made)
        assert run.state in _ends(run, made), f"{run.run_id} of {_source(run)} ends {run.state.value}: {run.reason}"
        _check_counts(run, made)
    assert len(disk.dataset) == len(set(disk.dataset)), "a record is in the dataset twice"
    canonical = sum(answer["counts"]["canonical"] for answer in disk.answers.values())
    assert canonical == len(disk.dataset), f"{canonical} records were called canonical, the dataset holds {len(disk.dataset)}"
    _check_events(made)
    _check_plans(made)


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
    made = Scenario(world, queue, runs, plane, [], set(), {}, set(), chance.random() < 0.7)
    plane.poisoned |= {page.digest for page in plane.sources[MIXED] if chance.random() < 0.3}
    for number in range(chance.randint(1, 5)):
        run = _run(f"run_{number}", chance.choice(["t1", "t2"]), chance.choice(sorted(plane.sources)), world.now_ms)
        made.asked.append(run)
        at_ms = chance.randint(0, _STORM_MS // 2)
        repository = chance.choice([runs, twin])
        world.after(at_ms, lambda run=run, repository=repository: repository.begin(run))
        if chance.random() < 0.2:
            made.cancelled.add(run.run_id)
            world.after(at_ms + chance.randint(0, 3_000), lambda run=run, repository=repository: repository.cancel(run.run_id))
        if chance.random() < 0.5:
            for other in chance.sample([runs, twin], chance.randint(1, 2)):
                made.asking.add(run.run_id)
                world.after(_STORM_MS + chance.randint(1, 500), lambda run=run, other=other: other.retry(run.run_id))
    if chance.random() < 0.4:
        _plan_times(made, chance)
    if chance.random() < 0.4:
        _plan_events(made, chance, [runs, twin])
    return made


def _plan_times(made: Scenario, chance: random.Random) -> None:
    """Create a workflow that runs by schedule, sometimes while another of its runs is open."""
    missed, overlap = chance.choice(["skip", "once", "all"]), chance.choice(["skip", "queue"])
    schedule = Schedule(every_s=chance.choice([3, 7]), jitter_s=chance.choice([0, 2]), missed=missed, overlap=overlap)
    now_ms = made.world.now_ms
    template = _run("", "t1", chance.choice(["one", "empty"]), now_ms, "wf_timed")
    next_ms = firing.decide(schedule, template.workflow_id, now_ms, now_ms, now_ms, 1).next_ms
    made.runs.disk.plans.plans[template.workflow_id] = Plan(schedule, template, now_ms, now_ms, next_ms)


def _plan_events(made: Scenario, chance: random.Random, keepers: list[RunsNode]) -> None:
    """Create a workflow with an event schedule, and a client that sends events until each is answered."""
    world = made.world
    template = _run("", "t2", chance.choice(["one", "empty"]), world.now_ms, "wf_heard")
    made.runs.disk.plans.plans[template.workflow_id] = Plan(Schedule(event="blob_landed", subject="s"), template, 0, 0)
    teller = Node(world, "teller")

    def tell(event_id: str) -> None:
        repository = world.chance.choice(keepers)

        def answered(run_id: str | None) -> None:
            if run_id is None:
                world.after(300, lambda: tell(event_id))
            else:
                assert made.event_runs.setdefault(event_id, run_id) == run_id, f"{event_id} is answered with two runs"

        world.call(teller, repository, lambda: repository.timetable.hear(template.workflow_id, event_id), answered)

    for number in range(chance.randint(1, 8)):
        world.after(chance.randint(0, _STORM_MS // 2), lambda number=number: tell(f"event_{number}"))


def _sources(chance: random.Random) -> dict[str, list[Page]]:
    """Create sources with overlapping records, a repeated page, only invalid records, no pages, or a page that always fails."""

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
        MIXED: pages(MIXED, chance.randint(2, 8)),
        POISON: pages(POISON, 2),
    }


def _run(run_id: str, tenant: str, source_id: str, now_ms: int, workflow_id: str = "wf_1") -> Run:
    steps = (
        SyncStep("sync", "c", "sha256:c", (), source_id=source_id),
        NormalizeStep("normalize", "n", "sha256:n", ("sync",)),
        WriteStep("write", "w", "sha256:w", ("normalize",), dataset="d"),
        RollupStep("rollup", "a", "sha256:a", ("write",)),
    )
    return Run(run_id, tenant, "p", "user:ada", "r", workflow_id, "sim", steps, now_ms)


def _source(run: Run) -> str:
    sync = run.steps[0]
    return sync.source_id if isinstance(sync, SyncStep) else ""


def _quiet(made: Scenario) -> bool:
    return not _restless(made)


def _restless(made: Scenario) -> list[str]:
    disk = made.runs.disk
    left = [run.run_id for run in made.asked if run.run_id not in disk.runs]
    left += [run.run_id for run in disk.runs.values() if not run.state.ended]
    left += [f"retry of {run_id}" for run_id in sorted(made.asking - set(disk.retried)) if _wants_retry(made, run_id)]
    left += [f"waiting {slot} of {name}" for name, plan in disk.plans.plans.items() for slot in plan.waiting]
    left += [f"cancelling {run_id}" for run_id in sorted(disk.cancelling)]
    left += [
        f"{item.work_key} {item.state.value}" for work_id in sorted(made.queue.disk.opened) if (item := made.queue.disk.items[work_id])
    ]
    return left if disk.cursor == len(made.queue.disk.ends) else [*left, "ends not read"]


def _wants_retry(made: Scenario, run_id: str) -> bool:
    run = made.runs.disk.runs.get(run_id)
    return (
        run is not None
        and run.state in RETRIABLE
        and (retry.outstanding(run) or any(of == run_id for of, _ in made.runs.disk.left.values()))
    )


def _ends(run: Run, made: Scenario) -> set[RunState]:
    """Return the end states that a run may have."""
    source = _source(run)
    if source == POISON:
        ends = {RunState.FAILED}
    elif source == MIXED:
        # A page that was healed meanwhile is a page like any other.
        ends = {RunState.FAILED if run.dead else RunState.SUCCEEDED}
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
    pages = made.plane.sources[_source(run)]
    records = sum(len(page.accepted) + page.rejected for page in pages)
    assert run.counts.records_in == records, f"{run.run_id} counts {run.counts.records_in} of {records} records"
    answers = [answer for key, answer in made.plane.disk.answers.items() if key.startswith(f"{run.run_id}/")]
    assert len(answers) == len(pages), f"{run.run_id} normalized {len(answers)} of {len(pages)} pages"
    for name in ("canonical", "duplicates", "quarantined", "replayed"):
        stored = sum(answer["counts"][name] for answer in answers)
        assert getattr(run.counts, name) == stored, f"{run.run_id} counts {getattr(run.counts, name)} {name}, storage {stored}"
    missing = {record for page in pages for record in page.accepted} - set(made.plane.disk.dataset)
    assert not missing, f"{run.run_id} succeeded without {len(missing)} of its records"


def _check_retry(run: Run, made: Scenario) -> None:
    """Compare the unfinished work of a run, and the run that did it, with the source: nothing is lost or counted twice."""
    disk, source = made.runs.disk, _source(run)
    left = [each for run_id, each in disk.left.values() if run_id == run.run_id]
    assert sum(each.dead for each in left) == sum(run.dead.values()), f"{run.run_id} has other dead letters than it counts"
    assert run.state in RETRIABLE or not left, f"{run.run_id} ended well and left {len(left)} pieces of work"
    if source == POISON:
        return
    pages = made.plane.sources[source]
    total = sum(len(page.accepted) + page.rejected for page in pages)
    dead = [page for each in left if each.dead for page in pages if page.digest == each.wanted.task.normalize.raw.sha256]
    if run.state is RunState.FAILED and sum(run.dead.values()) <= BOUNDS.dead_letters_max:
        healthy = {record for page in pages if page not in dead for record in page.accepted}
        missing = healthy - set(made.plane.disk.dataset)
        assert not missing, f"{run.run_id} lost {len(missing)} healthy records"
        assert run.counts.records_in == total - _records(left, pages), f"{run.run_id} counts {run.counts.records_in} of {total}"
    again = disk.runs.get(disk.retried.get(run.run_id, ""))
    if again is None:
        return
    if made.healed:
        assert again.state in (RunState.SUCCEEDED, RunState.QUARANTINED), f"{again.run_id} ends {again.state.value}: {again.reason}"
        both = run.counts.records_in + again.counts.records_in
        assert both == total, f"{run.run_id} and its retry count {both} of {total} records"
        assert {record for page in pages for record in page.accepted} <= set(made.plane.disk.dataset), "a retry lost records"
    assert again.counts.balanced, f"{again.run_id} leaves a record out"


def _records(left: list[DeadLetter], pages: list[Page]) -> int:
    """Count the records of unfinished pages, each as often as its page was left."""
    size = {page.digest: len(page.accepted) + page.rejected for page in pages}
    return sum(size[each.wanted.task.normalize.raw.sha256] for each in left if each.wanted.kind == "normalize")


def _check_plans(made: Scenario) -> None:
    """Every answered event belongs to the run in its answer, which started after it; every fire time has one run."""
    plans, runs = made.runs.disk.plans, made.runs.disk.runs
    assert len(plans.begun) == len(set(plans.begun)), "a waiting run began twice"
    for event_id, run_id in made.event_runs.items():
        assert run_id in runs, f"{event_id} was answered with {run_id}, which never began"
        assert event_id in plans.takes[run_id], f"{run_id} began before {event_id}, which it was to take"
    heard = [run_id for run_id in plans.begun if runs[run_id].workflow_id == "wf_heard"]
    assert len(heard) <= len(set(plans.heard)), "more runs than events"
    times = [trigger.at_ms for run_id in plans.begun if (trigger := runs[run_id].trigger) is not None and trigger.kind == "schedule"]
    assert times == sorted(set(times)), f"times fire twice or out of order: {times}"


def _check_events(made: Scenario) -> None:
    events = made.runs.disk.events
    twice = [key for key, times in Counter(key for key, _ in events).items() if times > 1]
    assert not twice, f"events recorded twice: {twice}"
    for run in made.runs.disk.runs.values():
        kinds = [kind for key, kind in events if key.startswith(f"{run.run_id}/workflow.run.")]
        ends = [kind for kind in kinds if not kind.endswith(".started")]
        assert ends == [f"workflow.run.{made.runs.disk.runs[run.run_id].state.value}"], f"{run.run_id}'s end is recorded as {ends}"
        assert "workflow.run.started" not in kinds[1:], f"{run.run_id} has an event before its start"
