"""Retry write transactions that conflict with another. Only for functions that change nothing but the database.

SQLite's writers wait for each other. PostgreSQL runs them in parallel and refuses the later one, because the other changed rows that it
read, or inserted the same key. In the next attempt the function reads the other's rows and decides with them.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from .database import Metadata, MetadataUnavailable

T = TypeVar("T")

# psycopg's errors for a conflict with another transaction.
_CONFLICTS = frozenset({"SerializationFailure", "DeadlockDetected"})
# Transactions are short: even with a dozen writers of one row, the sixth attempt nearly always succeeds.
_ATTEMPTS_MAX, _PAUSE_S = 6, 0.005


async def write_with_retries(metadata: Metadata, function: Callable[[Connection], T]) -> T:
    """Run ``function(connection)`` in one write transaction, up to six times.

    Raises:
        MetadataUnavailable: as ``Metadata.write``, or the last attempt had a conflict too.
        IntegrityError: a constraint was broken at each attempt.
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
