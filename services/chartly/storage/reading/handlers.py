"""Serves ``DatasetService``: descriptions, records, versions and files of datasets. It changes nothing."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection

from chartly.platform.blocking import Blocking
from chartly.platform.identity.scope import SYSTEM, current_scope
from chartly.platform.metadata import Metadata
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.paging import BadPageToken, page_position, page_size, page_token
from chartly.storage.commit import dataset_rows
from chartly.storage.commit import rows as commit_rows
from chartly.storage.errors import DatasetUnknown
from chartly.storage.model import Dataset, DatasetKey
from chartly.storage.raw import rows as blob_rows
from chartly.storage.table import columns as c
from chartly.storage.wire import dataset_key
from chartly.v1 import dataset_pb2 as pb
from chartly.v1.dataset_pb2_grpc import DatasetServiceServicer

from . import wire
from .filter import parse_filter
from .reader import Reader

_DATASETS, _RECORDS, _VERSIONS, _COMMITS = "datasets", "records", "datasets/versions", "commits"
# Known from the request, or equal to another column.
_HIDDEN = (c.TENANT_ID, c.PROJECT_ID, c.CANONICAL, c.ROW_NUMBER)
# Above every version that a dataset may come to.
_LAST = 2**62

CountStatuses = Callable[[Connection, str, str, Sequence[str]], Mapping[str, Mapping[str, int]]]
"""Counts the quarantined records of datasets by state: tenant, project and datasets in; by dataset and state out."""


class DatasetHandlers(DatasetServiceServicer):
    """The calls of ``DatasetService``."""

    def __init__(self, reader: Reader, metadata: Metadata, blocking: Blocking, count_statuses: CountStatuses) -> None:
        self._reader = reader
        self._metadata = metadata
        self._blocking = blocking
        self._count_statuses = count_statuses

    async def OpenSnapshot(self, request: pb.OpenSnapshotRequest, context: Context) -> pb.OpenSnapshotResponse:
        """Return a version's files."""
        dataset, commit, files = await self._blocking.run(self._reader.served, dataset_key(request.dataset), request.version)
        return pb.OpenSnapshotResponse(
            dataset=request.dataset,
            version=commit.sequence,
            file_uris=[path.as_uri() for path in files],
            columns=wire.columns(dataset.columns),
            content_hash=commit.content_hash,
            table_uri=self._reader.table(commit).as_uri(),
        )

    async def ListDatasets(self, request: pb.ListDatasetsRequest, context: Context) -> pb.ListDatasetsResponse:
        """List by name."""
        scope, size = current_scope(), page_size(request.page_size)
        position = page_position(_DATASETS, request.page_token, 1)
        after = str(position[0]) if position else ""
        found = await self._blocking.run(self._reader.datasets, scope.tenant, scope.project, after, size + 1)
        token = page_token(_DATASETS, found[size - 1].key.dataset) if len(found) > size else ""
        names = [each.key.dataset for each in found[:size]]
        statuses = await self._metadata.read(self._count_statuses, scope.tenant, scope.project, names)
        versions = await self._metadata.read(dataset_rows.versions, scope.tenant, scope.project)
        datasets = [wire.dataset(each, statuses.get(each.key.dataset, {}), versions) for each in found[:size]]
        return pb.ListDatasetsResponse(datasets=datasets, next_page_token=token)

    async def GetDataset(self, request: pb.GetDatasetRequest, context: Context) -> pb.Dataset:
        """Return one dataset's description."""
        return wire.dataset(*await self._metadata.read(self._describe, dataset_key(request.dataset)))

    async def ListDatasetRecords(self, request: pb.ListDatasetRecordsRequest, context: Context) -> pb.ListDatasetRecordsResponse:
        """Page through a dataset at the version of the first page."""
        size = page_size(request.page_size)
        position = page_position(_RECORDS, request.page_token, 3)
        version, after = request.version, None
        if position is not None:
            if not all(isinstance(value, int) for value in position):
                raise BadPageToken
            version, after = int(position[0]), (int(position[1]), int(position[2]))
        terms = parse_filter(request.filter)
        key = dataset_key(request.dataset)
        read, rows = await self._blocking.run(self._reader.records, key, version, terms, after, size + 1)
        token = ""
        if len(rows) > size:
            last = rows[size - 1]
            place = (0, last[c.ROW_NUMBER]) if c.ROW_NUMBER in last else (last[c.SEQUENCE], last[c.RAW_OFFSET])
            token = page_token(_RECORDS, read, *place)
        records = [wire.record(row, _HIDDEN) for row in rows[:size]]
        return pb.ListDatasetRecordsResponse(records=records, next_page_token=token, version=read)

    async def ListDatasetVersions(self, request: pb.ListDatasetVersionsRequest, context: Context) -> pb.ListDatasetVersionsResponse:
        """List a dataset's commits, newest first."""
        key, size = dataset_key(request.dataset), page_size(request.page_size)
        kind = f"{_VERSIONS}/{request.dataset}"
        position = page_position(kind, request.page_token, 1)
        await self._blocking.run(self._reader.dataset, key)
        found = await self._metadata.read(commit_rows.page, key, int(position[0]) if position else _LAST, size + 1)
        token = page_token(kind, found[size - 1].sequence) if len(found) > size else ""
        return pb.ListDatasetVersionsResponse(versions=map(wire.commit, found[:size]), next_page_token=token)

    async def ListRunCommits(self, request: pb.ListRunCommitsRequest, context: Context) -> pb.ListRunCommitsResponse:
        """List a run's commits, by dataset and version."""
        scope = current_scope()
        size = page_size(request.page_size)
        kind = f"{_COMMITS}/{request.run_id}"
        position = page_position(kind, request.page_token, 2)
        after = (str(position[0]), int(position[1])) if position else ("", 0)
        found = await self._metadata.read(commit_rows.of_run, scope.tenant, scope.project, request.run_id, after, size + 1)
        token = page_token(kind, found[size - 1].key.dataset, found[size - 1].sequence) if len(found) > size else ""
        return pb.ListRunCommitsResponse(commits=map(wire.commit, found[:size]), next_page_token=token)

    async def GetStorageUsage(self, request: pb.GetStorageUsageRequest, context: Context) -> pb.GetStorageUsageResponse:
        """Return how much the caller's project stores; for the system's own scope, how much all projects store."""
        scope = current_scope()
        project = (None, None) if scope.tenant == SYSTEM else (scope.tenant, scope.project)
        blobs, blob_bytes = await self._metadata.read(blob_rows.totals, *project)
        datasets, quarantined = await self._metadata.read(dataset_rows.totals, *project)
        return pb.GetStorageUsageResponse(blobs=blobs, blob_bytes=blob_bytes, datasets=datasets, quarantined=quarantined)

    def _describe(self, connection: Connection, key: DatasetKey) -> tuple[Dataset, Mapping[str, int], Mapping[str, int]]:
        """Read a dataset, its quarantined records' states, and the versions of all datasets, as of one moment."""
        held = dataset_rows.find(connection, key)
        if held is None:
            raise DatasetUnknown(key.dataset)
        statuses = self._count_statuses(connection, key.tenant, key.project, [key.dataset])
        return held.dataset, statuses.get(key.dataset, {}), dataset_rows.versions(connection, key.tenant, key.project)
