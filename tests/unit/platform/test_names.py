"""The names of services and of their proto services."""

from collections.abc import Callable

from chartly.platform.clock import SystemClock
from chartly.platform.config import Config
from chartly.platform.identity.tokens import InternalTokens
from chartly.platform.names import PROTO_FILES, SERVICES, health_name, proto_service, proto_services, service_of
from chartly.platform.rpc.clients import Channels, Clients
from chartly.platform.rpc.methods import all_methods


def test_every_proto_service_has_one_service() -> None:
    """The table names exactly the proto services that the protos define."""
    assert {proto_service(proto) for proto in PROTO_FILES} == {method.service for method in all_methods().values()}
    assert set(PROTO_FILES.values()) == set(SERVICES)


def test_names_of_a_proto_service_follow_from_its_file() -> None:
    """A proto file's name gives the proto service; the proto service gives the process's service."""
    assert proto_service("connector_hub") == "chartly.v1.ConnectorHubService"
    assert service_of("chartly.v1.ConnectorHubService") == "connector_hub"
    assert service_of("chartly.v1.QuarantineService") == "storage"
    assert service_of("grpc.health.v1.Health") is None


def test_storage_serves_one_proto_service_a_room() -> None:
    """Storage has seven proto services and one health name of its own."""
    services = proto_services("storage")

    assert services == tuple(
        f"chartly.v1.{name}Service" for name in ("Blob", "Commit", "Dataset", "Quarantine", "Reprocess", "Maintenance", "Verify")
    )
    assert health_name("storage") not in services


async def test_clients_have_a_property_for_every_proto_file(make_config: Callable[..., Config]) -> None:
    """``clients.<proto file>`` is the stub of the file's proto service."""
    config = make_config()
    channels = Channels(config)
    clients = Clients("test", config, channels, InternalTokens(bytes(32), SystemClock(), 300))

    for proto in PROTO_FILES:
        assert type(getattr(clients, proto)).__name__ == proto_service(proto).rpartition(".")[2] + "Stub"
    await channels.close()
