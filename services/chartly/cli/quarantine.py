"""`chartly quarantine`: records that broke a rule: list, show, retry, release, discard."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url, Yes

if TYPE_CHECKING:
    from .connection import Connection

app = typer.Typer(help="Quarantine: list, show, retry, release, discard.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(help="Quarantine ids; none: the records that the filter finds.")]
Id = Annotated[str, typer.Argument(help="The record's quarantine id.")]
Reason = Annotated[str, typer.Option(help="Only records with this reason.")]
Source = Annotated[str, typer.Option(help="Only records of this source.")]
Dataset = Annotated[str, typer.Option(help="Only records of this dataset.")]
Run = Annotated[str, typer.Option(help="Only records of this run.")]
Since = Annotated[str, typer.Option(help="Only records captured at or after this instant (RFC 3339).")]
Until = Annotated[str, typer.Option(help="Only records captured before this instant (RFC 3339).")]
Profile = Annotated[str, typer.Option(help="Another version of the profile that rejected the records; unset: the same version.")]
Why = Annotated[str, typer.Option("--because", help="Why, 1 to 500 characters; kept with the record and in the ledger.")]
# Counting reads the listing; above this the exact number no longer helps to decide.
_COUNTED_MAX = 10_000
_OUTCOME = ["quarantine_id", "state", "attempts", "reasons", "dataset_version"]


@app.command("list")
def list_(
    reason: Reason = "",
    source: Source = "",
    dataset: Dataset = "",
    run: Run = "",
    state: Annotated[str, typer.Option(help="Only records in this state: open, retried, released or discarded.")] = "",
    since: Since = "",
    until: Until = "",
    *,
    each: Annotated[bool, typer.Option("--each", help="Show each time that a record came, not the record once.")] = False,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=100_000, help="Records to show.")] = 100,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """List quarantined records, newest first. A record that came several times, in pages that changed, is one row with its newest id."""
    from .advice import advise, show_list
    from .connection import Connection

    filters = _filter(reason, source, dataset, run, since, until) | {"state": state}
    with Connection(data, url, project) as edge:
        found, more = edge.first("/v1/quarantine", "records", count, **filters)
        if output is Output.TABLE:
            for record in found:
                broken = record.get("violations", [])
                record["reasons"] = ", ".join(dict.fromkeys(violation["reason"] for violation in broken))
                record["fields"] = ", ".join(dict.fromkeys(violation["field"] for violation in broken if violation.get("field")))
        rows = found if each or output is Output.JSON else _once(found)
        columns = ["quarantine_id", "dataset", "source_id", "reasons", "fields", "state", *(["times"] if rows is not found else [])]
        narrow = "ask for more with --count, or for some with --reason, --source, --dataset, --run, --state, --since and --until"
        show_list(edge, rows, columns, output, more=narrow if more else "")
    if len(rows) < len(found):
        records = f"{len(rows):,} record{'' if len(rows) == 1 else 's'}"
        advise(f"{records} came {len(found):,} times. Retry and discard with a filter act on every time; see each with --each.")


@app.command()
def show(quarantine_id: Id, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Show one quarantined record: every violation, its place in the raw bytes, its status, and its payload."""
    from .connection import Connection
    from .output import cell, console, show_json, show_rows

    with Connection(data, url, project) as edge:
        record = edge.get(f"/v1/quarantine/{quarantine_id}")
    if output is Output.JSON:
        show_json(record)
        return
    names = ("quarantine_id", "dataset", "source_id", "run_id", "profile_hash", "captured_at", "state", "place")
    acted_on = ("attempts", "principal", "changed_at", "justification", "before_sha256", "after_sha256", "dataset_version")
    for name in (*names, *(name for name in acted_on if record.get(name))):
        console.print(f"[bold]{name.replace('_', ' ')}[/bold]: {cell(record.get(name, ''))}", soft_wrap=True)
    show_rows(record.get("violations", []), ["reason", "field", "path", "rule"], output)
    if record.get("retry_violations"):
        console.print("[bold]at the last try[/bold]:")
        show_rows(record["retry_violations"], ["reason", "field", "path", "rule"], output)
    console.print("(sealed)" if record.get("sealed") and not record.get("payload") else record.get("payload", ""), markup=False)


