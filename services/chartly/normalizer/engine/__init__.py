"""Where plans run: one interface, local threads or Ray actors. The same chunk gives the same files on either."""

from .base import Engine, Shard
from .choose import engine_from

__all__ = ["Engine", "Shard", "engine_from"]
