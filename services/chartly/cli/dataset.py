"""`chartly dataset`: canonical and derived tables."""

from typing import Annotated

import typer

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url

app = typer.Typer(help="Datasets: list, show, records.", no_args_is_help=True)

Dataset = Annotated[str, typer.Argument(help="The dataset's name.")]


@app.command("list")
def list_(data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """List datasets with rows, version and content hash."""
    from .connection import Connection
    from .output import show_rows

    with Connection(data, url, project) as edge:
        show_rows(edge.pages("/v1/datasets", "datasets"), ["dataset", "version", "rows", "derived", "content_hash"], output)


@app.command()
def show(dataset: Dataset, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Show one dataset with its columns."""
    from .connection import Connection
    from .output import show_json, show_rows

    with Connection(data, url, project) as edge:
        found = edge.get(f"/v1/datasets/{dataset}")
    if output is Output.JSON:
        show_json(found)
        return
    show_rows([found], ["dataset", "version", "rows", "derived", "content_hash"], output)
    show_rows(found.get("columns", []), ["name", "type"], output)


@app.command()
def records(
    dataset: Dataset,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1_000, help="Records to show.")] = 20,
    where: Annotated[str, typer.Option(help="field=value terms joined by AND.")] = "",
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Show records of a dataset."""
    from .connection import Connection
    from .output import show_rows

    with Connection(data, url, project) as edge:
        found = edge.get(f"/v1/datasets/{dataset}/records", page_size=count, filter=where).get("records", [])
    show_rows(found, sorted({name for record in found for name in record}), output)