@app.command()
def retry(
    quarantine_ids: Ids = None,
    profile: Profile = "",
    reason: Reason = "",
    source: Source = "",
    dataset: Dataset = "",
    run: Run = "",
    since: Since = "",
    until: Until = "",
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Run records through their profile again, or through another version of it. Those that pass are committed to their dataset."""
    from .advice import advise_on_stale
    from .connection import Connection

    body = _chosen(quarantine_ids, _filter(reason, source, dataset, run, since, until)) | {"normalizer_ref": profile}
    with Connection(data, url, project) as edge:
        _act(edge, "retry", body, output)
        advise_on_stale(edge, edge.pages("/v1/datasets", "datasets"))


@app.command()
def release(
    quarantine_id: Id,
    because: Why,
    record: Annotated[Path | None, typer.Option(help="File with the corrected record.", exists=True, dir_okay=False)] = None,
    patch: Annotated[Path | None, typer.Option(help="File with a JSON Patch (RFC 6902).", exists=True, dir_okay=False)] = None,
    merge: Annotated[str, typer.Option(help="A JSON Merge Patch (RFC 7396), as text.")] = "",
    profile: Profile = "",
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Correct one record and commit it to its dataset; needs one of --record, --patch and --merge."""
    from .advice import advise_on_stale
    from .connection import Connection
    from .output import show_json

    given = {"record": record and record.read_text("utf-8").strip(), "json_patch": patch and patch.read_text("utf-8"), "merge_patch": merge}
    edit = {name: text for name, text in given.items() if text}
    if len(edit) != 1:
        raise typer.BadParameter("pass exactly one of --record, --patch and --merge")
    body = {"quarantine_id": quarantine_id, "justification": because, "normalizer_ref": profile, **edit}
    with Connection(data, url, project) as edge:
        answer = edge.post("/v1/quarantine:release", body)
        advise_on_stale(edge, edge.pages("/v1/datasets", "datasets"))
    if output is Output.JSON:
        show_json(answer)
    else:
        _show([answer["outcome"]], output)
    if answer["outcome"]["state"] != "released":
        raise typer.Exit(1)


@app.command()
def discard(
    because: Why,
    quarantine_ids: Ids = None,
    reason: Reason = "",
    source: Source = "",
    dataset: Dataset = "",
    run: Run = "",
    since: Since = "",
    until: Until = "",
    *,
    yes: Yes = False,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Discard records permanently, with a reason. Nothing is deleted. A filter's records are counted and confirmed first."""
    from .advice import confirm
    from .connection import Connection

    filters = _filter(reason, source, dataset, run, since, until)
    body = _chosen(quarantine_ids, filters) | {"justification": because}
    with Connection(data, url, project) as edge:
        if filters and not yes:
            found = _waiting(edge, filters)
            confirm(f"Discard {found} permanently?", f"{found} by {', '.join(sorted(filters))}", yes=yes)
        _act(edge, "discard", body, output)


def _waiting(edge: "Connection", filters: dict[str, str]) -> str:
    """Return how many records of a filter are open or retried, as text; counts up to a bound."""
    found = 0
    for state in ("open", "retried"):
        records, more = edge.first("/v1/quarantine", "records", _COUNTED_MAX, state=state, **filters)
        found += len(records)
        if more:
            return f"more than {_COUNTED_MAX:,} records"
    return f"{found:,} record{'' if found == 1 else 's'}"


def _once(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row for each record and state, the newest, with the number of times that it came."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for record in found:
        digest = record.get("payload_sha256") or record["quarantine_id"]
        row = rows.setdefault((record["dataset"], record["source_id"], record["state"], digest), record | {"times": 0})
        row["times"] += 1
    return list(rows.values())


def _filter(reason: str, source: str, dataset: str, run: str, since: str, until: str) -> dict[str, str]:
    given = {"reason": reason, "source_id": source, "dataset": dataset, "run_id": run, "since": since, "until": until}
    return {name: value for name, value in given.items() if value}


def _chosen(quarantine_ids: list[str] | None, filters: dict[str, str]) -> dict[str, Any]:
    """Return the selected records. Refuse a command without ids and filter: a forgotten argument must not select all."""
    if bool(quarantine_ids) == bool(filters):
        raise typer.BadParameter("pass quarantine ids, or at least one of --reason, --source, --dataset, --run, --since and --until")
    return {"quarantine_ids": quarantine_ids} if quarantine_ids else {"filter": filters}


def _act(edge: "Connection", verb: str, body: dict[str, Any], output: Output) -> None:
    """Act on all pages of the selection. Each page is complete by itself, so an interrupted command can be run again."""
    outcomes: list[dict[str, Any]] = []
    token = ""
    while True:
        answer = edge.post(f"/v1/quarantine:{verb}", body | {"page_token": token})
        outcomes += answer.get("outcomes", [])
        token = answer.get("next_page_token", "")
        if not token:
            break
    _show(outcomes, output)


def _show(outcomes: list[dict[str, Any]], output: Output) -> None:
    from .output import show_rows

    if output is Output.TABLE:
        for outcome in outcomes:
            outcome["reasons"] = ", ".join(dict.fromkeys(violation["reason"] for violation in outcome.get("violations", [])))
    show_rows(outcomes, _OUTCOME, output)
