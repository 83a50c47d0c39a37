"""`chartly check`: compare ledger, datasets and raw bytes."""

import typer

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url


def check(data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Compare the project's ledger, datasets and raw blobs; exit code 1 if they disagree."""
    from .connection import Connection
    from .output import console, count, show_json

    with Connection(data, url, project) as edge:
        answer = edge.post("/v1/checks:run", {})
    if output is Output.JSON:
        show_json(answer)
    else:
        looked_at = ", ".join(f"{count(answer.get(f'{what}_checked')):,} {what}" for what in ("datasets", "commits", "blobs"))
        verdict = "[green]consistent[/green]" if answer["consistent"] else "[red]not consistent[/red]"
        console.print(f"{verdict}: {looked_at}")
        if not answer.get("complete"):
            console.print("The check stopped at a bound of the configuration section `observer`. The next check continues from there.")
        for fault in answer.get("faults", []):
            console.print(fault, markup=False, soft_wrap=True)
    if not answer["consistent"]:
        raise typer.Exit(1)
