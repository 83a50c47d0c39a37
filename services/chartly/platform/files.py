"""Small files that must be complete and private: keys, tokens, rendered configurations."""

import os
import secrets
import stat
from pathlib import Path

from .errors import FailedPrecondition, error


@error(reason="SERVICE_UNAVAILABLE")
class FolderExposed(FailedPrecondition):
    """A folder that must be private is accessible to others. Set its mode to 0700."""

    path: str


def write_private(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write a file of mode 0600 atomically and durably. Create its folder with mode 0700.

    With ``replace=False`` an existing file stays, so that two processes that start at the same time read the same key.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            temporary.replace(path)
        else:
            _link(temporary, path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def private_folder(path: Path) -> None:
    """Create a folder of mode 0700, or check that an existing one is private: sockets in it have no other protection.

    Raises:
        FolderExposed: the folder belongs to another user, or others have access.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise FolderExposed(str(path))


def own_what_is_made() -> None:
    """Set the umask so that only this user can access the files, folders and sockets of this process. Call it at the start of a process."""
    os.umask(0o077)


def _link(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
