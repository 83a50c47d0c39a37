"""A hub's database on SQLite, and pushes in its inbox."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest

from chartly.connector_hub.domain.inbox_bounds import InboxBounds
from chartly.connector_hub.store import inbox as store
from chartly.connector_hub.store.inbox import Push
from chartly.platform.blocking import Blocking
from chartly.platform.config import Config
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.migrate import migrate

Land = Callable[[str, int], Awaitable[Push]]


@pytest.fixture
async def metadata(make_config: Callable[..., Config]) -> AsyncGenerator[Metadata]:
    """Return a database with the tables of all services."""
    blocking = Blocking(2, 2)
    made = Metadata(make_config(), blocking)
    await blocking.run(migrate, made)
    yield made
    blocking.close()
    made.close()


@pytest.fixture
def land(metadata: Metadata, make_config: Callable[..., Config]) -> Land:
    """Return a function that lands a push of a source at a time."""
    bounds = InboxBounds.of(make_config().limits)

    async def push(source_id: str, at_ms: int) -> Push:
        made = Push("tenant-demo/proj-sales", source_id, f"key-{source_id}", f"work-{source_id}", "0" * 64, b"", 1, 1, at_ms)
        return (await metadata.write(store.land, metadata, made, bounds))[0]

    return push
