"""`chartly quarantine`: records that were held back, and why."""

from typing import Annotated

import typer

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url

app = typer.Typer(help="Quarantine: list, show.", no_args_is_help=True)


@app.command("list")
def list_(
    reason: Annotated[str, typer.Option(help="Only records with this reason.")] = "",
    source: Annotated[str, typer.Option(help="Only records of this source.")] = "",
    dataset: Annotated[str, typer.Option(help="Only records of this dataset.")] = "",
    run: Annotated[str, typer.Option(help="Only records of this run.")] = "",
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1_000, help="Records to show.")] = 100,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """List quarantined records, newest first."""
    from .connection import Connection
    from .output import show_rows

    filters = {"reason": reason, "source_id": source, "dataset": dataset, "run_id": run}
    with Connection(data, url, project) as edge:
        found = edge.get("/v1/quarantine", page_size=count, **filters).get("records", [])
    if output is Output.TABLE:
        for record in found:
            broken = record.get("violations", [])
            record["reasons"] = ", ".join(dict.fromkeys(violation["reason"] for violation in broken))
            record["fields"] = ", ".join(dict.fromkeys(violation["field"] for violation in broken if violation.get("field")))
    show_rows(found, ["quarantine_id", "dataset", "source_id", "reasons", "fields", "state"], output)


@app.command()
def show(
    quarantine_id: Annotated[str, typer.Argument(help="The record's quarantine id.")],
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Show one quarantined record: every violation, its place in the raw bytes, and its payload."""
    from .connection import Connection
    from .output import console, show_json, show_rows

    with Connection(data, url, project) as edge:
        record = edge.get(f"/v1/quarantine/{quarantine_id}")
    if output is Output.JSON:
        show_json(record)
        return
    for name in ("quarantine_id", "dataset", "source_id", "run_id", "profile_hash", "captured_at", "state", "place"):
        console.print(f"[bold]{name.replace('_', ' ')}[/bold]: {record.get(name, '')}")
    show_rows(record.get("violations", []), ["reason", "field", "path", "rule"], output)
    console.print(record.get("payload", ""), markup=False)
