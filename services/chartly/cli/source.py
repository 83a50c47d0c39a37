"""`chartly source`: list, show, pause and resume the sources of records."""

from pathlib import Path
from typing import Annotated

import typer

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url

app = typer.Typer(help="Sources: list, show, pause, resume.", no_args_is_help=True)

SourceId = Annotated[str, typer.Argument(help="The source's id: its connector profile's name.")]


@app.command("list")
def list_(data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """List the project's sources."""
    from .advice import show_list
    from .connection import Connection

    columns = ["source_id", "breaker", "paused", "requests", "retries", "bytes_ingested", "last_page_at", "last_reason"]
    with Connection(data, url, project) as edge:
        show_list(edge, list(edge.pages("/v1/sources", "sources")), columns, output)


@app.command()
def show(source_id: SourceId, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Show one source: its profile, cursor, circuit breaker and what was read."""
    from .connection import Connection
    from .output import cell, console, show_json

    with Connection(data, url, project) as edge:
        source = edge.get(f"/v1/sources/{source_id}")
    if output is Output.JSON:
        show_json(source)
        return
    for name, value in source.items():
        console.print(f"[bold]{name.replace('_', ' ')}[/bold]: {cell(value)}", soft_wrap=True)


@app.command()
def pause(
    source_id: SourceId, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE
) -> None:
    """Refuse syncs of a source, and pushes to it, until it is resumed."""
    _change(source_id, "pause", data, url, project, output)


@app.command()
def resume(
    source_id: SourceId, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE
) -> None:
    """Resume a source and close its circuit breaker."""
    _change(source_id, "resume", data, url, project, output)


def _change(source_id: str, verb: str, data: Path, url: str, project: str, output: Output) -> None:
    from .connection import Connection
    from .output import show_done

    with Connection(data, url, project) as edge:
        changed = edge.post(f"/v1/sources/{source_id}:{verb}", {})
    show_done(changed, f"{source_id} {'paused' if changed.get('paused') else 'goes on'}", output)
