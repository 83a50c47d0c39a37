"""Verify a whole log from its bytes alone. It trusts only the log's key.

The caller passes a function from a path below the log's prefix to bytes. So the same check runs in the service, over HTTP in the
command line, and on a copy in a folder.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from . import bundle, checkpoint, layout, merkle, note
from .checkpoint import Checkpoint

Read = Callable[[str], bytes | None]
"""Returns the bytes at a path below the log's prefix; None if there are none."""


@dataclass(frozen=True, slots=True)
class LogReport:
    """The result of a check."""

    checkpoint: Checkpoint | None
    faults: tuple[str, ...]

    @property
    def verified(self) -> bool:
        """Whether the check found no fault."""
        return self.checkpoint is not None and not self.faults


def check_log(read: Read, verifier: note.Verifier, remembered: Sequence[Checkpoint] = ()) -> LogReport:
    """Compute a log's hashes from its entries and compare them with those that it serves.

    Args:
        read: returns the log's bytes by path.
        verifier: the log's key; its name is the log's origin.
        remembered: checkpoints that were verified before; the log must still begin with them.
    """
    try:
        signed = read("checkpoint")
        if signed is None:
            return LogReport(None, ("the log has no checkpoint",))
        head = checkpoint.parse(note.open_note(signed, verifier), verifier.name)
    except (note.NoteInvalidError, checkpoint.CheckpointInvalidError) as invalid:
        return LogReport(None, (f"the signed checkpoint is invalid: {invalid}",))
    roots = {known.size: known for known in remembered}
    rolled_back = sorted(size for size in roots if size > head.size)
    faults = [f"the log was rolled back: an earlier checkpoint had {size} entries, this one has {head.size}" for size in rolled_back]
    tree = merkle.GrowingTree()
    for entry in _entries(read, head.size, faults):
        _compare_full(read, tree.append(merkle.leaf_hash(entry)), tree.size, faults)
        if tree.size in roots and tree.root() != roots[tree.size].root:
            faults.append(f"the log was rewritten: its first {tree.size} entries differ from those under an earlier checkpoint")
    if tree.size == head.size:
        _compare_edge(read, tree, faults)
        if tree.root() != head.root:
            faults.append(f"the root hash over {head.size} entries differs from the checkpoint's")
    return LogReport(head, tuple(faults))


def _entries(read: Read, size: int, faults: list[str]) -> Iterator[bytes]:
    for tile in layout.bundles(size):
        raw = read(f"tile/{tile.path}")
        try:
            if raw is None:
                faults.append(f"the bundle tile/{tile.path} is missing, at entry {tile.number * layout.TILE_WIDTH}")
                return
            yield from bundle.unpack(raw, tile.width)
        except bundle.BundleInvalidError:
            faults.append(f"the bundle tile/{tile.path} does not have {tile.width} entries from entry {tile.number * layout.TILE_WIDTH}")
            return


def _compare_full(read: Read, full: Sequence[tuple[int, list[bytes]]], size: int, faults: list[str]) -> None:
    for level, hashes in full:
        number = (size >> (8 * (level + 1))) - 1
        tile = layout.Tile(level, number, layout.TILE_WIDTH)
        if read(f"tile/{tile.path}") != b"".join(hashes):
            faults.append(f"tile/{tile.path} differs from the hashes of its entries, below entry {size}")


def _compare_edge(read: Read, tree: merkle.GrowingTree, faults: list[str]) -> None:
    for level, hashes in enumerate(tree.edge):
        if hashes:
            tile = layout.Tile(level, tree.size >> (8 * (level + 1)), len(hashes))
            if read(f"tile/{tile.path}") != b"".join(hashes):
                faults.append(f"tile/{tile.path} differs from the hashes of its entries, below entry {tree.size}")
