"""`chartly drone`: a worker in a process of its own, for a running platform."""

from typing import Annotated

import typer

from .options import DEFAULT_DATA, Config, Data, host_settings


def drone(
    data: Data = DEFAULT_DATA,
    config: Config = None,
    name: Annotated[str, typer.Option("--name", help="Name, unique among the drones; by default host and process id.")] = "",
    slots: Annotated[int, typer.Option("--slots", min=1, max=100, help="Work items at a time.")] = 8,
) -> None:
    """Lease work items and run them until Ctrl-C. The services' addresses come from the configuration (server.addresses)."""
    import os
    import socket

    from chartly.drone.attachment import run
    from chartly.platform.config import load

    run(load(config, overrides=host_settings(data, None)), name or f"{socket.gethostname()}-{os.getpid()}", slots)
