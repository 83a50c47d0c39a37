"""What an engine is, and how chunks are spread: the same {tenant, source} goes to the same worker while workers stay."""

import hashlib
from dataclasses import dataclass
from typing import Protocol

from chartly.normalizer.chunk import Chunk, Written


@dataclass(frozen=True, slots=True)
class Shard:
    """What keeps a chunk with its like, for the sake of warm plans."""

    tenant: str
    source_id: str

    def worker(self, workers: int) -> int:
        """Choose one of ``workers`` by rendezvous hashing: when their number changes by one, 1/n of the shards move.

        Source: Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998.
        """
        return max(range(workers), key=self._weight)

    def _weight(self, worker: int) -> bytes:
        return hashlib.blake2b(f"{self.tenant}\0{self.source_id}\0{worker}".encode(), digest_size=8).digest()


class Engine(Protocol):
    """Runs chunks. Bounded: beyond its waiting line it refuses at once."""

    async def start(self) -> None:
        """Make ready; called once before the first chunk."""
        ...

    async def run(self, shard: Shard, chunk: Chunk, raw: bytes | bytearray) -> Written:
        """Run one chunk.

        Raises:
            EngineBusy: as many chunks wait as may.
            PlanRefused: the profile or its contract is not valid.
            EngineFailed: the worker was lost; the chunk can be run again.
        """
        ...

    async def stop(self) -> None:
        """Let chunks under way end, and free what the engine holds."""
        ...
