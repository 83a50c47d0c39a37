"""`chartly query`: one read-only SQL statement over the project's datasets."""

from typing import Annotated

import typer

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url


def query(
    sql: Annotated[str, typer.Argument(help="One SELECT; datasets are tables by their names, quoted where they have a dash.")],
    rows_max: Annotated[int, typer.Option("--rows", min=1, max=100_000, help="Most rows to show.")] = 1_000,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Query datasets with SQL."""
    from .connection import Connection
    from .output import console, distinct, show_rows

    with Connection(data, url, project) as edge:
        answer = edge.post("/v1/query", {"sql": sql, "rows_max": rows_max})
    titles: list[str] = [column["name"] for column in answer.get("columns", [])]
    names = distinct(titles)
    show_rows([dict(zip(names, row, strict=True)) for row in answer.get("rows", [])], names, output, titles)
    if answer.get("truncated") and output is Output.TABLE:
        console.print(f"[dim]more rows than {rows_max}; ask for more with --rows[/dim]")
