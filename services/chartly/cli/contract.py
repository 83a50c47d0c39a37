"""`chartly contract`: the schemas that records must meet."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from chartly.platform.errors import RemoteError

from .failure import read_text
from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url

app = typer.Typer(help="Contracts: put, get, list.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="<type>@<semver>, as in sales.event@1.1.0.")]


@app.command()
def put(
    name: Name,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON Schema 2020-12 (JSON).")],
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Store one version; storing the same content twice changes nothing."""
    from .connection import Connection
    from .output import show_done

    schema = read_text(file)
    with Connection(data, url, project) as edge:
        try:
            answer = edge.put(f"/v1/contracts/{name}", {"schema_json": schema})
        except RemoteError as refused:
            raise replace(refused, remote_message=f"{file}: {refused.message}") from None
    show_done(answer, f"{name} {'stored' if answer.get('created') else 'unchanged'}", output)


@app.command()
def get(name: Name, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Print a contract's schema."""
    from .connection import Connection
    from .output import show_json

    with Connection(data, url, project) as edge:
        contract = edge.get(f"/v1/contracts/{name}")["contract"]
    if output is Output.JSON:
        show_json(contract)
    else:
        typer.echo(contract["schema_json"])


@app.command("list")
def list_(data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """List the project's contracts and the global ones."""
    from .connection import Connection
    from .output import show_rows

    with Connection(data, url, project) as edge:
        show_rows(edge.pages("/v1/contracts", "contracts"), ["name", "builtin", "content_hash"], output)
