"""The metadata database: engine, transactions, migrations. Each service has its own tables; this package knows none of them."""

from .database import Metadata

__all__ = ["Metadata"]
