"""Quarantined records and their payloads, read on threads for the calls of one project."""

from chartly.platform.blocking import Blocking
from chartly.platform.identity.scope import Scope

from .payloads import Payloads
from .reader import Position, QuarantinedRecord, QuarantineReader
from .states import RecordFilter


class QuarantineRecords:
    """Reads records, without their payloads unless these are asked for."""

    def __init__(self, reader: QuarantineReader, payloads: Payloads, blocking: Blocking) -> None:
        self._reader = reader
        self._payloads = payloads
        self._blocking = blocking

    async def page(
        self, scope: Scope, record_filter: RecordFilter, after: Position | None, limit: int
    ) -> tuple[list[QuarantinedRecord], Position | None]:
        """Return at most ``limit`` records, newest first, and the position of the next page; None on the last one."""
        return await self._blocking.run(self._reader.page, scope.tenant, scope.project, record_filter, after, limit)

    async def find(self, scope: Scope, quarantine_ids: list[str]) -> list[QuarantinedRecord]:
        """Return records in the order of their ids.

        Raises:
            QuarantineUnknown: one of them does not exist.
        """
        return await self._blocking.run(self._reader.records, scope.tenant, scope.project, quarantine_ids)

    async def get(self, scope: Scope, quarantine_id: str) -> QuarantinedRecord:
        """Return one record with what ``payload`` needs.

        Raises:
            QuarantineUnknown: it does not exist.
        """
        found = await self._blocking.run(self._reader.records, scope.tenant, scope.project, [quarantine_id], payloads=True)
        return found[0]

    async def payload(self, scope: Scope, held: QuarantinedRecord) -> bytes:
        """Return the payload of a record that ``get`` returned, decrypted if it is sealed.

        Raises:
            SealRefused: the payload can't be decrypted.
            BlobUnknown: neither the payload nor the record's blob is stored.
        """
        return await self._blocking.run(self._payloads.read, scope.tenant, scope.project, held.row)

    async def payloads(self, scope: Scope, quarantine_ids: list[str]) -> list[tuple[QuarantinedRecord, bytes]]:
        """Return records in the order of their ids, each with its payload.

        Raises:
            QuarantineUnknown, SealRefused, BlobUnknown: as above.
        """
        return await self._blocking.run(self._with_payloads, scope, quarantine_ids)

    def _with_payloads(self, scope: Scope, quarantine_ids: list[str]) -> list[tuple[QuarantinedRecord, bytes]]:
        found = self._reader.records(scope.tenant, scope.project, quarantine_ids, payloads=True)
        return [(held, self._payloads.read(scope.tenant, scope.project, held.row)) for held in found]
