"""`chartly auth`: the local operator's token, and API keys for others."""

from typing import Annotated

import typer

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url

app = typer.Typer(help="Tokens: the local operator's, and API keys.", no_args_is_help=True)


@app.command()
def token(data: Data = DEFAULT_DATA) -> None:
    """Print the local operator's token, made at the installation's first start."""
    from chartly.platform.config import load
    from chartly.platform.paths import operator_token_path

    from .connection import NoToken

    path = operator_token_path(load(environment={}, overrides={"data_dir": str(data)}))
    if not path.is_file():
        raise NoToken(str(data))
    typer.echo(path.read_text(encoding="utf-8").strip())


@app.command()
def create(
    principal: Annotated[str, typer.Argument(help="The principal of the key, such as user:ada.")],
    role: Annotated[list[str], typer.Option(help="viewer, analyst, engineer, operator, drone or ingester; may be repeated.")],
    allow: Annotated[list[str], typer.Option(help="<tenant>/<project> that it may use; may be repeated.")],
    lifetime_days: Annotated[int, typer.Option(min=1, max=365, help="Days until it expires.")] = 30,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Make an API key and print it; it is never shown again."""
    from .connection import Connection
    from .output import show_done

    with Connection(data, url, project) as edge:
        body = {"principal": principal, "roles": role, "projects": allow, "lifetime_s": lifetime_days * 86_400}
        made = edge.post("/v1/auth/tokens", body)
    show_done(made, made["secret"], output)


@app.command("list")
def list_(data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """List API keys, without their secrets."""
    from .connection import Connection
    from .output import show_rows

    with Connection(data, url, project) as edge:
        columns = ["token_id", "principal", "roles", "projects", "created_at", "expires_at", "revoked"]
        show_rows(edge.pages("/v1/auth/tokens", "tokens"), columns, output)


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(help="The key's id, as listed.")],
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Revoke an API key, with effect at once."""
    from .connection import Connection
    from .output import show_done

    with Connection(data, url, project) as edge:
        revoked = edge.post(f"/v1/auth/tokens/{token_id}:revoke")
    show_done(revoked, f"revoked {token_id}", output)
