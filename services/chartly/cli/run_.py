"""`chartly run`: executions of workflows."""

from typing import Annotated, Any

import typer

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url

app = typer.Typer(help="Runs: list, show, watch, cancel, retry, verify.", no_args_is_help=True)

RunId = Annotated[str, typer.Argument(help="The run's id.")]
COUNTS = ("records_in", "canonical", "duplicates", "quarantined", "replayed")


@app.command("list")
def list_(data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """List runs, newest first."""
    from .advice import show_list
    from .connection import Connection

    with Connection(data, url, project) as edge:
        rows = list(edge.pages("/v1/runs", "runs"))
        if output is Output.TABLE:
            rows = [row_of(run) for run in rows]
        show_list(edge, rows, ["run_id", "workflow_name", "state", *COUNTS, "created_at"], output)


@app.command()
def show(run_id: RunId, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Show one run with its steps."""
    from .connection import Connection

    with Connection(data, url, project) as edge:
        show_run(edge.get(f"/v1/runs/{run_id}"), output)


@app.command()
def watch(run_id: RunId, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Follow a run until it ends; exit code 0 only if it succeeds."""
    from .advice import advise_on_run
    from .connection import Connection
    from .watch import watch_run

    with Connection(data, url, project) as edge:
        run = watch_run(edge, run_id)
    show_run(run, output)
    advise_on_run(run)
    if run["state"] != "RUN_STATE_SUCCEEDED":
        raise typer.Exit(1)


@app.command()
def cancel(run_id: RunId, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Cancel a run; its commits stay."""
    from .connection import Connection
    from .output import show_done, state

    with Connection(data, url, project) as edge:
        run = edge.post(f"/v1/runs/{run_id}:cancel")
    show_done(run, f"{run_id} {state(run['state'])}", output)


@app.command()
def verify(run_id: RunId, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Repeat a past run from its raw bytes with its frozen profiles, and compare. Exit code 0 only if everything is equal."""
    from .connection import Connection
    from .output import console, count, show_json, show_rows

    parts: list[dict[str, Any]] = []
    last: dict[str, Any] = {}
    with Connection(data, url, project) as edge:
        for message in edge.stream(f"/v1/runs/{run_id}:verify", method="POST"):
            if message.get("last"):
                last = message
            elif message.get("part"):
                parts.append(message["part"])
                if output is Output.TABLE and console.is_terminal:
                    console.print(f"{count(message.get('done'))}/{count(message.get('total'))}", end="\r")
    if output is Output.JSON:
        show_json({"parts": parts, **last})
    else:
        rows = [part | {"findings": " ".join(part.get("findings", []))} for part in parts]
        show_rows(rows, ["kind", "dataset", "dataset_version", "raw_sha256", "verdict", "findings"], output)
        sums = ", ".join(f"{count(last.get(name))} {name}" for name in ("equal", "unequal", "uncovered"))
        console.print(f"[bold]{last.get('verdict', 'unfinished')}[/bold]: {sums} {last.get('first_difference', '')}", soft_wrap=True)
    if last.get("verdict") != "equal":
        raise typer.Exit(1)


@app.command()
def retry(
    run_id: RunId,
    watch: Annotated[bool, typer.Option("--watch/--no-watch", help="Show progress until the new run ends.")] = True,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Run the unfinished work of a failed or cancelled run as a new run. With --watch (the default) exit with 0 only if it succeeds."""
    from .connection import Connection
    from .watch import follow_started

    with Connection(data, url, project) as edge:
        follow_started(edge, edge.post(f"/v1/runs/{run_id}:retry"), output, watch=watch)


def show_run(run: dict[str, Any], output: Output) -> None:
    """Show a run."""
    from .output import console, count, show_json, show_rows, state

    if output is Output.JSON:
        show_json(run)
        return
    show_rows([row_of(run)], ["run_id", "workflow_name", "state", *COUNTS], output)
    steps = [
        {
            "step": step["name"],
            "state": "skipped" if step.get("skipped") else state(step["state"]),
            "work": f"{count(step.get('work_done'))}/{count(step.get('work_total'))}",
            "profile": step.get("profile", {}).get("ref", ""),
            "reason": step.get("reason", ""),
            "message": step.get("message", ""),
        }
        for step in run.get("steps", [])
    ]
    show_rows(steps, ["step", "state", "work", "profile", "reason", "message"], output)
    if run.get("retry_of"):
        console.print(f"retry of {run['retry_of']}")
    for found in run.get("dead_letters", []):
        console.print(f"dead letters by {found['reason']}: {count(found['dead_letters'])}")
    for found in run.get("quarantine_reasons", []):
        console.print(f"quarantined by {found['reason']}: {count(found['records'])}")


def row_of(run: dict[str, Any]) -> dict[str, Any]:
    """Return a run as a row of a table."""
    from .output import count, state

    counts = run.get("counts", {})
    return run | {"state": state(run["state"])} | {name: count(counts.get(name)) for name in COUNTS}
