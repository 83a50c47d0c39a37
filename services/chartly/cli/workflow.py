"""`chartly workflow`: definitions and their runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chartly.platform.errors import RemoteError

from .failure import named, read_text
from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url

if TYPE_CHECKING:
    from .connection import Connection

app = typer.Typer(help="Workflows: apply, run, list, delete.", no_args_is_help=True)


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Workflow document (YAML).")],
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
) -> None:
    """Store a workflow; the same document again is the same workflow."""
    from .connection import Connection

    document = read_text(file)
    with Connection(data, url, project) as edge:
        try:
            workflow = edge.post("/v1/workflows", {"document": document})
        except RemoteError as refused:
            raise named(refused, file) from None
    typer.echo(f"{workflow['workflow_id']} {workflow['name']}@{workflow['version']}")


@app.command()
def run(
    workflow: Annotated[str, typer.Argument(help="The workflow's id or name.")],
    watch: Annotated[bool, typer.Option("--watch/--no-watch", help="Show progress until the run ends.")] = True,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
) -> None:
    """Start a run; with --watch (the default) the exit code is 0 only if it succeeds."""
    from .connection import Connection
    from .watch import watch_run

    with Connection(data, url, project) as edge:
        started = edge.post(f"/v1/workflows/{_identifier(edge, workflow)}:run")
        typer.echo(started["run_id"])
        if watch and watch_run(edge, started["run_id"])["state"] != "RUN_STATE_SUCCEEDED":
            raise typer.Exit(1)


@app.command("list")
def list_(data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """List workflows."""
    from .connection import Connection
    from .output import show_rows

    with Connection(data, url, project) as edge:
        show_rows(edge.pages("/v1/workflows", "workflows"), ["workflow_id", "name", "version", "created_at"], output)


@app.command()
def delete(
    workflow: Annotated[str, typer.Argument(help="The workflow's id or name.")],
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
) -> None:
    """Delete a workflow's definition; runs, data and ledger stay."""
    from .connection import Connection

    with Connection(data, url, project) as edge:
        identifier = _identifier(edge, workflow)
        edge.delete(f"/v1/workflows/{identifier}")
        typer.echo(f"deleted {identifier}")


def _identifier(edge: "Connection", workflow: str) -> str:
    if workflow.startswith("wf_"):
        return workflow
    found = [known["workflow_id"] for known in edge.pages("/v1/workflows", "workflows") if known["name"] == workflow]
    return found[-1] if found else workflow
