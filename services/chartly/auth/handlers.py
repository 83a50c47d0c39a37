"""gRPC handlers for tokens: decode, decide, store, encode. ``check.py`` authorizes requests."""

import secrets
from datetime import datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.identity.policy import permissions
from chartly.platform.identity.scope import SERVICE_ROLE, Scope, current_scope
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.paging import page_position, page_size, page_token
from chartly.v1 import auth_pb2 as pb
from chartly.v1 import auth_pb2_grpc

from .check import Checker
from .domain.grant import check_grant, check_principal
from .domain.token import ID_RANDOM_BYTES, SECRET_BYTES, Token, bearer, digest, token_id
from .errors import BearerTokenInvalid
from .store import TokenStore

_LIST = "auth.tokens"


class AuthHandlers(auth_pb2_grpc.AuthServiceServicer):
    """Serves ``chartly.v1.AuthService``."""

    def __init__(self, store: TokenStore, checker: Checker, limits: Limits, clock: Clock) -> None:
        self._store = store
        self._checker = checker
        self._limits = limits
        self._clock = clock

    async def Introspect(self, request: pb.IntrospectRequest, context: Context) -> pb.IntrospectResponse:
        """Return the caller's principal, roles and projects."""
        scope = current_scope()
        return pb.IntrospectResponse(
            principal=scope.principal,
            tenant_id=scope.tenant,
            project_id=scope.project,
            roles=sorted(scope.roles),
            permissions=permissions(scope.roles),
        )

    async def CreateToken(self, request: pb.CreateTokenRequest, context: Context) -> pb.CreateTokenResponse:
        """Create a token with at most the caller's own rights."""
        scope = current_scope()
        check_principal(request.principal)
        await self._check_grantor(scope, request)
        now = self._clock.now()
        identifier = token_id(now, secrets.token_bytes(ID_RANDOM_BYTES))
        secret = bearer(identifier, secrets.token_bytes(SECRET_BYTES))
        token = Token(
            token_id=identifier,
            digest=digest(secret),
            tenant=scope.tenant,
            principal=request.principal,
            roles=frozenset(request.roles),
            projects=frozenset(request.projects),
            created_at=now,
            expires_at=now + timedelta(seconds=request.lifetime_s or self._limits.token_lifetime_s_default),
            revoked_at=None,
        )
        await self._store.add(token)
        return pb.CreateTokenResponse(token=_encode(token), secret=secret)

    async def ListTokens(self, request: pb.ListTokensRequest, context: Context) -> pb.ListTokensResponse:
        """List the tenant's tokens by creation."""
        count = page_size(request.page_size)
        position = page_position(_LIST, request.page_token, 1)
        found = await self._store.list(current_scope().tenant, str(position[0]) if position else "", count + 1)
        following = page_token(_LIST, found[count - 1].token_id) if len(found) > count else ""
        return pb.ListTokensResponse(tokens=[_encode(token) for token in found[:count]], next_page_token=following)

    async def RevokeToken(self, request: pb.RevokeTokenRequest, context: Context) -> pb.RevokeTokenResponse:
        """Revoke a token of the tenant."""
        token = await self._store.revoke(current_scope().tenant, request.token_id, self._clock.now())
        self._checker.forget(token)
        return pb.RevokeTokenResponse()

    async def _check_grantor(self, scope: Scope, request: pb.CreateTokenRequest) -> None:
        if SERVICE_ROLE in scope.roles:
            return
        grantor = await self._store.by_id(scope.credential)
        if grantor is None:
            raise BearerTokenInvalid("the caller's own token was deleted")
        check_grant(grantor, request.roles, request.projects)


def _encode(token: Token) -> pb.Token:
    return pb.Token(
        token_id=token.token_id,
        principal=token.principal,
        roles=sorted(token.roles),
        projects=sorted(token.projects),
        created_at=_timestamp(token.created_at),
        expires_at=_timestamp(token.expires_at) if token.expires_at else None,
        revoked=token.revoked_at is not None,
    )


def _timestamp(time: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(time)
    return made
