"""Authorize each request at the edge: answer Envoy's ext_authz with an internal token or a refusal.

Envoy asks twice about a REST request with a body: before transcoding, whether the body fits the method's message; after it, whether the
caller may make the request.

Token look-ups are cached for ``decision_cache_s``. Revoking a token clears the cache of this replica at once; other replicas follow
within that time.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf import json_format

from chartly.platform.clock import Clock
from chartly.platform.config import Config
from chartly.platform.errors import ChartlyError, ResourceExhausted
from chartly.platform.identity.policy import allows
from chartly.platform.identity.scope import Scope
from chartly.platform.identity.tokens import HEADER, InternalTokens
from chartly.platform.rpc import status
from chartly.platform.rpc.bindings import find
from chartly.platform.rpc.interceptor import MethodDenied, MethodUnannounced
from chartly.platform.rpc.methods import Method

from .bodies import BodyCheck
from .domain.grant import choose_project
from .domain.rate import Rate
from .domain.token import Token, digest, well_formed
from .errors import BearerTokenInvalid, RequestRateExceeded
from .ext_authz import METHOD_SERVICE, OVERWRITE, CheckRequest, CheckResponse
from .store import TokenStore

BODY_ONLY = "body"
"""The context extension that marks a request of the edge about the body only."""

_BEARER = "bearer "
# Number of names whose rate is stored; less than 100 bytes each.
_RATED_MAX = 100_000

# google.rpc.Code → HTTP status, for the codes that a decision can have.
_HTTP = {3: 400, 16: 401, 7: 403, 8: 429, 13: 500, 14: 503}


class Checker:
    """Serves ``envoy.service.auth.v3.Authorization/Check``. Use its caches from one event loop only."""

    def __init__(
        self,
        store: TokenStore,
        tokens: InternalTokens,
        methods: Mapping[str, Method],
        bodies: BodyCheck,
        config: Config,
        clock: Clock,
    ) -> None:
        limits = config.limits
        self._store = store
        self._tokens = tokens
        self._methods = methods
        self._clock = clock
        self._bodies = bodies
        self._project_default = f"{config.auth.tenant}/{config.auth.project}"
        self._cache_s = limits.decision_cache_s
        self._cache_items_max = limits.decision_cache_items_max
        self._known: dict[str, tuple[float, Token | None]] = {}
        self._principals = Rate(limits.principal_requests_per_minute, _RATED_MAX)
        self._tenants = Rate(limits.tenant_requests_per_minute, _RATED_MAX)

    def register(self, server: Any) -> None:
        """Serve Envoy's method."""
        untyped: Any = grpc  # the type stubs only know generated messages
        handler = untyped.unary_unary_rpc_method_handler(
            self.check,
            request_deserializer=CheckRequest.FromString,
            response_serializer=CheckResponse.SerializeToString,
        )
        handlers = untyped.method_handlers_generic_handler(METHOD_SERVICE, {"Check": handler})
        server.add_generic_rpc_handlers((handlers,))

    def forget(self, token: Token) -> None:
        """Remove a token from the cache; called when it is revoked."""
        self._known.pop(token.digest, None)

    async def check(self, request: Any, _: Any) -> Any:
        """Answer one request: allowed with an internal token, or refused with the status that the client gets."""
        attributes = request.attributes
        http = attributes.request.http
        headers = {pair.key: pair.value for pair in http.headers}
        path = http.path.partition("?")[0]
        if any(pair.key == BODY_ONLY for pair in attributes.context_extensions):
            return await self._check_body(http, path, headers)
        try:
            scope = await self._decide(path, headers)
        except ChartlyError as refused:
            # The transcoder sets this header on REST requests.
            return _denied(refused, rest="x-envoy-original-path" in headers)
        return _allowed(self._tokens.mint(scope))

    async def _check_body(self, http: Any, path: str, headers: Mapping[str, str]) -> Any:
        """Allow a body that fits its method's message. The body of a caller without a valid token is not read."""
        binding = find(http.method, path)
        try:
            if binding is not None and not binding.method.public:
                await self._authenticated(headers.get("authorization", ""))
                await self._bodies.check(binding, http.raw_body)
        except ChartlyError as refused:
            return _denied(refused, rest=True)
        return _passed()

    async def _decide(self, path: str, headers: dict[str, str]) -> Scope:
        method = self._methods.get(path)
        if method is None or method.internal:
            raise MethodUnannounced(path)
        token = await self._authenticated(headers.get("authorization", ""))
        tenant, project = choose_project(headers.get("x-chartly-project", ""), token.projects, self._project_default)
        self._limit_rate(token, tenant)
        if not method.public and not allows(token.roles, method.permission):
            raise MethodDenied(path, method.permission)
        return Scope(token.principal, tenant, project, token.roles, credential=token.token_id)

    async def _authenticated(self, authorization: str) -> Token:
        if not authorization:
            raise BearerTokenInvalid("the request has no Authorization header")
        if authorization[: len(_BEARER)].lower() != _BEARER:
            raise BearerTokenInvalid("the Authorization header must be: Bearer TOKEN")
        text = authorization[len(_BEARER) :].strip()
        if not well_formed(text):
            raise BearerTokenInvalid("malformed")
        token = await self._look_up(digest(text))
        problem = "unknown" if token is None else token.problem(self._clock.now())
        if token is None or problem:
            raise BearerTokenInvalid(problem or "unknown")
        return token

    async def _look_up(self, token_digest: str) -> Token | None:
        now_s = self._clock.monotonic_s()
        until_s, token = self._known.get(token_digest, (0.0, None))
        if now_s < until_s:
            return token
        token = await self._store.by_digest(token_digest)
        self._known.pop(token_digest, None)
        if len(self._known) >= self._cache_items_max:
            del self._known[next(iter(self._known))]
        self._known[token_digest] = (now_s + self._cache_s, token)
        return token

    def _limit_rate(self, token: Token, tenant: str) -> None:
        now_s = self._clock.monotonic_s()
        for of, rate, name in (("principal", self._principals, token.principal), ("tenant", self._tenants, tenant)):
            wait_s = rate.take(name, now_s)
            if wait_s:
                raise RequestRateExceeded(of, rate.per_minute, retry_after_s=wait_s)


