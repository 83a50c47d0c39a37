"""The log's single writer: stores entries at their index, extends the tree and signs checkpoints.

States of an entry: waiting (bounded); indexed (durable in the database); in tiles and bundles (durable files); under a signed
checkpoint; acknowledged. A crash after the index leaves entries without tiles; the next start first adds them to the tree.
"""

import asyncio
import contextlib
from collections.abc import Sequence

from chartly.ledger import bundle, checkpoint, layout, merkle, note
from chartly.ledger.checkpoint import Checkpoint
from chartly.ledger.merkle import HASH_BYTES, GrowingTree
from chartly.platform.blocking import Blocking
from chartly.platform.failpoints import reached

from .entry import Entry
from .errors import LedgerBusy, LedgerCorrupt
from .failpoints import LedgerFailpoint
from .store import EntryStore, LogFiles

_Waiting = tuple[Sequence[Entry], asyncio.Future[tuple[list[int], int]]]


class Log:
    """The ledger of one installation. Use it from one event loop; ``_task`` is the only writer."""

    def __init__(
        self, entries: EntryStore, files: LogFiles, signer: note.Signer, blocking: Blocking, *, batch_max: int, waiting_max: int
    ) -> None:
        self._entries = entries
        self._files = files
        self._signer = signer
        self._blocking = blocking
        self._batch_max = batch_max
        self._waiting_max = waiting_max
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue(waiting_max)
        self._tree = GrowingTree()
        self._bundle: list[bytes] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def size(self) -> int:
        """Number of entries that the last checkpoint covers."""
        return self._tree.size

    async def start(self) -> None:
        """Load the log at its checkpoint, add the entries that only the index has, and start the writer.

        Raises:
            LedgerCorrupt: the files differ from what the checkpoint signed, or hold more entries than the index.
        """
        await self._blocking.run(self._files.prepare)
        await self._blocking.run(self._load_checkpoint)
        indexed = await self._entries.size()
        if indexed < self._tree.size:
            raise LedgerCorrupt(f"the checkpoint covers {self._tree.size} entries, but the index of entries has {indexed}")
        await self._grow(indexed)
        self._task = asyncio.create_task(self._write())

    async def append(self, entries: Sequence[Entry]) -> tuple[list[int], int]:
        """Append entries. Return their indexes and the size of a signed log that holds all of them.

        Raises:
            LedgerBusy: too many appends wait.
        """
        done: asyncio.Future[tuple[list[int], int]] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait((entries, done))
        except asyncio.QueueFull as full:
            raise LedgerBusy(self._waiting_max) from full
        return await done

    async def stop(self) -> None:
        """Write the waiting entries, then stop."""
        if self._task is None:
            return
        await self._waiting.join()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _write(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            held = len(batch[0][0])
            while not self._waiting.empty() and held < self._batch_max:
                batch.append(self._waiting.get_nowait())
                held += len(batch[-1][0])
            try:
                await self._append(batch)
            except Exception as failure:  # noqa: BLE001 - each waiting caller gets the error, and the writer continues
                for _, done in batch:
                    if not done.done():
                        done.set_exception(failure)
            finally:
                for _ in batch:
                    self._waiting.task_done()

    async def _append(self, batch: Sequence[_Waiting]) -> None:
        indexes = await self._entries.append([entry for entries, _ in batch for entry in entries])
        reached(LedgerFailpoint.ENTRIES_INDEXED)
        await self._grow(await self._entries.size())
        at = 0
        for entries, done in batch:
            if not done.done():
                done.set_result((indexes[at : at + len(entries)], self._tree.size))
            at += len(entries)

    async def _grow(self, indexed: int) -> None:
        """Add the entries up to ``indexed`` to the tree, at most ``batch_max`` with each checkpoint; an empty log gets a checkpoint too."""
        signed = self._files.read("checkpoint") is not None
        while self._tree.size < indexed or not signed:
            head = await self._blocking.run(self._integrate, min(indexed, self._tree.size + self._batch_max))
            await self._entries.remember(head)
            signed = True

    def _integrate(self, indexed: int) -> Checkpoint:
        """Write tiles and bundles up to ``indexed`` entries, then the checkpoint over them.

        A failure leaves the tree in memory unchanged, so that the next attempt writes the same files again.
        """
        tree = GrowingTree(self._tree.size, self._tree.edge)
        pending = list(self._bundle)
        while tree.size < indexed:
            for stored in self._entries.read(tree.size, min(layout.TILE_WIDTH, indexed - tree.size)):
                pending.append(stored.data)
                number = tree.size // layout.TILE_WIDTH
                for level, hashes in tree.append(merkle.leaf_hash(stored.data)):
                    full = layout.Tile(level, (tree.size >> (8 * (level + 1))) - 1, layout.TILE_WIDTH)
                    self._files.write_tile(full, b"".join(hashes))
                if len(pending) == layout.TILE_WIDTH:
                    self._files.write_tile(layout.Tile(None, number, layout.TILE_WIDTH), bundle.pack(pending))
                    pending = []
        self._write_edge(tree, pending)
        reached(LedgerFailpoint.TILES_WRITTEN)
        head = Checkpoint(self._signer.name, tree.size, tree.root())
        self._files.write_checkpoint(self._signer.sign(head.text))
        reached(LedgerFailpoint.CHECKPOINT_WRITTEN)
        self._tree, self._bundle = tree, pending
        return head

    def _write_edge(self, tree: GrowingTree, pending: list[bytes]) -> None:
        if pending:
            tile = layout.Tile(None, tree.size // layout.TILE_WIDTH, len(pending))
            self._files.write_tile(tile, bundle.pack(pending))
        for level, hashes in enumerate(tree.edge):
            if hashes:
                tile = layout.Tile(level, tree.size >> (8 * (level + 1)), len(hashes))
                if self._files.read_tile(tile) is None:
                    self._files.write_tile(tile, b"".join(hashes))

    def _load_checkpoint(self) -> None:
        signed = self._files.read("checkpoint")
        if signed is None:
            return
        try:
            head = checkpoint.parse(note.open_note(signed, self._signer.verifier), self._signer.name)
        except (note.NoteInvalidError, checkpoint.CheckpointInvalidError) as invalid:
            raise LedgerCorrupt(f"the signed checkpoint is invalid: {invalid}") from invalid
        tree = GrowingTree(head.size, [self._edge(level, head.size) for level in range(_levels(head.size))])
        if tree.root() != head.root:
            raise LedgerCorrupt(f"the last tiles of {head.size} entries do not hash to the checkpoint's root")
        self._tree, self._bundle = tree, self._last_bundle(head.size)

    def _edge(self, level: int, size: int) -> list[bytes]:
        width = (size >> (8 * level)) % layout.TILE_WIDTH
        if not width:
            return []
        tile = layout.Tile(level, size >> (8 * (level + 1)), width)
        raw = self._files.read_tile(tile)
        if raw is None or len(raw) != width * HASH_BYTES:
            raise LedgerCorrupt(f"tile/{tile.path} is missing or truncated")
        return [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)]

    def _last_bundle(self, size: int) -> list[bytes]:
        width = size % layout.TILE_WIDTH
        if not width:
            return []
        tile = layout.Tile(None, size // layout.TILE_WIDTH, width)
        raw = self._files.read_tile(tile)
        try:
            return bundle.unpack(raw or b"", width)
        except bundle.BundleInvalidError as invalid:
            raise LedgerCorrupt(f"tile/{tile.path} is missing or truncated") from invalid


def _levels(size: int) -> int:
    """Return the number of tile levels of a log of ``size`` entries."""
    return max(1, (size.bit_length() + 7) // 8)
