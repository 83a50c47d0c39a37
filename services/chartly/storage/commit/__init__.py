"""The commit protocol: one writer a dataset, decided in the metadata database, rolled forward after any crash."""

from .care import Care
from .committer import Committer
from .history import Rebuilds
from .lanes import Lanes
from .restore import Restorer
from .together import Together

__all__ = ["Care", "Committer", "Lanes", "Rebuilds", "Restorer", "Together"]
