"""The commit protocol: one writer a dataset, decided in the metadata database, rolled forward after any crash."""

from .committer import Committer
from .history import Rebuilds
from .lanes import Lanes
from .restore import Restorer

__all__ = ["Committer", "Lanes", "Rebuilds", "Restorer"]
