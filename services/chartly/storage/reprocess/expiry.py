"""Deletes reprocess jobs past their retention. The maintenance scheduler calls it periodically."""

from chartly.platform.blocking import Blocking
from chartly.platform.telemetry.log import Logger
from chartly.storage.commit.dataset_lock import DatasetLocks

from .jobs import ReprocessJobs


class ReprocessExpiry:
    """Deletes expired jobs of all projects. One event loop only."""

    def __init__(self, jobs: ReprocessJobs, locks: DatasetLocks, blocking: Blocking, logger: Logger) -> None:
        self._jobs = jobs
        self._locks = locks
        self._blocking = blocking
        self._logger = logger

    async def run(self) -> None:
        """Delete the expired jobs, each under its dataset's lock, so that no job is deleted while it is applied."""
        for job in await self._blocking.run(self._jobs.expired):
            try:
                await self._locks.run(job.key, self._jobs.delete, job)
            except Exception as failure:  # noqa: BLE001 - one job's files must not keep the others; the next pass finds it again
                self._logger.error("expired reprocess not deleted", reprocess_id=job.reprocess_id, exception=failure)  # noqa: TRY400 - ours, not logging's
