"""Opens the snapshots that a query reads, through storage. It reads no file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from chartly.platform.rpc.clients import Clients
from chartly.v1 import analytics_pb2 as pb
from chartly.v1 import dataset_pb2

from .errors import DatasetDamaged


@dataclass(frozen=True)
class OpenedSnapshot:
    """A dataset's files at a version."""

    version: pb.DatasetVersion
    files: list[str]
    columns: dict[str, str]
    """Arrow types by name."""

    @property
    def source(self) -> dict[str, Any]:
        """The files and columns that the sandbox reads as a table."""
        return {"files": self.files, "columns": self.columns}


async def open_snapshots(clients: Clients, datasets: Iterable[str], versions: Mapping[str, int]) -> dict[str, OpenedSnapshot]:
    """Open each dataset at the version that ``versions`` names, else at its last one.

    Raises:
        RemoteError: DATASET_UNKNOWN, also for an unknown version.
    """
    return {name: await open_snapshot(clients, name, versions.get(name, 0)) for name in sorted(datasets)}


async def open_snapshot(clients: Clients, dataset: str, version: int = 0) -> OpenedSnapshot:
    """Open a version of a dataset; 0 means the last one.

    Raises:
        RemoteError: DATASET_UNKNOWN.
    """
    found = await clients.dataset.OpenSnapshot(dataset_pb2.OpenSnapshotRequest(dataset=dataset, version=version))
    opened = pb.DatasetVersion(dataset=dataset, version=found.version, content_hash=found.content_hash)
    files = [_path(uri) for uri in found.file_uris]
    return OpenedSnapshot(opened, files, {column.name: column.type for column in found.columns})


def _path(uri: str) -> str:
    parts = urlsplit(uri)
    if parts.scheme != "file":
        # The sandbox has no credentials, so it reads local files only.
        raise DatasetDamaged
    return unquote(parts.path)
