"""The engines that run plans: local threads or Ray actors, with one interface. Both write the same files for a chunk."""

from .base import Engine, Shard
from .choose import engine_from

__all__ = ["Engine", "Shard", "engine_from"]
