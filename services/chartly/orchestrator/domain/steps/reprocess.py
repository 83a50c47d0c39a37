"""The steps of a run that rebuilds a dataset: what each wants next, and what its results add. Pure; ``advance.py`` moves the run.

Plan, normalize chunk by chunk, compare; and, unless it is a dry run, apply. A run that applies a reviewed dry run has that one step.
"""

from typing import Any

import msgspec

from chartly.orchestrator.domain import results
from chartly.orchestrator.domain.run import EndedWork, Reprocess, Run, Step, WantedWork

PLAN, NORMALIZE, COMPARE, APPLY = "reprocess_plan", "reprocess_normalize", "reprocess_diff", "reprocess_apply"
TYPES = frozenset({PLAN, NORMALIZE, COMPARE, APPLY})
# What a source's id may have.
_SOURCE_CHARACTERS_MAX = 127


def steps(dataset: str, ref: str, digest: str, *, apply: bool, reviewed: bool) -> tuple[Step, ...]:
    """Make a run's steps, each waiting for the one before."""
    types = (APPLY,) if reviewed else (PLAN, NORMALIZE, COMPARE, *((APPLY,) if apply else ()))
    return tuple(
        Step(
            name=kind.removeprefix("reprocess_"),
            type=kind,
            profile_ref=ref,
            profile_hash=digest,
            depends_on=tuple(each.removeprefix("reprocess_") for each in types[place - 1 : place]) if place else (),
            dataset=dataset if kind == APPLY else "",
        )
        for place, kind in enumerate(types)
    )


def wanted(run: Run, step: Step, open_max: int) -> tuple[WantedWork, ...]:
    """Tell what a step wants now; of chunks no more than ``open_max`` are under way."""
    reprocess = run.reprocess
    if reprocess is None:
        return ()
    if step.type == NORMALIZE:
        last = min(reprocess.chunks, step.work_done + open_max)
        return tuple(_item(run, reprocess, step, place, {"place": place}) for place in range(step.sequence, last))
    if step.sequence:
        return ()
    facts: dict[str, Any] = {"dataset": reprocess.dataset, "scope": reprocess.scope} if step.type == PLAN else {}
    return (_item(run, reprocess, step, 0, facts),)


def total(run: Run, step: Step) -> int:
    """Tell how much work a step has in all."""
    return run.reprocess.chunks if step.type == NORMALIZE and run.reprocess else 1


def taken(run: Run, step: Step, work: EndedWork) -> Run:
    """Add a result to the run; its steps are the caller's.

    Raises:
        ResultMalformed: the result is not what its kind defines.
    """
    reprocess = run.reprocess
    if reprocess is None or step.type == NORMALIZE:
        return run
    if step.type == PLAN:
        chunks = results.planned(work.result).chunks
        return msgspec.structs.replace(run, reprocess=msgspec.structs.replace(reprocess, chunks=chunks))
    rebuilt = results.rebuilt(work.result)
    reasons = {held.reason: held.records for held in rebuilt.diff.quarantine_reasons}
    found = msgspec.structs.replace(reprocess, found=dict(work.result))
    return msgspec.structs.replace(run, reprocess=found, counts=rebuilt.diff.counts, reasons=reasons)


def _item(run: Run, reprocess: Reprocess, step: Step, place: int, facts: dict[str, Any]) -> WantedWork:
    return WantedWork(
        work_key=f"{run.run_id}/{step.name}/{place}",
        kind=step.type,
        step=step.name,
        # A lane of its own, so that it waits behind no source's pages.
        source_id=f"reprocess-{reprocess.dataset}"[:_SOURCE_CHARACTERS_MAX],
        payload={"reprocess_id": reprocess.reprocess_id, **facts},
    )
