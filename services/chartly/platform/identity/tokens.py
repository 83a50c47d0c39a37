"""Internal tokens: caller and project, signed by this installation, valid for minutes. A client never gets one.

They are HS256 JWTs: every service both issues tokens (for its own work) and verifies them, so a public key would protect nothing more,
and HMAC costs microseconds.
"""

import base64
import os
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from chartly.platform.clock import Clock
from chartly.platform.config import Config
from chartly.platform.errors import FailedPrecondition, Unauthenticated, error
from chartly.platform.files import write_private

from .scope import Scope

HEADER = "x-chartly-internal-token"
_AUDIENCE = "chartly-internal"
_ALGORITHM = "HS256"
# RFC 7518 §3.2: a key at least as long as the hash.
_KEY_BYTES = 32
# Cached verified tokens: one for each principal and project.
_VERIFIED_MAX = 4_096
# Permitted difference between the clocks of two hosts.
_LEEWAY_S = 5


@error(reason="TOKEN_INVALID")
class InternalTokenInvalid(Unauthenticated):
    """The call has no valid internal token."""

    problem: str


@error(reason="SERVICE_UNAVAILABLE")
class InternalKeyUnsafe(FailedPrecondition):
    """The key of internal tokens is too short, or readable by others than its owner."""

    source: str


class InternalTokens:
    """Issues and verifies tokens. One for each process; use it from the event loop only."""

    def __init__(self, key: bytes, clock: Clock, lifetime_s: int) -> None:
        self._key = OctKey.import_key(key)
        self._clock = clock
        self._lifetime_s = lifetime_s
        self._verified: dict[str, tuple[float, Scope]] = {}
        self._minted: dict[Scope, tuple[float, str]] = {}

    def mint(self, scope: Scope) -> str:
        """Return a signed token for ``scope``. Equal scopes (without request and job ids) get the same one for half of its life."""
        now = self._clock.now().timestamp()
        kept = _without_request(scope)
        fresh_until, token = self._minted.get(kept, (0.0, ""))
        if now < fresh_until:
            return token
        claims: dict[str, Any] = {
            "aud": _AUDIENCE,
            "sub": scope.principal,
            "tenant": scope.tenant,
            "project": scope.project,
            "roles": sorted(scope.roles),
            "iat": int(now),
            "exp": int(now) + self._lifetime_s,
        }
        if scope.on_behalf_of:
            claims["obo"] = scope.on_behalf_of
        if scope.credential:
            claims["crd"] = scope.credential
        token = jwt.encode({"alg": _ALGORITHM}, claims, self._key)
        _put(self._minted, kept, (now + self._lifetime_s / 2, token))
        return token

    def verify(self, token: str, request_id: str = "", run_id: str = "") -> Scope:
        """Return the scope in a token.

        Raises:
            InternalTokenInvalid: the token is missing, forged, expired or issued for another purpose.
        """
        if not token:
            raise InternalTokenInvalid("missing")
        now = self._clock.now().timestamp()
        expires, scope = self._verified.get(token) or self._decode(token)
        if now > expires + _LEEWAY_S:
            self._verified.pop(token, None)
            raise InternalTokenInvalid("expired")
        _put(self._verified, token, (expires, scope))
        return replace(scope, request_id=request_id, run_id=run_id)

    def _decode(self, token: str) -> tuple[float, Scope]:
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError) as refused:
            raise InternalTokenInvalid("malformed or forged") from refused
        if claims.get("aud") != _AUDIENCE:
            raise InternalTokenInvalid("not an internal token")
        scope = Scope(
            claims["sub"],
            claims["tenant"],
            claims["project"],
            frozenset(claims["roles"]),
            on_behalf_of=claims.get("obo", ""),
            credential=claims.get("crd", ""),
        )
        return float(claims["exp"]), scope


def internal_key(config: Config) -> bytes:
    """Return the installation's key: from the configuration, or from the data directory, where the first start creates it.

    Raises:
        InternalKeyUnsafe: the key is shorter than 32 bytes, or the file's mode lets others read it.
    """
    if config.auth.internal_key:
        return _long_enough(base64.b64decode(config.auth.internal_key.reveal(), validate=True), "auth.internal_key")
    path = config.data_path / "keys" / "internal.key"
    if not path.exists():
        write_private(path, secrets.token_bytes(_KEY_BYTES), replace=False)
    return _long_enough(_read_private(path), str(path))


def _read_private(path: Path) -> bytes:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise InternalKeyUnsafe(str(path))
        return file.read()


def _long_enough(key: bytes, source: str) -> bytes:
    if len(key) < _KEY_BYTES:
        raise InternalKeyUnsafe(source)
    return key


def _without_request(scope: Scope) -> Scope:
    return replace(scope, request_id="", run_id="")


def _put(cache: dict[Any, Any], key: Any, value: Any) -> None:
    if len(cache) >= _VERIFIED_MAX and key not in cache:
        del cache[next(iter(cache))]
    cache[key] = value
