"""The registry's stored data after a restart, with damage, and with a changed packaged version."""

from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope
from chartly.platform.rpc.clients import Clients
from chartly.profiles.packaged import texts
from chartly.registry.errors import PackagedChanged
from chartly.registry.store.tables import contracts, frozen, profiles
from chartly.v1 import registry_pb2 as pb

STORAGE = "tenant-demo/proj-sales::storage/sales-events@1.0.0"
DOCUMENT = texts()["domains/sales/storage-sales-events@1.0.0.yaml"]
Starter = Callable[..., Awaitable[Host]]


@pytest.fixture
async def host(start_host: Starter, engineer: Scope) -> Host:
    """Start a registry with one profile of the project that was resolved once."""
    assert engineer.name == "tenant-demo/proj-sales"
    started = await start_host("registry")
    clients = started.clients("test")
    await clients.registry.PutProfile(pb.PutProfileRequest(ref=STORAGE, document=DOCUMENT))
    await clients.registry.ResolveProfile(pb.ResolveProfileRequest(ref=STORAGE))
    return started


async def change(host: Host, statement: sa.Update) -> None:
    """Change rows of the registry's database directly, like a disk error."""
    await host.metadata.write(lambda connection: connection.execute(statement).rowcount)


async def reason_of(asked: Awaitable[object]) -> str:
    """Return the reason of a refused call."""
    with pytest.raises(RemoteError) as refused:
        await asked
    return refused.value.remote_reason


async def test_profiles_outlive_the_process(host: Host, start_host: Starter) -> None:
    """After a restart all profiles are there, and packaged ones are stored once."""
    before = await host.clients("test").registry.ListProfiles(pb.ListProfilesRequest())
    await host.stop()

    again = (await start_host("registry")).clients("test")
    after = await again.registry.ListProfiles(pb.ListProfilesRequest())

    assert after == before
    assert STORAGE in [profile.ref for profile in after.profiles]


async def test_damaged_document_is_never_resolved(host: Host) -> None:
    """A stored text with a changed letter is refused as damaged."""
    damaged = DOCUMENT.replace("retentionDays: 30", "retentionDays: 31")
    await change(host, profiles.update().where(profiles.c.namespace != "global").values(document=damaged))
    await host.metadata.write(lambda connection: connection.execute(frozen.delete()).rowcount)
    clients: Clients = host.clients("test")

    assert await reason_of(clients.registry.ResolveProfile(pb.ResolveProfileRequest(ref=STORAGE))) == "CORRUPT"


async def test_damaged_frozen_profile_is_never_served(host: Host) -> None:
    """A frozen profile that does not match its hash is refused."""
    clients: Clients = host.clients("test")
    resolved = await clients.registry.ResolveProfile(pb.ResolveProfileRequest(ref=STORAGE))
    await change(host, frozen.update().values(resolved_json=frozen.c.resolved_json + " "))

    assert await reason_of(clients.registry.GetFrozenProfile(pb.GetFrozenProfileRequest(hash=resolved.frozen.hash))) == "CORRUPT"


async def test_damaged_contract_is_never_served(host: Host) -> None:
    """A contract that does not match its hash is refused."""
    clients: Clients = host.clients("test")
    await clients.registry.PutContract(pb.PutContractRequest(name="tickets.ticket", schema_json='{"type": "object"}'))
    await change(host, contracts.update().values(schema_json='{"type":"string"}'))

    assert await reason_of(clients.registry.GetContract(pb.GetContractRequest(name="tickets.ticket"))) == "CORRUPT"


async def test_build_that_changed_a_packaged_version_does_not_start(host: Host, start_host: Starter) -> None:
    """A start with a packaged profile that changed under its version fails and names it."""
    await change(host, profiles.update().where(profiles.c.name == "loopback").values(content_hash="sha256:" + "0" * 64))
    await host.stop()

    with pytest.raises(PackagedChanged) as refused:
        await start_host("registry")

    assert refused.value.reference == "global::connector/loopback@1.0.0"
