"""Workflows in one internal form, read from YAML or from the API's compact JSON. It runs nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from chartly.contracts import ContractStore
from chartly.contracts.digest import content_hash

from .document import Document
from .errors import ProfileInvalid
from .reference import Reference
from .schedule import Schedule
from .schedule import violations as schedule_violations
from .schema_rules import reference_violations
from .violation import Path, Places, Violation

API_VERSION = "0.0.0"
"""The version of a workflow in the API's compact form, which has no version."""

_PROFILE_KEYS: Mapping[str, tuple[str, str]] = {
    "connector_sync": ("connector_profile", "connector_id"),
    "normalize": ("normalizer_profile", "profile"),
    "write_dataset": ("storage_profile", "dataset_id"),
    "analytics_query": ("analytics_profile", "query_ref"),
}
_STEPS: Path = ("spec", "steps")


@dataclass(frozen=True, slots=True)
class WorkflowStep:
    """One step."""

    name: str
    """Unique in the workflow. Without a name in the document: its type, or ``<type>-<n>`` for the n-th of that type."""
    type: str
    """connector_sync, normalize, write_dataset or analytics_query."""
    profile: Reference
    depends_on: tuple[str, ...]
    """Steps that must have succeeded before. Without a list in the document: the previous step."""
    enabled: bool


@dataclass(frozen=True)
class Workflow:
    """The steps of a workflow, in order, and its schedule."""

    name: str
    version: str
    labels: Mapping[str, str]
    steps: tuple[WorkflowStep, ...]
    schedule: Schedule | None = None

    @classmethod
    def of_document(cls, document: Document) -> Self:
        """Return the workflow of a YAML document.

        Raises:
            ProfileInvalid: the steps don't fit together.
        """
        metadata = document.metadata
        return cls._made(metadata["name"], metadata["version"], metadata.get("labels", {}), document.spec, document.places)

    @classmethod
    def of_request(cls, request: Mapping[str, Any], contracts: ContractStore) -> Self:
        """Return the workflow of an API request.

        Raises:
            ProfileInvalid: the request breaks its contract, or the steps don't fit together.
        """
        places = Places("", {}, {})
        references = list(reference_violations(request, places))
        explained = {violation.path for violation in references}
        found = [
            places.violation(broken.path, broken.rule, broken.message)
            for broken in contracts.validator("profiles.workflow_request").violations(request)
            if not (broken.pointer in explained and broken.rule == "pattern")
        ]
        if references or found:
            raise ProfileInvalid.of([*references, *found])
        return cls._made(request["name"], request.get("version", API_VERSION), request.get("labels", {}), request["spec"], places)

    @classmethod
    def _made(cls, name: str, version: str, labels: Mapping[str, str], spec: Mapping[str, Any], places: Places) -> Self:
        steps = tuple(_steps(spec["steps"]))
        found = list(_name_violations(steps, places)) or list(_order_violations(steps, spec["steps"], places))
        found += schedule_violations(spec.get("schedule", {}), places)
        if found:
            raise ProfileInvalid.of(found)
        return cls(name, version, labels, steps, Schedule.of(spec["schedule"]) if "schedule" in spec else None)

    @cached_property
    def contract(self) -> dict[str, Any]:
        """The workflow in one JSON form, equal for all ways of writing it."""
        steps = [
            {
                "name": step.name,
                "type": step.type,
                "profile": str(step.profile),
                "depends_on": list(step.depends_on),
                "enabled": step.enabled,
            }
            for step in self.steps
        ]
        made: dict[str, Any] = {"name": self.name, "steps": steps}
        # Only if there is one, so that the hash of a workflow without a schedule stays what it was before schedules existed.
        return made | {"schedule": self.schedule.contract} if self.schedule else made

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over the RFC 8785 bytes of the internal form: name, steps and schedule, not version or labels."""
        return content_hash(self.contract)


def _steps(steps: Sequence[Mapping[str, Any]]) -> Iterator[WorkflowStep]:
    names = _names(steps)
    for position, step in enumerate(steps):
        long, short = _PROFILE_KEYS[step["type"]]
        default = [names[position - 1]] if position else []
        yield WorkflowStep(
            name=names[position],
            type=step["type"],
            profile=Reference.parse(step.get(long) or step[short]),
            depends_on=tuple(step.get("dependsOn", default)),
            enabled=step.get("when", {}).get("enabled", True),
        )


def _names(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    names: list[str] = []
    count: dict[str, int] = {}
    for step in steps:
        count[step["type"]] = count.get(step["type"], 0) + 1
        nth = count[step["type"]]
        names.append(step.get("id") or (step["type"] if nth == 1 else f"{step['type']}-{nth}"))
    return names


def _name_violations(steps: Sequence[WorkflowStep], places: Places) -> Iterator[Violation]:
    seen: set[str] = set()
    for position, step in enumerate(steps):
        if step.name in seen:
            yield places.violation(
                (*_STEPS, position), "duplicate-step", f"two steps have the name {step.name!r}; set the id of one of them"
            )
        seen.add(step.name)


def _order_violations(steps: Sequence[WorkflowStep], written: Sequence[Mapping[str, Any]], places: Places) -> Iterator[Violation]:
    known = {step.name for step in steps}
    unknown = False
    for position, step in enumerate(steps):
        for nth, name in enumerate(step.depends_on):
            if name not in known:
                unknown = True
                path: Path = (*_STEPS, position, "dependsOn", nth) if "dependsOn" in written[position] else (*_STEPS, position)
                yield places.violation(path, "unknown-step", f"no step is called {name!r}")
    circle = [] if unknown else _circle({step.name: step.depends_on for step in steps})
    if circle:
        yield places.violation(_STEPS, "cyclic-steps", f"steps wait for each other: {' → '.join(circle)}")


def _circle(waits_for: Mapping[str, Sequence[str]]) -> list[str]:
    """Return steps that can never start because each waits for another of them; empty if there are none."""
    left = dict(waits_for)
    while ready := [name for name, others in left.items() if not any(other in left for other in others)]:
        for name in ready:
            del left[name]
    if not left:
        return []
    path = [next(iter(left))]
    while (following := next(other for other in left[path[-1]] if other in left)) not in path:
        path.append(following)
    return [*path[path.index(following) :], following]
