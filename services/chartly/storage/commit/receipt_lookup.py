"""Finds the receipt of a chunk that is committed already. It commits nothing but what was decided before."""

from chartly.platform.blocking import Blocking
from chartly.storage.model import DatasetKey, Receipt, Submission, WriteMode

from .committer import Committer
from .dataset_lock import DatasetLocks


class ReceiptLookup:
    """Answers submissions of committed chunks. One event loop only."""

    def __init__(self, committer: Committer, locks: DatasetLocks, blocking: Blocking) -> None:
        self._committer = committer
        self._locks = locks
        self._blocking = blocking

    async def find(self, key: DatasetKey, submission: Submission, mode: WriteMode) -> Receipt | None:
        """Return the receipt of a submission; None if its chunk has yet to be committed.

        If the chunk's commit is decided and not finished, wait for the dataset's lock and finish it.
        """
        receipt, prepared = await self._blocking.run(self._committer.committed, key, submission, mode)
        if prepared:
            return await self._locks.run(key, self._committer.receipt, key, submission, mode)
        return receipt
