"""Write transactions that are done anew when another was quicker. Only for functions that change nothing but the database.

SQLite's writers wait for each other. PostgreSQL lets them begin, and refuses the one that comes last: because another changed what it
read, or inserted the same key. Done anew the function reads what the other wrote, and decides again.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from .database import Metadata, MetadataUnavailable

T = TypeVar("T")

# psycopg's names of what a transaction is refused with when another changed what it read.
_CONFLICTS = frozenset({"SerializationFailure", "DeadlockDetected"})
# Transactions are short: with a dozen writers of one row the sixth attempt is as good as sure.
_ATTEMPTS_MAX, _PAUSE_S = 6, 0.005


async def write_again(metadata: Metadata, function: Callable[[Connection], T]) -> T:
    """Run ``function(connection)`` in one write transaction, up to six times.

    Raises:
        MetadataUnavailable: as ``Metadata.write``, or the last attempt met a conflict as well.
        IntegrityError: a constraint is broken, and was at each attempt.
    """
    attempt = 1
    while True:
        try:
            return await metadata.write(function)
        except MetadataUnavailable as refused:
            if refused.problem not in _CONFLICTS or attempt == _ATTEMPTS_MAX:
                raise
        except IntegrityError:
            if attempt == _ATTEMPTS_MAX:
                raise
        await asyncio.sleep(_PAUSE_S * 2**attempt)
        attempt += 1
