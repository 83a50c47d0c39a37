"""`chartly serve`: run a subset of the services in one process, for example one in each Deployment of a cluster."""

from typing import Annotated

import typer

from .options import DEFAULT_DATA, Config, Data, HostPort, host_settings


def serve(
    services: Annotated[list[str], typer.Argument(help="Services to run, by name.")],
    data: Data = DEFAULT_DATA,
    port: HostPort = None,
    config: Config = None,
    edge: Annotated[bool, typer.Option("--edge", help="Run the edge (Envoy), too.")] = False,
) -> None:
    """Run the named services until Ctrl-C. The addresses of the others come from the configuration (server.addresses)."""
    from chartly.audit.key import require_origin
    from chartly.gateway.edge import Edge
    from chartly.platform.config import load
    from chartly.platform.host import run

    loaded = load(config, overrides=host_settings(data, port))
    if "audit" in services and not edge:
        require_origin(loaded)
    run(loaded, services, [Edge(loaded)] if edge else [])
