"""The names of the services, of the proto services that each of them serves, and of its health. It imports none of them.

A service is a process or a part of one: it has an address, an edge cluster and a health name. It serves one or more proto services, one a
proto file: ``reprocess.proto`` defines ``chartly.v1.ReprocessService``, and ``clients.reprocess`` calls it.
"""

SERVICES = (
    "gateway",
    "registry",
    "orchestrator",
    "coordinator",
    "connector_hub",
    "normalizer",
    "storage",
    "analytics",
    "aggregator",
    "reporter",
    "audit",
    "auth",
    "observer",
)

PARTS = {"drones": "coordinator"}
"""Parts of the installation that have a health of their own, each with the service that reports it."""

PROTO_PACKAGE = "chartly.v1"

_SEVERAL = {"storage": ("blob", "commit", "dataset", "quarantine", "reprocess", "maintenance", "verify")}

PROTO_FILES = {proto: service for service in SERVICES for proto in _SEVERAL.get(service, (service,))}
"""The proto files that define a proto service, without their suffix, each with the service that serves it."""


def proto_service(proto: str) -> str:
    """Return the full name of the proto service in a proto file: ``connector_hub`` → ``chartly.v1.ConnectorHubService``."""
    return f"{PROTO_PACKAGE}.{''.join(part.capitalize() for part in proto.split('_'))}Service"


def proto_services(service: str) -> tuple[str, ...]:
    """Return the full names of the proto services that a service serves."""
    return tuple(proto_service(proto) for proto, serving in PROTO_FILES.items() if serving == service)


def health_name(service: str) -> str:
    """Return the name that a service's own health is asked for with; each of its proto services has the same health under its full name."""
    return f"{PROTO_PACKAGE}.{service}"


_BY_PROTO_SERVICE = {proto_service(proto): service for proto, service in PROTO_FILES.items()}


def service_of(full_name: str) -> str | None:
    """Return the service that serves a proto service: ``chartly.v1.BlobService`` → ``storage``; None for a foreign one."""
    return _BY_PROTO_SERVICE.get(full_name)
