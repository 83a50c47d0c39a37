"""Which profile speaks for a source that is pushed to: of those that bear its name, the project's newest that isn't deprecated.

A push names a source and no version: what its records mean is decided by the workflow that takes them, with frozen versions. Here only
this counts: may it be pushed to, and how much at once. Answers are kept for a few seconds.
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

# How late a new version of a connector is noticed; a device that pushes each second shouldn't cost a look-up each second.
_KEPT_S = 5.0
_KEPT_MAX = 10_000
_PAGE_SIZE = 1_000


@dataclass(frozen=True, slots=True)
class Known:
    """A source and the profile that speaks for it."""

    source: PushSource
    frozen: common_pb2.FrozenProfile


class PushSources:
    """Looks sources up in the registry. Used from one event loop."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._kept: OrderedDict[tuple[str, str], tuple[float, Known]] = OrderedDict()

    async def get(self, scope: Scope, source_id: str) -> Known:
        """Give a source.

        Raises:
            SourceUnknown: no connector profile of the project, nor a global one, has the name.
            SourceNotPush: it is one that is asked.
        """
        now_s, key = time.monotonic(), (scope.name, source_id)
        until_s, known = self._kept.get(key, (0.0, None))
        if known is not None and now_s < until_s:
            return known
        known = await self._look_up(scope, source_id)
        self._kept[key] = (now_s + _KEPT_S, known)
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT_MAX:
            self._kept.popitem(last=False)
        return known

    async def _look_up(self, scope: Scope, source_id: str) -> Known:
        # As the hub itself: who may push need not be one who may read profiles.
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
        return Known(source, frozen)
