"""The services' names, and how each is called in protos and packages. It imports none of them."""

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

PROTO_PACKAGE = "chartly.v1"


def proto_service(name: str) -> str:
    """``connector_hub`` → ``ConnectorHubService``."""
    return "".join(part.capitalize() for part in name.split("_")) + "Service"


_BY_PROTO = {f"{PROTO_PACKAGE}.{proto_service(name)}": name for name in SERVICES}


def service_of(full_proto_name: str) -> str | None:
    """``chartly.v1.ConnectorHubService`` → ``connector_hub``; None for what isn't ours."""
    return _BY_PROTO.get(full_proto_name)
