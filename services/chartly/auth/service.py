"""Wires the auth service: tokens for people and programs, and the authorization of requests at the edge."""

import grpc.aio

from chartly.platform.identity.tokens import InternalTokens, internal_key
from chartly.platform.rpc.methods import all_methods
from chartly.platform.service import Service, ServiceContext
from chartly.v1 import auth_pb2_grpc

from .bodies import BodyCheck
from .check import Checker
from .handlers import AuthHandlers
from .operator import ensure_operator
from .store import TokenStore


class AuthService:
    """The auth service. The constructor starts nothing."""

    name = "auth"

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        limits = context.config.limits
        self._store = TokenStore(context.metadata, limits.tokens_listed_max)
        tokens = InternalTokens(internal_key(context.config), context.clock, limits.internal_token_s)
        bodies = BodyCheck(context.blocking, limits)
        self._checker = Checker(self._store, tokens, all_methods(), bodies, context.config, context.clock)
        self._handlers = AuthHandlers(self._store, self._checker, limits, context.clock)

    def register(self, server: grpc.aio.Server) -> None:
        """Serve AuthService and Envoy's Authorization."""
        auth_pb2_grpc.add_AuthServiceServicer_to_server(self._handlers, server)
        self._checker.register(server)

    async def start(self) -> None:
        """Create the local operator's token at the first start."""
        context = self._context
        made = await ensure_operator(self._store, context.config, context.clock, context.blocking)
        if made is not None:
            context.logger.info("operator token made", token_id=made.token_id)

    async def stop(self) -> None:
        """Do nothing: no background work runs."""


def build(context: ServiceContext) -> Service:
    """Build the service; opens nothing."""
    return AuthService(context)
