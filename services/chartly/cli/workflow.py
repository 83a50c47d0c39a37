"""`chartly workflow`: store, run, schedule and delete workflows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chartly.platform.errors import RemoteError

from .failure import named, read_text
from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url

if TYPE_CHECKING:
    from .connection import Connection

app = typer.Typer(help="Workflows: apply, run, list, show, pause, resume, hook, delete.", no_args_is_help=True)

Workflow = Annotated[str, typer.Argument(help="The workflow's id or name.")]


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Workflow document (YAML).")],
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Store a workflow; storing the same document twice changes nothing."""
    from .connection import Connection
    from .output import show_done

    document = read_text(file)
    with Connection(data, url, project) as edge:
        try:
            workflow = edge.post("/v1/workflows", {"document": document})
        except RemoteError as refused:
            raise named(refused, file) from None
    show_done(workflow, f"{workflow['workflow_id']} {workflow['name']}@{workflow['version']}", output)


@app.command()
def run(
    workflow: Workflow,
    watch: Annotated[bool, typer.Option("--watch/--no-watch", help="Show progress until the run ends.")] = True,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Start a run. With --watch (the default) the exit code is 0 only if it succeeds."""
    from .connection import Connection
    from .watch import follow_started

    with Connection(data, url, project) as edge:
        started = edge.post(f"/v1/workflows/{_identifier(edge, workflow)}:run")
        follow_started(edge, started, output, watch=watch)


@app.command("list")
def list_(data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """List workflows."""
    from .advice import show_list
    from .connection import Connection

    with Connection(data, url, project) as edge:
        found = list(edge.pages("/v1/workflows", "workflows"))
        rows = found if output is Output.JSON else [each | schedule_row(each.get("schedule", {})) for each in found]
        show_list(edge, rows, ["workflow_id", "name", "version", "runs", "next", "waiting", "created_at"], output)


@app.command()
def show(workflow: Workflow, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Show a workflow: its steps, and its schedule."""
    from .connection import Connection
    from .output import console, show_json, show_rows

    with Connection(data, url, project) as edge:
        found = edge.get(f"/v1/workflows/{_identifier(edge, workflow)}")
    if output is Output.JSON:
        show_json(found)
        return
    show_rows([found | schedule_row(found.get("schedule", {}))], ["workflow_id", "name", "version", "runs", "waiting"], output)
    show_rows(found["steps"], ["name", "type", "profile_ref", "depends_on", "enabled"], output)
    for at in found.get("schedule", {}).get("next_fires", []):
        console.print(f"next: {at}")


@app.command()
def pause(workflow: Workflow, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Pause a workflow's schedule; open runs continue."""
    _change(workflow, "pause", data, url, project, output)


@app.command()
def resume(
    workflow: Workflow, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE
) -> None:
    """Resume a workflow's schedule from now on."""
    _change(workflow, "resume", data, url, project, output)


@app.command()
def hook(
    hook: Annotated[str, typer.Argument(help="The hook's name.")],
    key: Annotated[str, typer.Option(help="Idempotency key: the same key is the same call.")] = "",
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Call a hook: start the workflows that have it as their trigger."""
    from .connection import Connection
    from .output import show_done

    with Connection(data, url, project) as edge:
        answer = edge.post(f"/v1/hooks/{hook}", {}, idempotency_key=key)
    started = [f"{each['run_id']} {each['workflow_name']}" for each in answer["workflows"]]
    show_done(answer, "\n".join(started) or "no workflow listens", output)


@app.command()
def delete(
    workflow: Workflow,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Delete a workflow's definition; runs, data and ledger stay."""
    from .connection import Connection
    from .output import show_done

    with Connection(data, url, project) as edge:
        identifier = _identifier(edge, workflow)
        edge.delete(f"/v1/workflows/{identifier}")
    show_done({"workflow_id": identifier}, f"deleted {identifier}", output)


def schedule_row(schedule: dict[str, Any]) -> dict[str, Any]:
    """Return a schedule as a row of a table."""
    if not schedule:
        return {"runs": "when asked", "next": "", "waiting": ""}
    event = str(schedule.get("event_kind", "")).removeprefix("EVENT_KIND_").lower()
    when = {"cron": f"{schedule.get('cron')} {schedule.get('zone')}", "every": f"every {schedule.get('every_s')} s", "on": f"on {event}"}
    kind = "cron" if schedule.get("cron") else "every" if schedule.get("every_s") else "on"
    runs = f"{when[kind]} {schedule.get('subject', '')}".strip()
    coming = "paused" if schedule.get("paused") else next(iter(schedule.get("next_fires", [])), "")
    return {"runs": runs, "next": coming, "waiting": schedule.get("runs_waiting", 0)}


def _change(workflow: str, verb: str, data: Path, url: str, project: str, output: Output) -> None:
    from .connection import Connection
    from .output import show_done

    with Connection(data, url, project) as edge:
        changed = edge.post(f"/v1/workflows/{_identifier(edge, workflow)}:{verb}", {})
    show_done(changed, f"{changed['name']}: {schedule_row(changed['schedule'])['next'] or 'waits for its event'}", output)


def _identifier(edge: "Connection", workflow: str) -> str:
    if workflow.startswith("wf_"):
        return workflow
    found = [known["workflow_id"] for known in edge.pages("/v1/workflows", "workflows") if known["name"] == workflow]
    return found[-1] if found else workflow
