"""Checkpoints (C2SP tlog-checkpoint): origin, size and root of a log at one moment, in the text of a signed note."""

import base64
import binascii
from dataclasses import dataclass

from .layout import SIZE_MAX
from .merkle import HASH_BYTES

# Origin, size and root; more lines are extensions, which this log never writes and its readers ignore.
_LINES = 3


class CheckpointInvalidError(ValueError):
    """The text is no checkpoint of the expected log."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log promises: its first ``size`` entries have this root, for ever."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The note's text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse(text: str, origin: str) -> Checkpoint:
    """Read a checkpoint of the log ``origin``.

    Raises:
        CheckpointInvalidError: it is another log's, or not in the one form that a checkpoint has.
    """
    lines = text.split("\n")
    if len(lines) < _LINES + 1 or lines[0] != origin:
        raise CheckpointInvalidError("not a checkpoint of this log")
    size_text, root_text = lines[1], lines[2]
    if not (size_text.isascii() and size_text.isdigit()) or str(int(size_text)) != size_text or int(size_text) > SIZE_MAX:
        raise CheckpointInvalidError("a size that is no plain number")
    try:
        root = base64.b64decode(root_text, validate=True)
    except binascii.Error as undecodable:
        raise CheckpointInvalidError("a root that is not base64") from undecodable
    if len(root) != HASH_BYTES or base64.b64encode(root).decode() != root_text:
        raise CheckpointInvalidError("a root that is no canonical base64 of 32 bytes")
    return Checkpoint(origin, int(size_text), root)
