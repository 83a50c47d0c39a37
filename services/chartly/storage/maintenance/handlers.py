"""The care of datasets over the wire: check, repair, retention. It decides nothing; the profile and the table do."""

from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.storage import encode
from chartly.storage.handler_base import Handlers
from chartly.storage.model import DatasetKey
from chartly.v1 import maintenance_pb2 as pb


class CareHandlers(Handlers):
    """CheckDataset, RepairDataset and ApplyRetention; each in the dataset's lane, so that no commit changes it meanwhile."""

    async def CheckDataset(self, request: pb.CheckDatasetRequest, context: Context) -> pb.CheckDatasetResponse:
        """Recompute, and compare with what is kept."""
        key = _key(request.dataset)
        version, found = await self._rooms.lanes.run(key, self._rooms.care.check, key)
        return pb.CheckDatasetResponse(version=version, rows=found.rows, content_hash=found.content_hash, faults=found.faults)

    async def RepairDataset(self, request: pb.RepairDatasetRequest, context: Context) -> pb.RepairDatasetResponse:
        """Make good what is derived, and take out rows whose key is there twice."""
        key = _key(request.dataset)
        done = await self._rooms.lanes.run(key, self._rooms.care.repair, key, _principal())
        self._rooms.ledger.follow()
        return pb.RepairDatasetResponse(
            version=done.version,
            faults=done.faults,
            repairs=done.repairs,
            rows_removed=done.rows_removed,
            content_hash=done.content_hash,
        )

    async def ApplyRetention(self, request: pb.ApplyRetentionRequest, context: Context) -> pb.ApplyRetentionResponse:
        """Take out what is over, or tell what would go."""
        key = _key(request.dataset)
        done = await self._rooms.lanes.run(key, self._rooms.care.retain, key, _principal(), dry_run=request.dry_run)
        self._rooms.ledger.follow()
        over = done.over
        answer = pb.ApplyRetentionResponse(version=done.version, content_hash=done.content_hash)
        if over is not None:
            answer.kept_since.CopyFrom(encode.timestamp(over.kept_since))
            answer.by, answer.rows_removed, answer.more = over.by, over.rows, over.more
            answer.files_removed, answer.files_rewritten = len(over.whole), len(over.partly)
        return answer


def _key(dataset: str) -> DatasetKey:
    scope = current_scope()
    return DatasetKey(scope.tenant, scope.project, dataset)


def _principal() -> str:
    scope = current_scope()
    return scope.on_behalf_of or scope.principal
