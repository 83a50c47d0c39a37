"""Durable files on a local disk. Neither the table library nor the object store library syncs files, so storage does it here."""

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from .errors import DiskFull, StoreUnavailable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def translated() -> Generator[None]:
    """Raise operating system errors as ``DiskFull`` or ``StoreUnavailable``."""
    try:
        yield
    except OSError as refused:
        if refused.errno in _FULL:
            raise DiskFull(retry_after_s=30.0) from refused
        raise StoreUnavailable(refused.strerror or type(refused).__name__) from refused


def write_durable(path: Path, content: bytes | memoryview) -> None:
    """Write a file and sync it; replace an existing one. The caller syncs its folder with ``sync_folder``.

    If it fails, no file is left behind.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def sync_file(path: Path) -> None:
    """Make a file's bytes durable."""
    _sync(path)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    _sync(folder)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents durably: each new name is synced in its parent."""
    missing: list[Path] = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
