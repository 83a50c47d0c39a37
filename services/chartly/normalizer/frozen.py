"""A bounded cache of resolved profiles by hash. They never change."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import orjson

from chartly.contracts.digest import content_hash
from chartly.platform.config import Limits
from chartly.platform.rpc.clients import Clients
from chartly.profiles.record_limits import lowered
from chartly.v1.registry_pb2 import GetFrozenProfileRequest

from .errors import ContractDamaged
from .lookups import LookupTables


@dataclass(frozen=True, slots=True)
class FrozenProfile:
    """A resolved profile, and for a normalizer its contract."""

    document: dict[str, Any]
    plan_json: str
    """For a normalizer, the input of the plan's compilation: the resolved profile with its lookup tables in place."""
    contract_json: str


class FrozenProfiles:
    """Reads resolved profiles from the registry. Use it from one event loop."""

    def __init__(self, clients: Clients, tables: LookupTables, limits: Limits) -> None:
        self._clients = clients
        self._tables = tables
        self._limits = limits
        self._profiles_max = limits.plans_cached_max
        self._kept: OrderedDict[str, FrozenProfile] = OrderedDict()

    async def get(self, digest: str) -> FrozenProfile:
        """Return a resolved profile by its hash.

        Raises:
            RemoteError: PROFILE_UNKNOWN.
        """
        if digest in self._kept:
            self._kept.move_to_end(digest)
            return self._kept[digest]
        frozen = self._kept[digest] = await self.read(digest)
        while len(self._kept) > self._profiles_max:
            self._kept.popitem(last=False)
        return frozen

    async def read(self, digest: str) -> FrozenProfile:
        """Return a resolved profile by its hash, always read from the registry, after a check of the contract against its pinned hash.

        Raises:
            RemoteError: PROFILE_UNKNOWN; CORRUPT if the profile doesn't have its hash; DATASET_UNKNOWN for a dataset that it looks up.
            ContractDamaged: its contract doesn't have the pinned hash.
            LookupRefused: a lookup table doesn't have the pinned hash.
        """
        answer = await self._clients.registry.GetFrozenProfile(GetFrozenProfileRequest(hash=digest))
        document = orjson.loads(answer.resolved_json)
        plan_json = await self._tables.expand(document, answer.resolved_json)
        frozen = FrozenProfile(document, self._limited(plan_json) if answer.contract_json else plan_json, answer.contract_json)
        pinned: dict[str, str] = frozen.document.get("spec", {}).get("contract", {})
        if frozen.contract_json and content_hash(orjson.loads(frozen.contract_json)) != pinned.get("hash"):
            raise ContractDamaged(answer.frozen.ref, pinned.get("hash", ""))
        return frozen

    def _limited(self, plan_json: str) -> str:
        document = orjson.loads(plan_json)
        limited = lowered(document, depth_max=self._limits.record_depth_max, record_bytes_max=self._limits.record_bytes_max)
        return plan_json if limited is document else orjson.dumps(limited).decode()
