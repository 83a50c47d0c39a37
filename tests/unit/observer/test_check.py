"""The consistency check with in-memory services: pages, bounds, and where the next check continues."""

import hashlib
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import cast

import pytest

from chartly.observer.check import ConsistencyCheck, ConsistencyReport, Position
from chartly.platform.clock import Clock
from chartly.platform.config import Config
from chartly.platform.rpc.clients import Clients
from chartly.v1 import audit_pb2, blob_pb2, dataset_pb2, maintenance_pb2

MakeConfig = Callable[..., Config]


class Ticking:
    """A clock that advances by one second at each reading."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic_s(self) -> float:
        """Return the time, and advance by one second."""
        self.now_s += 1
        return self.now_s


class Platform:
    """Ledger, datasets and blobs of one project in memory; it records the size of each answer."""

    def __init__(self, datasets: int, commits: int) -> None:
        self.names = [f"dataset-{number:03d}" for number in range(datasets)]
        self.commits = commits
        self.pages: list[int] = []
        self.tables: list[str] = []
        self.blobs: list[str] = []
        self.lost: set[str] = set()

    @property
    def clients(self) -> Clients:
        """The clients that a check uses."""
        return cast("Clients", SimpleNamespace(audit=self, dataset=self, maintenance=self, blob=self))

    def content(self, number: int) -> bytes:
        """The raw bytes of a commit."""
        return str(number).encode()

    async def ListDatasets(self, request: dataset_pb2.ListDatasetsRequest) -> dataset_pb2.ListDatasetsResponse:
        """Return a page of datasets."""
        start = int(request.page_token or 0)
        names = self.names[start : start + request.page_size]
        self.pages.append(len(names))
        token = str(start + len(names)) if start + len(names) < len(self.names) else ""
        datasets = [dataset_pb2.Dataset(dataset=name, version=self.commits, content_hash="sha256:x") for name in names]
        return dataset_pb2.ListDatasetsResponse(datasets=datasets, next_page_token=token)

    async def ListEvents(self, request: audit_pb2.ListEventsRequest) -> audit_pb2.ListEventsResponse:
        """Return a page of the ledger's entries."""
        total = len(self.names) * self.commits if request.type == "dataset.updated" else 0
        start = int(request.page_token or 0)
        numbers = range(start, min(start + request.page_size, total))
        self.pages.append(len(numbers))
        token = str(numbers.stop) if numbers.stop < total else ""
        return audit_pb2.ListEventsResponse(events=[self._event(number) for number in numbers], next_page_token=token)

    def _event(self, number: int) -> audit_pb2.AuditEvent:
        event = audit_pb2.AuditEvent(index=number, type="dataset.updated", subject=f"dataset/{self.names[number // self.commits]}")
        digest = hashlib.sha256(self.content(number)).hexdigest()
        event.details.update({"dataset_version": str(number % self.commits + 1), "content_hash": "sha256:x", "raw_sha256": digest})
        return event

    async def CheckDataset(self, request: maintenance_pb2.CheckDatasetRequest) -> maintenance_pb2.CheckDatasetResponse:
        """Return the check of a table."""
        self.tables.append(request.dataset)
        return maintenance_pb2.CheckDatasetResponse(version=self.commits, content_hash="sha256:x")

    async def GetBlob(self, request: blob_pb2.GetBlobRequest) -> AsyncIterator[blob_pb2.GetBlobResponse]:
        """Return the bytes of a blob."""
        self.blobs.append(request.sha256)
        number = next(n for n in range(len(self.names) * self.commits) if hashlib.sha256(self.content(n)).hexdigest() == request.sha256)
        yield blob_pb2.GetBlobResponse(data=b"other" if request.sha256 in self.lost else self.content(number))


async def check(
    platform: Platform, make_config: MakeConfig, position: Position | None = None, time_s: float = 1e9, **bounds: int
) -> ConsistencyReport:
    """Run one check."""
    config = make_config(**{f"observer__{name}": value for name, value in bounds.items()})
    clock = cast("Clock", Ticking())
    return await ConsistencyCheck(platform.clients, config, clock, position or Position(), time_s).run(verify_log=False)


async def test_everything_is_read_in_pages(make_config: MakeConfig) -> None:
    """All datasets, entries, tables and blobs are read, and no answer is longer than a page."""
    platform = Platform(datasets=5, commits=7)
    report = await check(platform, make_config, check_page_size=3)
    assert (report.datasets, report.commits, report.blobs, report.complete) == (5, 35, 35, True)
    assert report.findings == []
    assert max(platform.pages) == 3
    assert platform.tables == platform.names


async def test_finding_of_a_blob_names_dataset_version_and_digest(make_config: MakeConfig) -> None:
    """A blob with changed bytes is reported with its commit."""
    platform = Platform(datasets=2, commits=2)
    digest = hashlib.sha256(platform.content(3)).hexdigest()
    platform.lost.add(digest)
    (finding,) = (await check(platform, make_config)).findings
    assert (finding.dataset, finding.version, finding.place) == ("dataset-001", 2, f"blob {digest}")


async def test_datasets_beyond_the_bound_are_left_out(make_config: MakeConfig) -> None:
    """A check of as many datasets as the bound is complete; with one more it is incomplete and reports no unread dataset."""
    assert (await check(Platform(datasets=3, commits=1), make_config, check_datasets_max=3)).complete
    report = await check(Platform(datasets=4, commits=1), make_config, check_datasets_max=3)
    assert (report.datasets, report.complete, report.findings) == (3, False, [])


async def test_blobs_beyond_the_bound_are_the_next_check_s(make_config: MakeConfig) -> None:
    """A check hashes at most the bound's number of blobs; consecutive checks hash each blob once."""
    platform, position = Platform(datasets=1, commits=10), Position()
    reports = [await check(platform, make_config, position, check_blobs_max=4, check_page_size=2) for _ in range(3)]
    assert [report.blobs for report in reports] == [4, 4, 2]
    assert [report.complete for report in reports] == [False, False, False]
    assert len(set(platform.blobs)) == len(platform.blobs) == 10
    assert position == Position()


@pytest.mark.parametrize("time_s", [8, 12])
async def test_tables_beyond_the_time_are_the_next_check_s(make_config: MakeConfig, time_s: int) -> None:
    """A check ends after its time; the next one continues after the last table."""
    platform, position = Platform(datasets=20, commits=1), Position()
    report = await check(platform, make_config, position, time_s=time_s)
    assert not report.complete
    read = len(platform.tables)
    assert 0 < read < 20
    await check(platform, make_config, position, time_s=time_s)
    assert platform.tables == platform.names[: len(platform.tables)]
    assert len(platform.tables) > read


async def test_no_time_reads_nothing(make_config: MakeConfig) -> None:
    """A check without time is incomplete, and calls no service."""
    platform = Platform(datasets=1, commits=1)
    report = await check(platform, make_config, time_s=0)
    assert (report.complete, platform.pages) == (False, [])
