"""Addresses."""

from chartly.platform.config import load
from chartly.platform.transport import listen_address, socket_path, target


def test_deep_data_directory_gets_a_short_socket() -> None:
    """A unix socket's path holds 107 bytes; the data directory may be deeper."""
    config = load(environment={}, overrides={"data_dir": "/" + "d" * 200})

    assert len(str(socket_path(config))) <= 107
    assert listen_address(config) == target(config, "storage")


def test_two_deep_directories_have_two_sockets() -> None:
    """Installations don't meet in the temporary folder."""
    one, two = (load(environment={}, overrides={"data_dir": "/" + "d" * 200 + end}) for end in "ab")

    assert socket_path(one) != socket_path(two)


def test_service_is_where_it_is_configured() -> None:
    """Its own address, then the default one, then the socket."""
    addresses = {"storage": "storage:9000", "default": "rest:9000"}
    config = load(environment={}, overrides={"server.addresses": addresses})

    assert (target(config, "storage"), target(config, "audit")) == ("storage:9000", "rest:9000")
    assert target(load(environment={}), "storage").startswith("unix:")
