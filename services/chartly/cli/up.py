"""`chartly up`: Envoy, all services and a drone in one process, on embedded stores, until Ctrl-C."""

from typing import TYPE_CHECKING, Annotated

import typer

from .options import DEFAULT_DATA, Config, Data, HostPort, host_settings

if TYPE_CHECKING:
    from chartly.gateway.edge import Edge


def up(
    data: Data = DEFAULT_DATA,
    port: HostPort = None,
    config: Config = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only errors; logs go to the data directory.")] = False,
) -> None:
    """Run the whole platform on this machine until Ctrl-C; all data stays in the data directory."""
    from chartly.drone.attachment import DroneAttachment
    from chartly.gateway.edge import Edge
    from chartly.platform.config import load
    from chartly.platform.host import Attachment, run
    from chartly.platform.names import SERVICES

    overrides = host_settings(data, port)
    loaded = load(config, overrides=overrides)
    if not loaded.telemetry.log_file:
        loaded = load(config, overrides=overrides | {"telemetry.log_file": str(loaded.data_path / "logs" / "chartly.log")})
    edge = Edge(loaded)
    attachments: list[Attachment] = [edge, *(DroneAttachment(loaded, number) for number in range(loaded.coordinator.workers))]
    if not quiet:
        attachments.append(Announcement(edge))
    run(loaded, SERVICES, attachments)


class Announcement:
    """Prints the platform's address when it is ready."""

    def __init__(self, edge: "Edge") -> None:
        self._edge = edge

    async def start(self) -> None:
        """Print the address."""
        typer.echo(f"chartly is up at {self._edge.url} (Ctrl-C stops it)")

    async def stop(self) -> None:
        """Print nothing."""
