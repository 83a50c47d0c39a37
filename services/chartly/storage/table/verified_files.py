"""Checks data files against the digest in their name before they are served, so that a damaged file is refused.

A process hashes a file once, and once more if its size or modification time changes. It repairs nothing.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from chartly.storage.errors import Corrupt
from chartly.storage.names import digest_in

# Files known to be good: about 200 bytes each.
_KEPT_MAX = 100_000


class VerifiedFiles:
    """The files that were checked and found good. Safe for threads."""

    def __init__(self) -> None:
        self._good: OrderedDict[Path, tuple[int, int]] = OrderedDict()  # guarded by _lock
        self._lock = Lock()

    def check(self, files: Iterable[Path]) -> None:
        """Check that each file's bytes are those that were written.

        Raises:
            Corrupt: a file's bytes changed, or it is missing.
        """
        for path in files:
            try:
                found = path.stat()
                seen = (found.st_size, found.st_mtime_ns)
                with self._lock:
                    if self._good.get(path) == seen:
                        self._good.move_to_end(path)
                        continue
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as gone:
                raise Corrupt(f"table file {path.name}", "can't be read") from gone
            if not digest.startswith(digest_in(path.name)):
                raise Corrupt(f"table file {path.name}", "its bytes are not those that were written")
            with self._lock:
                self._good[path] = seen
                while len(self._good) > _KEPT_MAX:
                    self._good.popitem(last=False)
