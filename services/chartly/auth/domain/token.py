"""The form of bearer tokens, and the part that is stored. The caller provides the random bytes.

``tok_<26 characters>.<43 characters>``: an id that sorts by creation (as ULIDs do), then 256 bits of secret in base64url. Only the
SHA-256 of the whole is stored; a slow hash would not help, because 256 random bits can't be guessed.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

SECRET_BYTES = 32
ID_RANDOM_BYTES = 10

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_BEARER = re.compile(r"(tok_[0-9a-hjkmnp-tv-z]{26})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret, as stored."""

    token_id: str
    digest: str
    """Hexadecimal SHA-256 of the bearer token."""
    tenant: str
    """The tenant whose operators see and revoke it."""
    principal: str
    roles: frozenset[str]
    projects: frozenset[str]
    """``<tenant>/<project>``, or ``*`` for all."""
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def problem(self, now: datetime) -> str | None:
        """Return why the token is not valid; None if it is valid."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and now >= self.expires_at:
            return "expired"
        return None


def token_id(now: datetime, randomness: bytes) -> str:
    """Return a new id: 48 bits of milliseconds and 80 random bits, in Crockford's base 32."""
    number = int(now.timestamp() * 1000) << 80 | int.from_bytes(randomness)
    return "tok_" + "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def bearer(identifier: str, secret: bytes) -> str:
    """Return the token in the form that its holder uses."""
    return f"{identifier}.{base64.urlsafe_b64encode(secret).rstrip(b'=').decode()}"


def digest(text: str) -> str:
    """Return the digest that is stored for a bearer token."""
    return hashlib.sha256(text.encode()).hexdigest()


def well_formed(text: str) -> bool:
    """Return whether a text has the form of a token; checked before any look-up."""
    return _BEARER.fullmatch(text) is not None
