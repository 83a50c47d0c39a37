"""Holds data files against the digest in their name before they are first served: a flipped byte is refused, never shown as a value.

A file is hashed once a process, and again when its size or time of change is another. It repairs nothing.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from chartly.storage.errors import Corrupt
from chartly.storage.names import digest_in

# Files remembered as good: about 200 bytes each.
_KEPT_MAX = 100_000


class Verified:
    """The files that were found good. Safe for threads."""

    def __init__(self) -> None:
        self._good: OrderedDict[Path, tuple[int, int]] = OrderedDict()  # guarded by _lock
        self._lock = Lock()

    def check(self, files: Iterable[Path]) -> None:
        """Look that each file's bytes are those that were written.

        Raises:
            Corrupt: they are not, or the file is gone; names it.
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
