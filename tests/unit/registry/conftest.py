"""A registry over gRPC, and its callers."""

from collections.abc import Awaitable, Callable, Iterator

import pytest

from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.rpc.clients import Clients

Starter = Callable[..., Awaitable[Host]]


@pytest.fixture
def engineer() -> Iterator[Scope]:
    """Act as an engineer of tenant-demo/proj-sales."""
    scope = Scope("user:ada", "tenant-demo", "proj-sales", frozenset({"engineer"}))
    with scoped(scope):
        yield scope


@pytest.fixture
async def clients(start_host: Starter, engineer: Scope) -> Clients:
    """Start a registry and yield its clients."""
    return (await start_host("registry")).clients("test")
