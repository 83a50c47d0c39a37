"""The last verified checkpoint of each log, stored for this user by the log's key.

Another key means another log, for which no checkpoint is stored. A user who knows the key from elsewhere pins it with --key.
"""

import base64
import os
from pathlib import Path
from typing import Any, Self

import orjson

from chartly.ledger.checkpoint import Checkpoint
from chartly.ledger.note import Verifier
from chartly.platform.files import write_private


class KnownLogs:
    """A small private file, by verifier key."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._logs: dict[str, dict[str, Any]] = orjson.loads(path.read_bytes()) if path.is_file() else {}

    @classmethod
    def for_user(cls) -> Self:
        """Open the file in the user's state directory (XDG_STATE_HOME)."""
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return cls(Path(state) / "chartly" / "logs.json")

    def checkpoints(self, verifier: Verifier) -> list[Checkpoint]:
        """Return the last verified checkpoint of this key; empty if there is none."""
        known = self._logs.get(verifier.vkey)
        return [Checkpoint(verifier.name, known["size"], base64.b64decode(known["root"]))] if known else []

    def remember(self, verifier: Verifier, head: Checkpoint) -> None:
        """Store a verified checkpoint."""
        self._logs[verifier.vkey] = {"size": head.size, "root": base64.b64encode(head.root).decode()}
        write_private(self._path, orjson.dumps(self._logs, option=orjson.OPT_INDENT_2))
