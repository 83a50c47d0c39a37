"""Encrypts payloads with AES-256-GCM under the installation's key, bound to their record. It does not check who may read them.

A sealed payload is ``S1``, the key's id (8 bytes of its SHA-256), the nonce (12 bytes), the ciphertext with its tag. Nonces are drawn at
random: 2^32 payloads under one key stay within what NIST SP 800-38D allows. https://doi.org/10.6028/NIST.SP.800-38D
"""

import base64
import hashlib
import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from chartly.platform.config import Config
from chartly.platform.files import write_private
from chartly.platform.lazy import lazy_module
from chartly.storage.errors import SealKeyInvalid, SealRefused

if TYPE_CHECKING:
    import cryptography.exceptions as cryptography_errors
    from cryptography.hazmat.primitives.ciphers import aead
else:
    # 6 MB that only the first sealed payload needs.
    aead = lazy_module("cryptography.hazmat.primitives.ciphers.aead")
    cryptography_errors = lazy_module("cryptography.exceptions")

_MARK = b"S1"
_KEY_BYTES, _KEY_ID_BYTES, _NONCE_BYTES = 32, 8, 12
_HEAD_BYTES = len(_MARK) + _KEY_ID_BYTES


class Seal:
    """Encrypts and decrypts payloads. The key is read or created at first use. Safe for threads."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def close(self, payload: bytes, tenant: str, project: str, quarantine_id: str) -> bytes:
        """Encrypt a payload for its record."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = aead.AESGCM(self._key).encrypt(nonce, payload, _bound_to(tenant, project, quarantine_id))
        return _MARK + self._key_id + nonce + sealed

    def open(self, sealed: bytes, tenant: str, project: str, quarantine_id: str) -> bytes:
        """Decrypt a record's payload.

        Raises:
            SealRefused: it was encrypted with another key or for another record, or its bytes changed.
        """
        if not sealed.startswith(_MARK) or len(sealed) < _HEAD_BYTES + _NONCE_BYTES:
            raise SealRefused(quarantine_id, "it is no sealed payload")
        if sealed[len(_MARK) : _HEAD_BYTES] != self._key_id:
            raise SealRefused(quarantine_id, "it was sealed with another key")
        nonce, content = sealed[_HEAD_BYTES : _HEAD_BYTES + _NONCE_BYTES], sealed[_HEAD_BYTES + _NONCE_BYTES :]
        try:
            return aead.AESGCM(self._key).decrypt(nonce, content, _bound_to(tenant, project, quarantine_id))
        except cryptography_errors.InvalidTag:
            raise SealRefused(quarantine_id, "its bytes changed, or it belongs to another record") from None

    @cached_property
    def _key(self) -> bytes:
        return seal_key(self._config)

    @cached_property
    def _key_id(self) -> bytes:
        return hashlib.sha256(self._key).digest()[:_KEY_ID_BYTES]


def seal_key(config: Config) -> bytes:
    """Return the configured key, or the one in the data directory, which is created at first use.

    Raises:
        SealKeyInvalid: the key is not 32 bytes, or others may read its file.
    """
    if config.storage.seal_key:
        try:
            return _checked(base64.b64decode(config.storage.seal_key.reveal(), validate=True), "storage.seal_key")
        except ValueError:
            raise SealKeyInvalid("storage.seal_key") from None
    path = config.data_path / "keys" / "seal.key"
    if not path.exists():
        write_private(path, secrets.token_bytes(_KEY_BYTES), replace=False)
    return _checked(_read(path), str(path))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise SealKeyInvalid(str(path))
        return file.read()


def _checked(key: bytes, source: str) -> bytes:
    if len(key) != _KEY_BYTES:
        raise SealKeyInvalid(source)
    return key


def _bound_to(tenant: str, project: str, quarantine_id: str) -> bytes:
    return f"{tenant}/{project}/{quarantine_id}".encode()
