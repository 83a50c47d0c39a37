"""A run's progress on a terminal: one bar for each step, updated from the run's event stream. Without a terminal it only waits."""

from typing import Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from .advice import advise_on_run
from .connection import Connection
from .options import Output
from .output import console, count, show_json, state


def watch_run(edge: Connection, run_id: str) -> dict[str, Any]:
    """Show a run until it ends, and return its last state. Open the stream again when it breaks."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bars: dict[str, TaskID] = {}
        while True:
            for message in edge.stream(f"/v1/runs/{run_id}:watch"):
                run = message["run"]
                for step in run.get("steps", []):
                    _show(progress, bars, step)
                if message.get("last"):
                    return run


def follow_started(edge: Connection, run: dict[str, Any], output: Output, *, watch: bool) -> None:
    """Print the started run and, with --watch, follow it. Exit with 1 if it doesn't succeed."""
    if output is Output.TABLE:
        typer.echo(run["run_id"])
    last = watch_run(edge, run["run_id"]) if watch else run
    if output is Output.JSON:
        show_json(last)
    if watch:
        advise_on_run(last)
    if watch and last["state"] != "RUN_STATE_SUCCEEDED":
        raise typer.Exit(1)


def _show(progress: Progress, bars: dict[str, TaskID], step: dict[str, Any]) -> None:
    name = step["name"]
    if name not in bars:
        bars[name] = progress.add_task(name, total=None)
    total = count(step.get("work_total")) or None
    label = f"{name} [dim]{state(step['state']).lower()}[/dim]"
    progress.update(bars[name], completed=count(step.get("work_done")), total=total, description=label)
