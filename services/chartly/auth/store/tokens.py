"""Reads and writes tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from chartly.auth.domain.token import Token
from chartly.auth.errors import TokensExhausted, TokenUnknown
from chartly.platform.metadata import Metadata

from .tables import tokens

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TokenStore:
    """The tokens of all tenants. Listing and revocation concern one tenant."""

    def __init__(self, metadata: Metadata, tokens_max: int) -> None:
        self._metadata = metadata
        self._tokens_max = tokens_max

    async def add(self, token: Token) -> None:
        """Store a new token.

        Raises:
            TokensExhausted: the tenant has ``tokens_listed_max`` valid tokens.
        """
        await self._metadata.write(_add, token, self._tokens_max)

    async def by_digest(self, digest: str) -> Token | None:
        """Return the token with this digest, in any state."""
        return await self._metadata.read(_one, tokens.c.digest == digest)

    async def by_id(self, token_id: str) -> Token | None:
        """Return a token by its id, of any tenant. For the caller's own token."""
        return await self._metadata.read(_one, tokens.c.token_id == token_id)

    async def list(self, tenant: str, after: str, count: int) -> list[Token]:
        """List a tenant's tokens by creation, after an id."""
        return await self._metadata.read(_list, tenant, after, count)

    async def revoke(self, tenant: str, token_id: str, now: datetime) -> Token:
        """Revoke a token; revoking it twice changes nothing.

        Raises:
            TokenUnknown: the tenant has no token with this id.
        """
        return await self._metadata.write(_revoke, tenant, token_id, now)


def _add(connection: sa.Connection, token: Token, tokens_max: int) -> None:
    live = sa.select(sa.func.count()).where(tokens.c.tenant == token.tenant, tokens.c.revoked_at_us.is_(None))
    if connection.execute(live).scalar_one() >= tokens_max:
        raise TokensExhausted(tokens_max, retry_after_s=60)
    connection.execute(
        tokens.insert().values(
            token_id=token.token_id,
            digest=token.digest,
            tenant=token.tenant,
            principal=token.principal,
            roles=sorted(token.roles),
            projects=sorted(token.projects),
            created_at_us=_us(token.created_at),
            expires_at_us=_us(token.expires_at),
            revoked_at_us=_us(token.revoked_at),
        )
    )


def _one(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> Token | None:
    row = connection.execute(sa.select(tokens).where(condition)).mappings().one_or_none()
    return _token(row) if row else None


def _list(connection: sa.Connection, tenant: str, after: str, count: int) -> list[Token]:
    wanted = sa.select(tokens).where(tokens.c.tenant == tenant, tokens.c.token_id > after)
    return [_token(row) for row in connection.execute(wanted.order_by(tokens.c.token_id).limit(count)).mappings()]


def _revoke(connection: sa.Connection, tenant: str, token_id: str, now: datetime) -> Token:
    its = (tokens.c.tenant == tenant) & (tokens.c.token_id == token_id)
    connection.execute(tokens.update().where(its, tokens.c.revoked_at_us.is_(None)).values(revoked_at_us=_us(now)))
    found = _one(connection, its)
    if found is None:
        raise TokenUnknown(token_id)
    return found


def _token(row: Any) -> Token:
    return Token(
        token_id=row["token_id"],
        digest=row["digest"],
        tenant=row["tenant"],
        principal=row["principal"],
        roles=frozenset(row["roles"]),
        projects=frozenset(row["projects"]),
        created_at=_time(row["created_at_us"]) or _EPOCH,
        expires_at=_time(row["expires_at_us"]),
        revoked_at=_time(row["revoked_at_us"]),
    )


def _us(time: datetime | None) -> int | None:
    return None if time is None else (time - _EPOCH) // timedelta(microseconds=1)


def _time(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)
