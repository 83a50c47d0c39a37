"""`chartly dataset`: canonical and derived tables."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url

if TYPE_CHECKING:
    from .connection import Connection

app = typer.Typer(help="Datasets: list, show, records, versions, rollback, check, repair, set-aside, retention.", no_args_is_help=True)

Dataset = Annotated[str, typer.Argument(help="The dataset's name.")]
_DESCRIPTION = ["dataset", "version", "rows", "derived", "stale", "content_hash"]


@app.command("list")
def list_(data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """List datasets with rows, version and content hash."""
    from .advice import advise_on_stale, show_list
    from .connection import Connection

    with Connection(data, url, project) as edge:
        found = list(edge.pages("/v1/datasets", "datasets"))
        show_list(edge, found, _DESCRIPTION, output)
        advise_on_stale(edge, found)


@app.command()
def show(dataset: Dataset, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Show one dataset with its columns. Say when a derived dataset is stale, and which columns are empty in every record."""
    from .advice import advise, advise_on_stale
    from .connection import Connection
    from .output import show_json, show_rows

    with Connection(data, url, project) as edge:
        found = edge.get(f"/v1/datasets/{dataset}")
        empty = _empty_columns(edge, found)
        if output is Output.JSON:
            show_json(found)
        else:
            show_rows([found], _DESCRIPTION, output)
            show_rows(found.get("columns", []), ["name", "type"], output)
        advise_on_stale(edge, [found])
    if empty:
        advise(
            f"Empty in every record: {', '.join(empty)}. No profile version in use fills them, or a policy drops them; "
            "a table never loses a column."
        )


def _empty_columns(edge: "Connection", found: dict[str, Any]) -> list[str]:
    """Return the columns that no record has a value in; none if the caller may not query, or the query exceeds its bounds."""
    from chartly.platform.errors import RemoteError

    # Columns of the envelope are storage's own.
    names = [column["name"] for column in found.get("columns", []) if not column["name"].startswith("_")]
    if not names or not int(found.get("rows", 0)):
        return []
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in (*names, found["dataset"])}
    counts = ", ".join(f"count({quoted[name]})" for name in names)
    try:
        answer = edge.post("/v1/query", {"sql": f"SELECT {counts} FROM {quoted[found['dataset']]}"})  # noqa: S608 - quoted names
    except RemoteError:
        return []
    (row,) = answer["rows"]
    return [name for name, number in zip(names, row, strict=True) if not int(number)]


@app.command()
def records(
    dataset: Dataset,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=100_000, help="Records to show.")] = 20,
    where: Annotated[str, typer.Option(help="field=value terms joined by AND.")] = "",
    version: Annotated[int, typer.Option("--version", min=0, help="The dataset's version; 0 is the newest.")] = 0,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Show records of a dataset, at its newest version or an earlier one."""
    from .advice import show_list
    from .connection import Connection

    with Connection(data, url, project) as edge:
        found, more = edge.first(f"/v1/datasets/{dataset}/records", "records", count, filter=where, version=version)
        columns = sorted({name for record in found for name in record})
        show_list(edge, found, columns, output, more="ask for more with --count, or for some with --where" if more else "")


@app.command()
def versions(
    dataset: Dataset,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=100_000, help="Versions to show.")] = 20,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """List the versions of a dataset with their commits, newest first."""
    from .advice import show_list
    from .connection import Connection

    with Connection(data, url, project) as edge:
        found, more = edge.first(f"/v1/datasets/{dataset}/versions", "versions", count)
        columns = ["version", "mode", "rows", "content_hash", "run_id", "committed_at"]
        show_list(edge, found, columns, output, more="ask for more with --count" if more else "")


@app.command()
def rollback(
    dataset: Dataset,
    to: Annotated[int, typer.Option("--to", min=1, help="The version to restore.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would change, and change nothing.")] = False,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Restore an older version's content as a new version: records, dedupe index and quarantine."""
    from .advice import advise_on_stale
    from .connection import Connection
    from .output import console, count, show_json

    with Connection(data, url, project) as edge:
        done = edge.post(f"/v1/datasets/{dataset}:rollback", {"version": to, "dry_run": dry_run})
        if not dry_run:
            advise_on_stale(edge, edge.pages("/v1/datasets", "datasets"), changed=dataset)
    if output is Output.JSON:
        show_json(done)
        return
    changes = ", ".join(f"{count(done.get(name))} {name}" for name in ("appear", "vanish", "changed"))
    verb = "would get" if dry_run else "has"
    console.print(f"{dataset} {verb} the content of version {to}: {count(done.get('rows'))} rows, {done['content_hash']}", soft_wrap=True)
    console.print(
        f"against version {count(done.get('base_version'))}: {changes}; now at version {count(done.get('version'))}", soft_wrap=True
    )


@app.command()
def check(dataset: Dataset, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Compute a dataset's index, row count and content hash from its table. Exit code 1 when one differs from the stored value."""
    from .connection import Connection
    from .output import console, show_json, show_rows

    with Connection(data, url, project) as edge:
        found = edge.get(f"/v1/datasets/{dataset}:check")
    if output is Output.JSON:
        show_json(found)
    else:
        show_rows([found], ["version", "rows", "content_hash"], output)
        for fault in found.get("faults", []):
            console.print(fault, markup=False)
    if found.get("faults"):
        raise typer.Exit(1)


@app.command()
def repair(dataset: Dataset, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Repair what `check` finds and what is derived from the table. Rows with a repeated key are removed, in a new version."""
    from .connection import Connection
    from .output import console, show_json, show_rows

    with Connection(data, url, project) as edge:
        done = edge.post(f"/v1/datasets/{dataset}:repair")
    if output is Output.JSON:
        show_json(done)
        return
    show_rows([done], ["version", "rows_removed", "content_hash"], output)
    for sentence in (*done.get("faults", []), *done.get("repairs", [])):
        console.print(sentence, markup=False)


@app.command("set-aside")
def set_aside(
    dataset: Dataset,
    because: Annotated[str, typer.Option("--because", help="Why, for the ledger.")],
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Set commits aside that can't be finished (`check` reports them), so that the dataset takes commits again. Raw bytes stay."""
    from .connection import Connection
    from .output import console, count, show_json, show_rows

    with Connection(data, url, project) as edge:
        done = edge.post(f"/v1/datasets/{dataset}:setAside", {"justification": because})
    if output is Output.JSON:
        show_json(done)
        return
    show_rows(done["commits"], ["run_id", "records", "raw_sha256", "work_key"], output)
    console.print(f"{dataset} stays at version {count(done.get('version'))}. Once the cause is removed: `chartly deadletter retry`.")


@app.command()
def retention(
    dataset: Dataset,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be removed, and remove nothing.")] = False,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Remove records that are too old by the storage profile, as a new version. Storage does so by itself every hour."""
    from .connection import Connection
    from .output import show_json, show_rows

    passes: list[dict[str, object]] = []
    with Connection(data, url, project) as edge:
        while True:
            done = edge.post(f"/v1/datasets/{dataset}:retain", {"dry_run": dry_run})
            passes.append(done)
            if dry_run or not done.get("more"):
                break
    if output is Output.JSON:
        show_json(passes)
        return
    show_rows(passes, ["version", "by", "kept_since", "rows_removed", "files_removed", "files_rewritten", "more"], output)
