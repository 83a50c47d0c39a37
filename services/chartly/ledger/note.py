"""Signed notes (C2SP signed-note) with Ed25519: a text with its signatures. It stores no key.

It is stricter than other implementations: base64 must be canonical, and a note with any irregular line is refused.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ED25519 = 0x01
KEY_ID_BYTES = 4
SIGNATURES_MAX = 64
"""C2SP requires that at least 16 signatures are accepted. A note with more is refused."""
NOTE_BYTES_MAX = 64 * 1024

_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_SIGNATURE = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})")


class NoteInvalidError(ValueError):
    """The text is not a signed note, or has no signature of the expected key."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A named public key, as in a vkey."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that identify the key in a signature line."""
        return _key_id(self.name, self.public_key)

    @property
    def vkey(self) -> str:
        """``name+hex8+base64(type ‖ key)``, the form that Go's ``note.NewVerifier`` reads."""
        key = base64.b64encode(bytes([ED25519]) + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"

    @classmethod
    def from_vkey(cls, text: str) -> "Verifier":
        """Return the verifier of a vkey.

        Raises:
            NoteInvalidError: the text is not a vkey, or its key id does not match its key.
        """
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        key = _decode(encoded)
        if not _NAME.fullmatch(name) or len(key) != 33 or key[0] != ED25519:  # noqa: PLR2004 - one type byte and 32 of Ed25519
            raise NoteInvalidError("the text is not a vkey of an Ed25519 key")
        verifier = cls(name, key[1:])
        if verifier.key_id.hex() != key_id:
            raise NoteInvalidError("the vkey's id does not match its key")
        return verifier

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Return whether the signature of the text is valid."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text)
        except InvalidSignature:
            return False
        return True


class Signer:
    """A named private key."""

    def __init__(self, name: str, seed: bytes) -> None:
        if not _NAME.fullmatch(name):
            raise NoteInvalidError("a key's name must not have a space, control character or +")
        self.name = name
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def verifier(self) -> Verifier:
        """The public key."""
        return Verifier(self.name, self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, text: str) -> bytes:
        """Return the signed note of a text that ends with a newline."""
        _check_text(text)
        body = text.encode()
        signature = base64.b64encode(self.verifier.key_id + self._key.sign(body)).decode()
        return body + f"\n— {self.name} {signature}\n".encode()


def new_seed() -> bytes:
    """Return the 32 random bytes of a new private key."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())


def open_note(note: bytes, verifier: Verifier) -> str:
    """Return the text of a note with a valid signature of ``verifier``.

    Raises:
        NoteInvalidError: it is not a note, or has no valid signature of this key.
    """
    if len(note) > NOTE_BYTES_MAX:
        raise NoteInvalidError("the note is larger than its bound")
    try:
        whole = note.decode()
    except UnicodeDecodeError as undecodable:
        raise NoteInvalidError("the note is not UTF-8") from undecodable
    text, blank, lines = whole.rpartition("\n\n")
    text += "\n"
    _check_text(text)
    if not blank or not lines.endswith("\n"):
        raise NoteInvalidError("the note has no signature block")
    signatures = lines[:-1].split("\n")
    if len(signatures) > SIGNATURES_MAX:
        raise NoteInvalidError("the note has more signatures than its bound")
    # All lines are checked, so that an invalid line after a valid one is found.
    signed = [_signed(line, text, verifier) for line in signatures]
    if not any(signed):
        raise NoteInvalidError("the note is not signed by the log's key")
    return text


def _signed(line: str, text: str, verifier: Verifier) -> bool:
    match = _SIGNATURE.fullmatch(line)
    if not match:
        raise NoteInvalidError("a signature line is malformed")
    raw = _decode(match["signature"])
    if len(raw) <= KEY_ID_BYTES:
        raise NoteInvalidError("a signature is too short")
    if match["name"] != verifier.name or raw[:KEY_ID_BYTES] != verifier.key_id:
        return False
    if not verifier.verify(text.encode(), raw[KEY_ID_BYTES:]):
        raise NoteInvalidError("a signature in the log's name was not made by its key")
    return True


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(ord(character) < 0x20 and character != "\n" for character in text):  # noqa: PLR2004 - the C0 controls
        raise NoteInvalidError("the text must end with a newline and have no other control character")


def _decode(text: str) -> bytes:
    """Decode canonical standard base64: the padding bits must be zero."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as undecodable:
        raise NoteInvalidError("a signature is not base64") from undecodable
    if base64.b64encode(raw).decode() != text:
        raise NoteInvalidError("a signature is not canonical base64")
    return raw


def _key_id(name: str, public_key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([ED25519]) + public_key).digest()[:KEY_ID_BYTES]
