"""Storage policies by profile hash: from the dataset's row if it was written with the same profile, else from the registry."""

import json

from chartly.platform.blocking import Blocking
from chartly.platform.metadata import Metadata
from chartly.platform.rpc.clients import Clients
from chartly.storage.model import DatasetKey, FrozenRef
from chartly.storage.policy import StoragePolicy, read_policy
from chartly.v1.registry_pb2 import GetFrozenProfileRequest

from . import dataset_rows

# A project has a handful of storage profiles; each is below 1 KiB.
_KEPT_MAX = 1_024


class Policies:
    """A cache of storage policies. A resolved profile never changes. Used from one event loop."""

    def __init__(self, clients: Clients, metadata: Metadata, blocking: Blocking) -> None:
        self._clients = clients
        self._metadata = metadata
        self._blocking = blocking
        self._kept: dict[str, StoragePolicy] = {}

    async def get(self, key: DatasetKey, storage: FrozenRef) -> StoragePolicy:
        """Return a profile's policy; without a profile, the default one.

        Raises:
            RemoteError: PROFILE_UNKNOWN.
        """
        if not storage.hash:
            return StoragePolicy()
        if storage.hash not in self._kept:
            while len(self._kept) >= _KEPT_MAX:
                del self._kept[next(iter(self._kept))]
            self._kept[storage.hash] = await self._read(key, storage)
        return self._kept[storage.hash]

    async def _read(self, key: DatasetKey, storage: FrozenRef) -> StoragePolicy:
        held = await self._metadata.read(dataset_rows.find, key)
        if held is not None and held.dataset.storage.hash == storage.hash:
            return held.policy
        answer = await self._clients.registry.GetFrozenProfile(GetFrozenProfileRequest(hash=storage.hash))
        return read_policy(json.loads(answer.resolved_json))
