"""The commit protocol: one writer a dataset, decided in the metadata database, rolled forward after any crash."""

from .committer import Committer
from .lanes import Lanes

__all__ = ["Committer", "Lanes"]
