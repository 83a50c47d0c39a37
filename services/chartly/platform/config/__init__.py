"""The configuration: one frozen object, loaded once, passed on explicitly. Nothing else reads the environment."""

from .limits import Limits
from .load import ConfigError, load
from .model import Config
from .secret import Secret

__all__ = ["Config", "ConfigError", "Limits", "Secret", "load"]
