"""The interface of an engine, and the assignment of chunks to workers: a {tenant, source} goes to the same worker while workers stay."""

import hashlib
from dataclasses import dataclass
from typing import Protocol

from chartly.normalizer.chunk import Chunk, WrittenFiles


@dataclass(frozen=True, slots=True)
class Shard:
    """The key of a chunk's assignment to a worker, so that its plan is in the worker's cache."""

    tenant: str
    source_id: str

    def worker(self, workers: int) -> int:
        """Return one of ``workers`` by rendezvous hashing: when their number changes by one, 1/n of the shards move.

        Source: Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998.
        """
        return max(range(workers), key=self._weight)

    def _weight(self, worker: int) -> bytes:
        return hashlib.blake2b(f"{self.tenant}\0{self.source_id}\0{worker}".encode(), digest_size=8).digest()


class Engine(Protocol):
    """Runs chunks. The number of waiting chunks is bounded; further ones are refused at once."""

    @property
    def problem(self) -> str:
        """Why no chunk can run at the moment; empty if one can."""
        ...

    async def start(self) -> None:
        """Start the engine; called once before the first chunk."""
        ...

    async def run(self, shard: Shard, chunk: Chunk, raw: bytes | bytearray) -> WrittenFiles:
        """Run one chunk.

        Raises:
            EngineBusy: too many chunks wait.
            EngineAway: there is no worker at the moment; the chunk can be run again.
            PlanRefused: the profile or its contract is not valid.
            EngineFailed: the worker was lost; the chunk can be run again.
        """
        ...

    async def stop(self) -> None:
        """Wait for running chunks, and free the engine's resources."""
        ...
