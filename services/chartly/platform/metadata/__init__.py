"""The metadata database: engine, transactions, migrations. Tables are the services' own; this package knows none of them."""

from .database import Metadata

__all__ = ["Metadata"]
