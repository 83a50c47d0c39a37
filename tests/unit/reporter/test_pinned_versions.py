"""Which version of each dataset a report reads."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import ListValue

from chartly.contracts import ContractStore
from chartly.platform.identity.scope import Scope
from chartly.reporter.domain.inputs import LAST, pinned_versions
from chartly.reporter.domain.result import Input, report_id
from chartly.reporter.errors import ReportRequestInvalid
from chartly.reporter.report_maker import ReportMaker
from chartly.v1 import analytics_pb2, dataset_pb2


def given(dataset: str, version: int | None = None) -> dict[str, Any]:
    """Return an input of a report."""
    return {"dataset": dataset} if version is None else {"dataset": dataset, "version": version}


@pytest.mark.parametrize(
    ("inputs", "versions"),
    [
        ([given("a"), given("b", 2)], {"a": LAST, "b": 2}),
        ([given("a"), given("a")], {"a": LAST}),
        ([given("a"), given("a", 3)], {"a": 3}),
        ([given("a", 3), given("a"), given("a", 3)], {"a": 3}),
    ],
)
def test_inputs_of_one_dataset_have_one_version(inputs: list[dict[str, Any]], versions: dict[str, int]) -> None:
    """An input without a version reads the version that another input of its dataset names, else the last one."""
    assert pinned_versions(inputs) == versions


@pytest.mark.parametrize("inputs", [[given("a", 1), given("a", 2)], [given("b"), given("a", 0)]])
def test_versions_that_a_report_cannot_read_are_refused(inputs: list[dict[str, Any]]) -> None:
    """Two versions of one dataset, and version 0, are refused with the place of the input."""
    with pytest.raises(ReportRequestInvalid) as refused:
        pinned_versions(inputs)
    assert [violation.field for violation in refused.value.violations] == ["request.inputs.1.version"]


class GrowingDataset:
    """Clients of a dataset that gets a new version after each opening."""

    def __init__(self) -> None:
        self.dataset = self.analytics = self
        self.opened = 0
        self.read: list[dict[str, int]] = []

    async def OpenSnapshot(self, request: dataset_pb2.OpenSnapshotRequest) -> dataset_pb2.OpenSnapshotResponse:
        """Open the last version."""
        self.opened += 1
        return dataset_pb2.OpenSnapshotResponse(dataset=request.dataset, version=self.opened, content_hash=f"sha256:{self.opened}")

    async def Query(self, request: analytics_pb2.QueryRequest) -> analytics_pb2.QueryResponse:
        """Record the versions that a query reads."""
        self.read.append(dict(request.versions))
        return analytics_pb2.QueryResponse(rows=[ParseDict(cast("Any", [3]), ListValue())])


class StoredReports:
    """A store that has each report already."""

    async def get(self, scope: Scope, report_id: str) -> str:
        """Return the id in place of the report."""
        assert scope.project == "proj-sales"
        return report_id


async def test_inputs_of_a_growing_dataset_are_read_at_one_version() -> None:
    """Two inputs over one dataset are one snapshot, and every query names its version."""
    clients = GrowingDataset()
    maker = ReportMaker(cast("Any", clients), cast("Any", StoredReports()), ContractStore.packaged(), 8)
    request = {
        "name": "twice",
        "title": "Twice",
        "inputs": [{"alias": "a", "dataset": "d"}, {"alias": "b", "dataset": "d"}],
        "joins": [{"left": "a", "right": "b", "on": [{"left": "x", "right": "x"}]}],
    }
    found = await maker.make(Scope.service("reporter", "tenant-demo", "proj-sales"), request, datetime(2026, 2, 2, tzinfo=UTC))
    inputs = [Input(alias, "d", 1, "sha256:1", 3) for alias in ("a", "b")]
    assert cast("Any", found) == report_id(request, inputs)
    assert (clients.opened, clients.read) == (1, [{"d": 1}])
