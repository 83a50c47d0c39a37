"""Finds the connector profile of a source that clients push to: the project's newest of that name that isn't deprecated.

A push names a source and no version. The workflow that takes it decides with frozen profiles what its records mean; here the profile
only says whether clients may push, and how many bytes. Answers are cached for a few seconds.
"""

import json
import time
from collections import OrderedDict
from dataclasses import dataclass

from chartly.connector_hub.domain.connector import source_from
from chartly.connector_hub.domain.push import PushSource
from chartly.connector_hub.errors import SourceNotPush, SourceUnknown
from chartly.platform.identity.scope import Scope
from chartly.platform.rpc.clients import Clients
from chartly.profiles import Reference
from chartly.v1 import common_pb2, registry_pb2

# A new version of a connector is noticed this late; a device that pushes each second shouldn't cost a look-up each second.
_CACHED_S = 5.0
_CACHED_MAX = 10_000
_PAGE_SIZE = 1_000


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """A source and its frozen profile."""

    source: PushSource
    frozen: common_pb2.FrozenProfile


class PushSources:
    """Looks sources up in the registry. Used from one event loop."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._cached: OrderedDict[tuple[str, str], tuple[float, ResolvedSource]] = OrderedDict()

    async def get(self, scope: Scope, source_id: str) -> ResolvedSource:
        """Return a source.

        Raises:
            SourceUnknown: no connector profile of the project, nor a global one, has the name.
            SourceNotPush: the hub fetches from it, and clients can't push to it.
        """
        now_s, key = time.monotonic(), (scope.name, source_id)
        until_s, known = self._cached.get(key, (0.0, None))
        if known is not None and now_s < until_s:
            return known
        known = await self._look_up(scope, source_id)
        self._cached[key] = (now_s + _CACHED_S, known)
        self._cached.move_to_end(key)
        while len(self._cached) > _CACHED_MAX:
            self._cached.popitem(last=False)
        return known

    async def _look_up(self, scope: Scope, source_id: str) -> ResolvedSource:
        # With the hub's own rights: a client that may push may lack the right to read profiles.
        registry = self._clients.acting(Scope.service("connector_hub", scope.tenant, scope.project, request_id=scope.request_id)).registry
        found: list[Reference] = []
        token = ""
        while True:
            request = registry_pb2.ListProfilesRequest(kind="connector", name=source_id, page_size=_PAGE_SIZE, page_token=token)
            answer = await registry.ListProfiles(request)
            found += [Reference.parse(profile.ref) for profile in answer.profiles if not profile.deprecated]
            token = answer.next_page_token
            if not token:
                break
        if not found:
            raise SourceUnknown(source_id)
        newest = max(found, key=lambda reference: (not reference.is_global, reference.precedence))
        frozen = (await registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=str(newest)))).frozen
        resolved = await registry.GetFrozenProfile(registry_pb2.GetFrozenProfileRequest(hash=frozen.hash))
        document = json.loads(resolved.resolved_json)
        if document["metadata"].get("abstract"):
            raise SourceUnknown(source_id)
        source = source_from(document)
        if not isinstance(source, PushSource):
            raise SourceNotPush(source_id, frozen.ref)
        return ResolvedSource(source, frozen)
