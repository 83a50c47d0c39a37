"""Small files that must be whole and private: keys, tokens, rendered configurations. Blobs are storage's."""

import os
import secrets
import stat
from pathlib import Path

from .errors import FailedPrecondition, error


@error(reason="SERVICE_UNAVAILABLE")
class FolderExposed(FailedPrecondition):
    """A folder that must be private is open to others; make its mode 0700."""

    path: str


def write_private(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write a file of mode 0600, whole or not at all, and durable; its folder is made with mode 0700.

    With ``replace=False`` an existing file wins, whoever made it: of two processes that start at once, both then read the same key.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            beside.replace(path)
        else:
            _link(beside, path)
        sync_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def private_folder(path: Path) -> None:
    """Make a folder of mode 0700, or make sure that an existing one is ours and nobody else's: sockets in it need no password.

    Raises:
        FolderExposed: it belongs to another user, or others may enter it.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise FolderExposed(str(path))


def own_what_is_made() -> None:
    """Make every file, folder and socket of this process its user's alone, whatever library makes it. For a process's own start only."""
    os.umask(0o077)


def _link(beside: Path, path: Path) -> None:
    try:
        path.hardlink_to(beside)
    except FileExistsError:
        return


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
