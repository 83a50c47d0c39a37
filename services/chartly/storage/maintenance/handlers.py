"""Serves ``MaintenanceService``: check, repair, retention, set-aside. Each runs under the dataset's lock, so no commit interferes."""

from collections.abc import Callable

from chartly.platform.rpc.call import Context
from chartly.storage.commit.dataset_lock import DatasetLocks
from chartly.storage.wire import acting_principal, dataset_key, timestamp
from chartly.v1 import maintenance_pb2 as pb
from chartly.v1.maintenance_pb2_grpc import MaintenanceServiceServicer

from .actions import DatasetMaintenance


class MaintenanceHandlers(MaintenanceServiceServicer):
    """CheckDataset, RepairDataset, SetAsideCommit and ApplyRetention."""

    def __init__(self, maintenance: DatasetMaintenance, locks: DatasetLocks, notify_outbox: Callable[[], None]) -> None:
        self._maintenance = maintenance
        self._locks = locks
        self._notify_outbox = notify_outbox

    async def CheckDataset(self, request: pb.CheckDatasetRequest, context: Context) -> pb.CheckDatasetResponse:
        """Recompute a dataset from its table, and compare with what is stored."""
        key = dataset_key(request.dataset)
        version, found = await self._locks.run(key, self._maintenance.check, key)
        return pb.CheckDatasetResponse(version=version, rows=found.rows, content_hash=found.content_hash, faults=found.faults)

    async def RepairDataset(self, request: pb.RepairDatasetRequest, context: Context) -> pb.RepairDatasetResponse:
        """Repair what is derived from the table, and remove rows whose key the table holds twice."""
        key = dataset_key(request.dataset)
        done = await self._locks.run(key, self._maintenance.repair, key, acting_principal())
        self._notify_outbox()
        return pb.RepairDatasetResponse(
            version=done.version,
            faults=done.faults,
            repairs=done.repairs,
            rows_removed=done.rows_removed,
            content_hash=done.content_hash,
        )

    async def SetAsideCommit(self, request: pb.SetAsideCommitRequest, context: Context) -> pb.SetAsideCommitResponse:
        """Set the decided commits aside that can't be finished."""
        key = dataset_key(request.dataset)
        done = await self._locks.run(key, self._maintenance.set_aside, key, acting_principal(), request.justification)
        self._notify_outbox()
        commits = [
            pb.SetAsideChunk(
                work_key=each.submission.work_key,
                run_id=each.submission.run_id,
                raw_sha256=each.origin.raw_sha256,
                records=each.counts.records_in,
            )
            for each in done
        ]
        return pb.SetAsideCommitResponse(version=done[0].sequence - 1, commits=commits)

    async def ApplyRetention(self, request: pb.ApplyRetentionRequest, context: Context) -> pb.ApplyRetentionResponse:
        """Remove the records that are older than the retention period, or return how many would be removed."""
        key = dataset_key(request.dataset)
        done = await self._locks.run(key, self._maintenance.retain, key, acting_principal(), dry_run=request.dry_run)
        self._notify_outbox()
        expired = done.expired
        answer = pb.ApplyRetentionResponse(version=done.version, content_hash=done.content_hash)
        if expired is not None:
            answer.kept_since.CopyFrom(timestamp(expired.kept_since))
            answer.by, answer.rows_removed, answer.more = expired.by, expired.rows, expired.more
            answer.files_removed, answer.files_rewritten = len(expired.whole), len(expired.partly)
        return answer
