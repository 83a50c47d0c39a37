"""Addresses of services."""

from pathlib import Path

import pytest

from chartly.platform.config import load
from chartly.platform.files import FolderExposed, private_folder
from chartly.platform.rpc.transport import listen_address, socket_path, target


def test_deep_data_directory_gets_a_short_socket() -> None:
    """A socket's path fits into 107 bytes, however deep the data directory is."""
    config = load(environment={}, overrides={"data_dir": "/" + "d" * 200})

    assert len(str(socket_path(config))) <= 107
    assert listen_address(config) == target(config, "storage")


def test_two_deep_directories_have_two_sockets() -> None:
    """Two deep data directories have different sockets in the temporary folder."""
    one, two = (load(environment={}, overrides={"data_dir": "/" + "d" * 200 + end}) for end in "ab")

    assert socket_path(one) != socket_path(two)


def test_service_is_where_it_is_configured() -> None:
    """A service's address is its own, else the default one, else the socket."""
    addresses = {"storage": "storage:9000", "default": "rest:9000"}
    config = load(environment={}, overrides={"server.addresses": addresses})

    assert (target(config, "storage"), target(config, "audit")) == ("storage:9000", "rest:9000")
    assert target(load(environment={}), "storage").startswith("unix:")


def test_folder_of_sockets_must_be_ours_alone(tmp_path: Path) -> None:
    """A folder of sockets that others can enter is refused."""
    private_folder(tmp_path / "run")
    private_folder(tmp_path / "run")
    (tmp_path / "run").chmod(0o755)

    with pytest.raises(FolderExposed):
        private_folder(tmp_path / "run")


def test_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    """A symbolic link in place of the folder of sockets is refused."""
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(FolderExposed):
        private_folder(tmp_path / "run")
