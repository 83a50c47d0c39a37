"""Paths in the data directory that several parts of the platform use. It creates nothing."""

from pathlib import Path

from .config import Config


def operator_token_path(config: Config) -> Path:
    """Return the file of the local operator's bearer token, mode 0600. The auth service writes it, the command line reads it."""
    return config.data_path / "operator.token"


def edge_folder(config: Config) -> Path:
    """Return the folder of the edge's rendered configuration and logs."""
    return config.data_path / "edge"


def edge_url_path(config: Config) -> Path:
    """Return the file that holds the running edge's URL. The edge writes it, the command line reads it."""
    return edge_folder(config) / "url"


def spill_folder(config: Config) -> Path:
    """Return the folder for temporary files of queries. Analytics empties it at start."""
    return config.data_path / "spill"
