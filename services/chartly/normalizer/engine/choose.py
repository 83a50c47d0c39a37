"""Create the engine that the configuration names."""

import importlib.util
import os

from chartly.normalizer.chunk import PlanCache
from chartly.normalizer.errors import EngineMissing
from chartly.platform.blocking import Blocking
from chartly.platform.config import Config
from chartly.platform.telemetry.log import Logger

from .base import Engine
from .local import LocalEngine
from .ray_actors import RayOptions
from .ray_engine import RayEngine


def engine_from(config: Config, blocking: Blocking, logger: Logger) -> Engine:
    """Return the engine that ``normalizer.engine`` names; it is not started.

    Raises:
        EngineMissing: the engine's package is not installed.
    """
    settings, limits = config.normalizer, config.limits
    cores = os.cpu_count() or 1
    workers = settings.threads or cores
    if settings.engine == "local":
        return LocalEngine(blocking, PlanCache(limits.plans_cached_max), workers, limits.chunks_waiting_max)
    if importlib.util.find_spec("ray") is None:
        raise EngineMissing("ray", "chartly[ray]")
    options = RayOptions(settings.ray_address, workers, limits.chunks_waiting_max, limits.plans_cached_max)
    return RayEngine(options, logger)
