"""Checkpoints (C2SP tlog-checkpoint): origin, size and root hash of a log at one moment, as the text of a signed note."""

import base64
import binascii
from dataclasses import dataclass

from .layout import SIZE_MAX
from .merkle import HASH_BYTES

# Origin, size and root hash. Further lines are extensions; this log never writes them, and its readers ignore them.
_LINES = 3


class CheckpointInvalidError(ValueError):
    """The text is not a checkpoint of the expected log."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's promise that its first ``size`` entries have this root hash, now and later."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The note's text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse(text: str, origin: str) -> Checkpoint:
    """Return the checkpoint of the log ``origin`` that a text denotes.

    Raises:
        CheckpointInvalidError: it belongs to another log, or is not in the one valid form.
    """
    lines = text.split("\n")
    if len(lines) < _LINES + 1 or lines[0] != origin:
        raise CheckpointInvalidError("it is not a checkpoint of this log")
    size_text, root_text = lines[1], lines[2]
    if not (size_text.isascii() and size_text.isdigit()) or str(int(size_text)) != size_text or int(size_text) > SIZE_MAX:
        raise CheckpointInvalidError("its size is not a decimal number")
    try:
        root = base64.b64decode(root_text, validate=True)
    except binascii.Error as undecodable:
        raise CheckpointInvalidError("its root hash is not base64") from undecodable
    if len(root) != HASH_BYTES or base64.b64encode(root).decode() != root_text:
        raise CheckpointInvalidError("its root hash is not the canonical base64 of 32 bytes")
    return Checkpoint(origin, int(size_text), root)
