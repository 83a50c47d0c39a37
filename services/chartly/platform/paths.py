"""Where embedded state lies in the data directory, for those who must agree on it. It creates nothing."""

from pathlib import Path

from .config import Config


def operator_token_path(config: Config) -> Path:
    """The local operator's bearer token, mode 0600; the auth service writes it, the command line reads it."""
    return config.data_path / "operator.token"


def edge_folder(config: Config) -> Path:
    """The edge's rendered configuration, logs and admin socket."""
    return config.data_path / "edge"


def edge_url_path(config: Config) -> Path:
    """Where the running edge answers, as a URL; the edge writes it, the command line reads it."""
    return edge_folder(config) / "url"


def spill_folder(config: Config) -> Path:
    """What queries put on disk while they run; analytics empties it when it starts."""
    return config.data_path / "spill"
