"""Datasets over the wire."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection

from chartly.platform.identity.scope import SYSTEM, current_scope
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.paging import BadPageToken, page_position, page_size, page_token
from chartly.storage import encode
from chartly.storage.commit import dataset_rows
from chartly.storage.errors import DatasetUnknown
from chartly.storage.handler_base import Handlers
from chartly.storage.model import Dataset, DatasetKey
from chartly.storage.raw import rows as blob_rows
from chartly.storage.table import columns as c
from chartly.v1 import dataset_pb2 as pb

from .filter import parse_filter
from .scan import ROW_NUMBER

CountStatuses = Callable[[Connection, str, str, Sequence[str]], Mapping[str, Mapping[str, int]]]
"""Counts a project's quarantined records that have a status, by dataset and state."""

_DATASETS, _RECORDS = "datasets", "records"
# What is known from the question, or says the same as another column.
_HIDDEN = (c.TENANT_ID, c.PROJECT_ID, c.CANONICAL, ROW_NUMBER)


class DatasetHandlers(Handlers):
    """Datasets, their records, snapshots and sizes."""

    async def ListDatasets(self, request: pb.ListDatasetsRequest, context: Context) -> pb.ListDatasetsResponse:
        """List by name."""
        scope, size = current_scope(), page_size(request.page_size)
        position = page_position(_DATASETS, request.page_token, 1)
        after = str(position[0]) if position else ""
        found = await self._rooms.blocking.run(self._rooms.reader.datasets, scope.tenant, scope.project, after, size + 1)
        token = page_token(_DATASETS, found[size - 1].key.dataset) if len(found) > size else ""
        names = [each.key.dataset for each in found[:size]]
        status = await self._rooms.metadata.read(self._rooms.quarantined.count_statuses, scope.tenant, scope.project, names)
        datasets = [encode.dataset(each, status.get(each.key.dataset, {})) for each in found[:size]]
        return pb.ListDatasetsResponse(datasets=datasets, next_page_token=token)

    async def GetDataset(self, request: pb.GetDatasetRequest, context: Context) -> pb.Dataset:
        """Read one dataset's description."""
        dataset, status = await self._rooms.metadata.read(_described, self._key(request.dataset), self._rooms.quarantined.count_statuses)
        return encode.dataset(dataset, status)

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
        read, rows = await self._rooms.blocking.run(self._rooms.reader.records, self._key(request.dataset), version, terms, after, size + 1)
        token = ""
        if len(rows) > size:
            last = rows[size - 1]
            place = (0, last[ROW_NUMBER]) if ROW_NUMBER in last else (last[c.SEQUENCE], last[c.RAW_OFFSET])
            token = page_token(_RECORDS, read, *place)
        records = [encode.record(row, _HIDDEN) for row in rows[:size]]
        return pb.ListDatasetRecordsResponse(records=records, next_page_token=token, version=read)

    async def OpenSnapshot(self, request: pb.OpenSnapshotRequest, context: Context) -> pb.OpenSnapshotResponse:
        """Name a version's files."""
        reader, key = self._rooms.reader, self._key(request.dataset)
        dataset, commit, files = await self._rooms.blocking.run(reader.served, key, request.version)
        return pb.OpenSnapshotResponse(
            dataset=request.dataset,
            version=commit.sequence,
            file_uris=[path.as_uri() for path in files],
            columns=encode.columns(dataset.columns),
            content_hash=commit.content_hash,
            table_uri=reader.table(commit).as_uri(),
        )

    async def GetStorageUsage(self, request: pb.GetStorageUsageRequest, context: Context) -> pb.GetStorageUsageResponse:
        """Tell what the caller's project holds; for the system's own scope, what all hold."""
        scope = current_scope()
        whose = (None, None) if scope.tenant == SYSTEM else (scope.tenant, scope.project)
        blobs, blob_bytes = await self._rooms.metadata.read(blob_rows.totals, *whose)
        datasets, quarantined = await self._rooms.metadata.read(dataset_rows.totals, *whose)
        return pb.GetStorageUsageResponse(blobs=blobs, blob_bytes=blob_bytes, datasets=datasets, quarantined=quarantined)

    @staticmethod
    def _key(dataset: str) -> DatasetKey:
        scope = current_scope()
        return DatasetKey(scope.tenant, scope.project, dataset)


def _described(connection: Connection, key: DatasetKey, count_statuses: CountStatuses) -> tuple[Dataset, Mapping[str, int]]:
    """Read a dataset and count its quarantined records by state, as of one moment."""
    held = dataset_rows.find(connection, key)
    if held is None:
        raise DatasetUnknown(key.dataset)
    return held.dataset, count_statuses(connection, key.tenant, key.project, [key.dataset]).get(key.dataset, {})
