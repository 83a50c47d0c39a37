"""Blobs under their digest: in a local directory, or in an object store by URL. A visible local file is complete and durable.

``rows.py`` has the metadata. A local file is synced before it is linked to its name, since the object store library syncs nothing.
"""

import errno
import hashlib
import os
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from chartly.platform.config import Config
from chartly.storage.arrow import obstore, obstore_errors, obstore_store
from chartly.storage.durable_files import make_folder, sync_folder, translated
from chartly.storage.errors import BlobUnknown, Corrupt, StoreConfigInvalid, StoreUnavailable

Content = bytes | bytearray
"""Bytes to store. They are not converted, because copying a large blob costs as much as hashing it."""

# A key that no blob has: blobs are below their tenant's name.
_PINGED = "chartly-readiness"

LOCAL_BUCKET = "raw"
"""The bucket's name for blobs in the data directory: their folder."""


class BlobStore(Protocol):
    """A store of blobs. All methods block."""

    bucket: str

    def put(self, key: str, content: Content) -> bool:
        """Store bytes durably unless the key exists; return whether they are new."""
        ...

    def get(self, key: str) -> bytes:
        """Read all bytes."""
        ...

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Read some bytes."""
        ...

    def link(self, key: str, path: Path) -> bool:
        """Link the blob to a second name on a local disk, without a copy; return whether that was possible."""
        ...

    def ping(self) -> None:
        """Ask the store for an answer, whatever it is.

        Raises:
            StoreUnavailable: it doesn't answer.
        """
        ...


class LocalBlobs:
    """Blobs as files of the data directory."""

    def __init__(self, root: Path) -> None:
        self.bucket = LOCAL_BUCKET
        self._root = root

    def put(self, key: str, content: Content) -> bool:
        """Store bytes durably unless the key exists. An existing file with other bytes is damaged, and is replaced."""
        path = self._root / key
        with translated():
            make_folder(path.parent)
            if _holds(path, content):
                # The process that created the name may have died before syncing it.
                sync_folder(path.parent)
                return False
            temporary = path.with_name(f".{secrets.token_hex(8)}")
            try:
                _write_synced(temporary, content)
                created = _link(temporary, path)
                if not created and not _holds(path, content):
                    temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
            sync_folder(path.parent)
        return created

    def get(self, key: str) -> bytes:
        """Read all bytes.

        Raises:
            BlobUnknown: no file has the key.
        """
        with translated():
            try:
                return (self._root / key).read_bytes()
            except FileNotFoundError:
                raise BlobUnknown(_digest(key)) from None

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Read some bytes.

        Raises:
            BlobUnknown: no file has the key.
        """
        with translated():
            try:
                with (self._root / key).open("rb") as file:
                    file.seek(offset)
                    return file.read(length)
            except FileNotFoundError:
                raise BlobUnknown(_digest(key)) from None

    def link(self, key: str, path: Path) -> bool:
        """Link the file to a second name; return False if it does not exist or is on another disk. The reader then fetches the bytes."""
        try:
            path.hardlink_to(self._root / key)
        except OSError:
            return False
        return True

    def ping(self) -> None:
        """Do nothing: the disk is always there."""


class RemoteBlobs:
    """Blobs in S3, GCS or Azure, which answer once the bytes are durable."""

    def __init__(self, store: "obstore_store.ObjectStore", bucket: str) -> None:
        self.bucket = bucket
        self._store = store

    def put(self, key: str, content: Content) -> bool:
        """Store bytes unless the key exists, with the store's conditional put."""
        try:
            obstore.put(self._store, key, content, mode="create")
        except obstore_errors.AlreadyExistsError:
            return False
        except (obstore_errors.BaseError, OSError) as refused:
            raise StoreUnavailable(type(refused).__name__) from refused
        return True

    def get(self, key: str) -> bytes:
        """Read all bytes.

        Raises:
            BlobUnknown: no object has the key.
        """
        return self._read(key, lambda: obstore.get(self._store, key).bytes())

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Read some bytes.

        Raises:
            BlobUnknown: no object has the key.
        """
        return self._read(key, lambda: obstore.get_range(self._store, key, start=offset, length=length))

    def link(self, key: str, path: Path) -> bool:  # noqa: ARG002 - the blobs are not on a local disk
        """Return False: the blobs are not on a local disk."""
        return False

    def ping(self) -> None:
        """Ask for an object that doesn't exist. A store that refuses to say so has answered too.

        Raises:
            StoreUnavailable: there was no answer.
        """
        try:
            obstore.head(self._store, _PINGED)
        except (FileNotFoundError, obstore_errors.PermissionDeniedError, obstore_errors.UnauthenticatedError):
            return
        except (obstore_errors.BaseError, OSError) as refused:
            raise StoreUnavailable(type(refused).__name__) from refused

    @staticmethod
    def _read(key: str, read: Callable[[], Any]) -> bytes:
        try:
            return bytes(memoryview(read()))
        except FileNotFoundError:
            raise BlobUnknown(_digest(key)) from None
        except (obstore_errors.BaseError, OSError) as refused:
            raise StoreUnavailable(type(refused).__name__) from refused


def open_blobs(config: Config) -> BlobStore:
    """Open the configured store."""
    storage = config.storage
    if not storage.url:
        return LocalBlobs(config.data_path / LOCAL_BUCKET)
    options: dict[str, str] = {}
    # TLS is required of every other endpoint.
    plain_http = storage.s3_endpoint.startswith("http://")
    if storage.s3_endpoint:
        options["aws_endpoint"] = storage.s3_endpoint
    if storage.s3_region:
        options["aws_region"] = storage.s3_region
    if storage.s3_access_key and storage.s3_secret_key:
        options |= {
            "aws_access_key_id": storage.s3_access_key.reveal(),
            "aws_secret_access_key": storage.s3_secret_key.reveal(),
        }
    # Retries within one call end before the caller gives up, so that it learns that the store is away.
    retry_s = timedelta(seconds=config.limits.rpc_deadline_s / 2)
    bounds: dict[str, Any] = {
        "client_options": {"allow_http": plain_http, "connect_timeout": timedelta(seconds=5)},
        "retry_config": {"retry_timeout": retry_s},
    }
    try:
        store = obstore_store.from_url(storage.url, **options, **bounds)
    except (obstore_errors.BaseError, ValueError) as refused:
        raise StoreConfigInvalid(storage.url, str(refused).splitlines()[0]) from refused
    return RemoteBlobs(store, urlsplit(storage.url).netloc or urlsplit(storage.url).scheme)


def checked(content: bytes, sha256: str) -> bytes:
    """Return the bytes, if they have the digest.

    Raises:
        Corrupt: they have another digest.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Corrupt(f"blob {sha256}", "its bytes have another digest")
    return content


def _write_synced(path: Path, content: Content) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _link(temporary: Path, path: Path) -> bool:
    """Link a temporary file to its final name, unless that exists. Of several concurrent writers, one succeeds."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError as refused:
        if refused.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV):
            raise
        # A file system without hard links (some network mounts). The name is the digest, so a later writer writes the same bytes.
        created = not path.exists()
        temporary.replace(path)
        return created
    return True


def _holds(path: Path, content: Content) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _digest(key: str) -> str:
    return key.rsplit("/", 1)[-1]
