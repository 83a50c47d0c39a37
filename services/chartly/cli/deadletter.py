"""`chartly deadletter`: work that failed for good: list, show, retry, discard."""

from typing import Annotated, Any

import typer

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url, Yes

app = typer.Typer(help="Dead letters: list, show, retry, discard.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(help="Ids of dead letters; none: the dead letters that the options select.")]
Run = Annotated[str, typer.Option(help="Only those of this run.")]
Source = Annotated[str, typer.Option(help="Only those of this source.")]
Kind = Annotated[str, typer.Option(help="Only this kind: connector_sync, normalize or analytics_query.")]
Reason = Annotated[str, typer.Option(help="Only those with this reason.")]


@app.command("list")
def list_(
    run: Run = "",
    source: Source = "",
    kind: Kind = "",
    reason: Reason = "",
    state: Annotated[str, typer.Option(help="dead (the default), retried or discarded.")] = "dead",
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """List dead letters, newest first."""
    from .advice import show_list
    from .connection import Connection

    asked = _filter(run, source, kind, reason) | {"state": f"DEAD_LETTER_STATE_{state.upper()}"}
    with Connection(data, url, project) as edge:
        found = list(edge.pages("/v1/deadletters", "dead_letters", **asked))
        columns = ["dead_letter_id", "run_id", "kind", "source_id", "reason", "message", "failed_at", "retried_as"]
        show_list(edge, found, columns if state == "retried" else columns[:-1], output)


@app.command()
def show(
    dead_letter_id: Annotated[str, typer.Argument(help="The dead letter's id.")],
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Show one dead letter: why it failed, its raw bytes, and its state."""
    from .connection import Connection
    from .output import console, show_json

    with Connection(data, url, project) as edge:
        letter = edge.get(f"/v1/deadletters/{dead_letter_id}")
    if output is Output.JSON:
        show_json(letter)
        return
    for name, value in letter.items():
        if value:
            console.print(f"[bold]{name.replace('_', ' ')}[/bold]: {value}")


@app.command()
def retry(
    dead_letter_ids: Ids = None,
    run: Run = "",
    source: Source = "",
    kind: Kind = "",
    reason: Reason = "",
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Retry dead letters, those of one run in one new run; print the new runs."""
    from .connection import Connection

    with Connection(data, url, project) as edge:
        done = edge.post("/v1/deadletters:retry", _chosen(dead_letter_ids, _filter(run, source, kind, reason)))
    if output is Output.TABLE:
        for again in done["runs"]:
            typer.echo(again["run_id"])
    _report(done, "retried", output)


@app.command()
def discard(
    note: Annotated[str, typer.Option(help="Why; it goes into the ledger.")],
    dead_letter_ids: Ids = None,
    run: Run = "",
    source: Source = "",
    kind: Kind = "",
    reason: Reason = "",
    *,
    yes: Yes = False,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Discard dead letters permanently; the ledger records the note. A filter's dead letters are counted and confirmed first."""
    from .advice import confirm
    from .connection import Connection

    with Connection(data, url, project) as edge:
        filters = _filter(run, source, kind, reason)
        if not dead_letter_ids and any(filters.values()) and not yes:
            found = sum(1 for _ in edge.pages("/v1/deadletters", "dead_letters", **filters, state="DEAD_LETTER_STATE_DEAD"))
            selected = f"{found:,} dead letter{'' if found == 1 else 's'}"
            named = ", ".join(name for name, value in filters.items() if value)
            confirm(f"Discard {selected} permanently?", f"{selected} by {named}", yes=yes)
        body = _chosen(dead_letter_ids, filters) | {"note": note}
        done = edge.post("/v1/deadletters:discard", body)
    _report(done, "discarded", output)


def _filter(run: str, source: str, kind: str, reason: str) -> dict[str, str]:
    return {"run_id": run, "source_id": source, "kind": kind, "reason": reason}


def _chosen(dead_letter_ids: list[str] | None, asked: dict[str, str]) -> dict[str, Any]:
    return {"dead_letter_ids": dead_letter_ids or [], "filter": asked}


def _report(done: dict[str, Any], verb: str, output: Output) -> None:
    from .output import show_done

    show_done(done, f"{done[verb]} {verb}" + ("; there are more: ask again" if done["more"] else ""), output)
