"""Options that several commands share, each described once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

DEFAULT_DATA = Path(".chartly")


class Output(StrEnum):
    """The form in which a command prints its result."""

    TABLE = "table"
    JSON = "json"


Data = Annotated[Path, typer.Option("--data", envvar="CHARTLY_DATA_DIR", help="Directory of the installation's embedded state.")]
Port = Annotated[int, typer.Option("--port", envvar="CHARTLY_EDGE_PORT", min=0, max=65_535, help="Port of the edge.")]
HostPort = Annotated[
    int | None,
    typer.Option("--port", envvar="CHARTLY_EDGE_PORT", min=0, max=65_535, help="Port of the edge; unset: the configuration's, else 8090."),
]
Url = Annotated[
    str, typer.Option("--url", envvar="CHARTLY_CLI_URL", help="Address of the edge; unset: the one that runs on the data directory.")
]
Project = Annotated[
    str, typer.Option("--project", envvar="CHARTLY_CLI_PROJECT", help="<tenant>/<project> to work in; unset: the token's own.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Change all that the filter selects without asking.")]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="A table for people, or JSON for programs.")]
Config = Annotated[Path | None, typer.Option("--config", help="Configuration file (YAML).", exists=True, dir_okay=False)]


def host_settings(data: Path, port: int | None) -> dict[str, Any]:
    """Return the settings of a host that its command line gives. Others stay as the configuration file has them."""
    given: dict[str, Any] = {} if data == DEFAULT_DATA else {"data_dir": str(data)}
    return given if port is None else given | {"edge.port": port}
