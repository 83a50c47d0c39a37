"""Loading of the configuration."""

from pathlib import Path

import pytest

from chartly.platform.config import ConfigError, Limits, Secret, load
from chartly.platform.config.load import environment_names, leaves


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration file that the test writes."""
    return tmp_path / "chartly.yaml"


def test_defaults_need_no_file() -> None:
    """Without a file all defaults apply."""
    config = load(environment={})

    assert (config.edge.port, config.server.listen, config.limits) == (8090, "unix", Limits())


def test_environment_wins_over_file_and_file_over_default(file: Path) -> None:
    """The environment overrides the file, and the file the defaults."""
    file.write_text("edge: {port: 1, host: 0.0.0.0}\n")

    config = load(file, {"CHARTLY_EDGE_PORT": "2"})

    assert (config.edge.port, config.edge.host) == (2, "0.0.0.0")  # noqa: S104 - a value, nothing is bound


def test_command_line_wins_over_environment() -> None:
    """The command line overrides the environment."""
    assert load(environment={"CHARTLY_EDGE_PORT": "2"}, overrides={"edge.port": 3}).edge.port == 3


def test_unknown_key_is_refused_with_file_and_key(file: Path) -> None:
    """An unknown key is refused with file and key."""
    file.write_text("edge: {prot: 1}\n")

    with pytest.raises(ConfigError) as refused:
        load(file, {})

    assert refused.value.source == str(file)
    assert "edge" in refused.value.key
    assert "prot" in refused.value.problem


def test_unknown_variable_is_refused() -> None:
    """An unknown variable with the prefix CHARTLY_ is refused."""
    with pytest.raises(ConfigError) as refused:
        load(environment={"CHARTLY_EGDE_PORT": "1"})

    assert refused.value.key == "CHARTLY_EGDE_PORT"


def test_variables_of_others_are_left_alone() -> None:
    """Variables of secrets, such as CHARTLY_SECRET_…, are ignored."""
    assert load(environment={"CHARTLY_SECRET_SHOP": "x", "PATH": "/bin"}).edge.port == 8090


@pytest.mark.parametrize("name", ["CHARTLY_SUITES", "CHARTLY_PEERS", "CHARTLY_FAULT_SEED", "CHARTLY_FUZZ_SEED"])
def test_variables_of_the_tests_are_left_alone(name: str) -> None:
    """Variables of the test suites are ignored."""
    assert load(environment={name: "1"}).edge.port == 8090


def test_value_out_of_range_names_its_key(file: Path) -> None:
    """A value out of range is refused with its key."""
    file.write_text("limits: {page_size_max: 0}\n")

    with pytest.raises(ConfigError) as refused:
        load(file, {})

    assert refused.value.key == "limits.page_size_max"


def test_broken_yaml_names_its_line(file: Path) -> None:
    """Malformed YAML is refused with its line."""
    file.write_text("edge:\n  port: [1\n")

    with pytest.raises(ConfigError) as refused:
        load(file, {})

    assert refused.value.key.startswith("line ")


def test_missing_file_is_refused(file: Path) -> None:
    """A missing configuration file is refused."""
    with pytest.raises(ConfigError) as refused:
        load(file, {})

    assert refused.value.source == str(file)


def test_secret_masks_itself() -> None:
    """A printed configuration shows no secret."""
    config = load(environment={"CHARTLY_METADATA_PASSWORD": "hunter2"})

    assert config.metadata.password == Secret("hunter2")
    assert "hunter2" not in f"{config!r} {config.metadata.password}"


def test_secret_is_read_by_reference(file: Path) -> None:
    """A secret is read from its file or variable."""
    file.write_text("s3cret\n")
    environment = {
        "CHARTLY_METADATA_PASSWORD": f"file:{file}",
        "CHARTLY_STORAGE_S3_SECRET_KEY": "env:KEY",
        "KEY": "k",
    }

    config = load(environment=environment)

    assert config.metadata.password is not None
    assert config.storage.s3_secret_key is not None
    assert (config.metadata.password.reveal(), config.storage.s3_secret_key.reveal()) == ("s3cret", "k")


def test_secret_that_refers_to_nothing_is_refused() -> None:
    """A secret with an unset variable is refused."""
    with pytest.raises(ConfigError) as refused:
        load(environment={"CHARTLY_METADATA_PASSWORD": "env:NOBODY"})

    assert refused.value.key == "NOBODY"


def test_maps_and_lists_come_from_the_environment_as_json() -> None:
    """Maps and lists can be set as JSON in the environment."""
    config = load(environment={"CHARTLY_SERVER_ADDRESSES": '{"storage": "storage:9000"}', "CHARTLY_EDGE_CORS_ORIGINS": '["a"]'})

    assert (config.server.addresses, config.edge.cors_origins) == ({"storage": "storage:9000"}, ("a",))


def test_no_two_keys_share_a_variable() -> None:
    """Each key has an environment variable of its own."""
    assert len(environment_names()) == len(list(leaves()))
