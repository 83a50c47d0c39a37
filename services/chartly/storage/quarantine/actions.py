"""What is done to quarantined records under their dataset's lock: readmit and discard. It normalizes nothing."""

from collections.abc import Callable, Mapping

from chartly.platform.clock import Clock
from chartly.platform.metadata import Metadata
from chartly.storage.commit.committer import Committer
from chartly.storage.commit.dataset_lock import DatasetLocks
from chartly.storage.model import DatasetKey, QuarantineStatus

from .discard import discard
from .readmission import readmit
from .readmit import Readmission


class QuarantineActions:
    """Runs actions, and notifies those who wait for commits and events. One event loop only."""

    def __init__(
        self,
        committer: Committer,
        locks: DatasetLocks,
        metadata: Metadata,
        clock: Clock,
        on_commit: Callable[[DatasetKey], None],
        notify_outbox: Callable[[], None],
    ) -> None:
        self._committer = committer
        self._locks = locks
        self._metadata = metadata
        self._clock = clock
        self._on_commit = on_commit
        self._notify_outbox = notify_outbox

    async def readmit(self, readmission: Readmission) -> None:
        """Commit the records of one chunk that pass, and store the status of all."""
        await self._locks.run(readmission.key, readmit, self._committer, self._metadata, self._clock, readmission)
        self._on_commit(readmission.key)

    async def discard(self, key: DatasetKey, chunks: Mapping[str, str], principal: str, justification: str) -> list[QuarantineStatus]:
        """Discard records of one dataset in one transaction, and return their status.

        Args:
            key: the dataset.
            chunks: the records' ids, each with the name of the chunk that holds its row.
            principal: who discards them.
            justification: why.

        Raises:
            QuarantineSettled: one of them was released.
        """
        statuses = await self._locks.run(key, self._discard, key, chunks, principal, justification)
        self._notify_outbox()
        return statuses

    def _discard(self, key: DatasetKey, chunks: Mapping[str, str], principal: str, justification: str) -> list[QuarantineStatus]:
        self._committer.recover(key)
        return discard(self._metadata, key, chunks, principal, justification, self._clock.now())