def _passed() -> Any:
    response = CheckResponse()
    # An empty status means OK, but the submessage must be present.
    response.status.SetInParent()
    return response


def _allowed(internal_token: str) -> Any:
    response = _passed()
    header = response.ok_response.headers.add(append_action=OVERWRITE)
    header.header.key, header.header.value = HEADER, internal_token
    # Services get the internal token. The client's token ends here.
    response.ok_response.headers_to_remove.append("authorization")
    return response


def _denied(refused: ChartlyError, *, rest: bool) -> Any:
    encoded = status.encode(refused)
    response = CheckResponse()
    response.status.code, response.status.message = encoded.code, encoded.message
    denied = response.denied_response
    denied.status.code = _HTTP[encoded.code]
    said = {"content-type": "application/json"}
    if encoded.code == grpc.StatusCode.UNAUTHENTICATED.value[0]:
        said["www-authenticate"] = 'Bearer realm="chartly"'
    if isinstance(refused, ResourceExhausted):
        said["retry-after"] = str(max(1, round(refused.retry_after_s)))
    # gRPC clients read grpc-message, which must be plain text.
    if rest:
        denied.body = json.dumps(json_format.MessageToDict(encoded, preserving_proto_field_name=True))
    else:
        said["content-type"] = "text/plain"
        said[status.DETAILS_KEY] = base64.b64encode(encoded.SerializeToString()).rstrip(b"=").decode()
        denied.body = encoded.message
    for key, value in said.items():
        header = denied.headers.add(append_action=OVERWRITE)
        header.header.key, header.header.value = key, value
    return response
