"""Sentences that say why a command shows little or failed, and what to do next.

They go to standard error, so that standard output holds the result alone, also as JSON.
"""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer

from chartly.platform.errors import InvalidArgument, RemoteError, error

from .connection import Connection
from .options import Output
from .output import count, errors_console, show_rows, state

# What a project may hold first: a list is empty in a project without any of these.
_FIRST_THINGS = (("/v1/workflows", "workflows"), ("/v1/datasets", "datasets"), ("/v1/sources", "sources"))


@error(reason="INVALID_REQUEST")
class NotConfirmed(InvalidArgument):
    """The command changes all that its filter selects, and there is no terminal to confirm it on; add --yes."""

    selected: str


def advise(*sentences: str) -> None:
    """Print sentences to standard error."""
    for sentence in sentences:
        errors_console.print(sentence, markup=False, soft_wrap=True)


def show_list(
    edge: Connection,
    rows: Sequence[dict[str, Any]],
    columns: Sequence[str],
    output: Output,
    *,
    more: str = "",
) -> None:
    """Print the rows of a list, and a sentence when there are more (``more`` is how to see them) or when the whole project is empty."""
    show_rows(rows, columns, output)
    if more:
        advise(f"{len(rows):,} shown; there are more: {more}")
    if not rows:
        advise_if_empty(edge)


def advise_if_empty(edge: Connection) -> None:
    """Print that the project that the user named holds nothing: its name may be mistyped."""
    if edge.project and _is_empty(edge):
        advise(
            f"The project {edge.project} holds no workflow, dataset or source. Is the name in --project or CHARTLY_CLI_PROJECT right? "
            "Without either, commands work in the token's own project."
        )


def confirm(question: str, selected: str, *, yes: bool) -> None:
    """Ask on the terminal before a change of all that a filter selects.

    Raises:
        NotConfirmed: there is no terminal to ask on.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise NotConfirmed(selected)
    typer.confirm(question, abort=True, err=True)


def advise_on_stale(edge: Connection, datasets: Iterable[dict[str, Any]], *, changed: str = "") -> None:
    """Print which derived datasets were computed from versions that are not the newest, and the commands that recompute them.

    Args:
        edge: the connection.
        datasets: descriptions of datasets.
        changed: a dataset that was just changed: only what was computed from it is named.
    """
    for dataset in datasets:
        inputs = dataset.get("inputs", [])
        if not dataset.get("stale") or (changed and changed not in {each["dataset"] for each in inputs}):
            continue
        read = ", ".join(f"{each['dataset']} version {count(each.get('version'))}, now {count(each.get('version_now'))}" for each in inputs)
        advise(
            f"{dataset['dataset']} is stale: it was computed from {read}.",
            f"Next: chartly workflow run {_workflow_of(edge, dataset['dataset'])}",
        )


def _workflow_of(edge: Connection, dataset: str) -> str:
    """Return the workflow whose run made a dataset's last version; a placeholder if the run is no longer stored."""
    try:
        (version,) = edge.get(f"/v1/datasets/{dataset}/versions", page_size=1)["versions"]
        return edge.get(f"/v1/runs/{version['run_id']}")["workflow_name"]
    except RemoteError:
        return "WORKFLOW"


def advise_on_run(run: dict[str, Any]) -> None:
    """Print the result of a run that ended: its counts, why it failed, what is in quarantine, and the next command."""
    run_id, ended = run["run_id"], state(run["state"])
    counts = {name: count(run.get("counts", {}).get(name)) for name in ("records_in", "canonical", "duplicates", "quarantined", "replayed")}
    sums = ", ".join(f"{number:,} {name.replace('records_in', 'in')}" for name, number in counts.items())
    advise(f"{run_id} {ended.lower()}: {sums}")
    for step in run.get("steps", []):
        if step.get("reason") or step.get("message"):
            advise(f"  step {step['name']}: {step.get('message') or 'failed'} [{step.get('reason', '')}]")
    if run.get("message") and run["message"] not in {step.get("message") for step in run.get("steps", [])}:
        advise(f"  {run['message']} [{run.get('reason', '')}]")
    for found in run.get("quarantine_reasons", []):
        advise(f"  in quarantine by {found['reason']}: {count(found['records']):,}")
    advise(*(f"Next: {command}" for command in _next_commands(run, counts["quarantined"])))


def _next_commands(run: dict[str, Any], quarantined: int) -> list[str]:
    run_id, ended = run["run_id"], state(run["state"])
    found: list[str] = []
    if run.get("dead_letters"):
        found.append(f"chartly deadletter list --run {run_id}")
    if ended in {"FAILED", "CANCELLED"}:
        found.append(f"chartly run retry {run_id}, once the cause is removed")
    if quarantined:
        found.append(f"chartly quarantine list --run {run_id}")
    return found


def _is_empty(edge: Connection) -> bool:
    """Return whether the project holds nothing, as far as the caller may see."""
    try:
        return not any(edge.get(path, page_size=1).get(member) for path, member in _FIRST_THINGS)
    except RemoteError:
        return False
