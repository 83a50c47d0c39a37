"""The metadata database on a real PostgreSQL, if it is installed."""

import asyncio
from collections.abc import Awaitable, Callable, Generator

import pytest
import sqlalchemy as sa

from chartly.platform.blocking import Blocking
from chartly.platform.config import Config
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.migrate import migrate
from chartly.v1 import auth_pb2

from .postgresql import INSTALLED, server

pytest.importorskip("psycopg", reason="the extra chartly[postgresql]")
pytestmark = pytest.mark.skipif(not INSTALLED, reason="no PostgreSQL server is installed")


@pytest.fixture(scope="module")
def url() -> Generator[str]:
    """The URL of a server for this file's tests."""
    with server() as found:
        yield found


async def test_two_hosts_start_at_once(url: str, make_config: Callable[..., Config]) -> None:
    """Of two hosts that start together one migrates and the other waits for its lock; tables and columns equal those of SQLite."""
    blocking = Blocking(4, 4)
    both = [Metadata(make_config(metadata__url=url), blocking) for _ in range(2)]
    embedded = Metadata(make_config(), blocking)

    done = await asyncio.gather(*(blocking.run(migrate, metadata) for metadata in both))

    migrate(embedded)
    tables = [await metadata.read(_tables) for metadata in (*both, embedded)]
    blocking.close()
    for metadata in (*both, embedded):
        metadata.close()
    assert sorted(done) == [False, True]
    assert tables[0] == tables[1] == tables[2]


def _tables(connection: sa.Connection) -> dict[str, set[str]]:
    found = sa.inspect(connection)
    return {name: {column["name"] for column in found.get_columns(name)} for name in found.get_table_names()}


async def test_tokens_are_stored(url: str, start_host: Callable[..., Awaitable[Host]]) -> None:
    """Tokens are written and read, also after a restart."""
    host = await start_host("auth", metadata__url=url)
    clients = host.clients("test").acting(Scope.service("test", "t", "p"))

    made = await clients.auth.CreateToken(auth_pb2.CreateTokenRequest(principal="user:ada", roles=["viewer"], projects=["t/p"]))

    listed = await clients.auth.ListTokens(auth_pb2.ListTokensRequest())
    assert [token.token_id for token in listed.tokens] == [made.token.token_id]
