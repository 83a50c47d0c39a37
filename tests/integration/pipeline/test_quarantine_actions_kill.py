"""A process is killed while records leave quarantine: each record is in the dataset once, and all counts agree."""

from collections.abc import Callable
from typing import Any

import pytest

from chartly.platform.errors import RemoteError
from chartly.storage.commit.failpoints import CommitFailpoint
from tests.integration.storage.test_storage_kill import start_process
from tests.integration.storage.test_storage_maintenance_kill import killed

from .conftest import PROJECT
from .test_quarantine_actions import ALL, NEW, SERVICES, QuarantineCase

__all__ = ["start_process"]

HOST = (f"services={','.join(SERVICES)}",)
POINTS = (CommitFailpoint.FILES_DURABLE, CommitFailpoint.ROW_PREPARED, CommitFailpoint.TABLE_COMMITTED, CommitFailpoint.ROW_COMMITTED)


@pytest.mark.parametrize("point", POINTS)
async def test_kill_while_records_come_back(point: CommitFailpoint, start_process: Callable[..., Any]) -> None:
    """After a kill at the failpoint and a retry, the same records are released, the counts add up, and the ledger has one entry."""
    process = await start_process(point.value, "2", *HOST)
    case = QuarantineCase.__new__(QuarantineCase)
    case.clients = process.clients
    await case.begin()
    await case.put_newer()
    with pytest.raises(RemoteError):
        await case.retry(filter=ALL, normalizer_ref=f"{PROJECT}::{NEW}")
    await killed(process)
    await process.start(*HOST)
    await case.retry(filter=ALL, normalizer_ref=f"{PROJECT}::{NEW}")

    dataset = await case.dataset()
    assert (dataset.rows, dataset.counts.canonical, dataset.counts.duplicates) == (5, 5, 0)
    assert (dataset.quarantine.released, dataset.quarantine.retried, dataset.quarantine.open) == (2, 2, 0)
    events = await case.events("quarantine.retried")
    assert sum(int(event["released"]) for event in events) == 2
