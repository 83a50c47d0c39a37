"""Reports over gRPC: their data, their manifest and their files."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.v1 import reporter_pb2

from .conftest import Pipeline, page, sale
from .test_normalizer import SERVICES, normalize

StartHost = Callable[..., Awaitable[Host]]
REQUEST: dict[str, Any] = {
    "name": "by-currency",
    "title": "Sales by currency",
    "inputs": [{"alias": "sales", "dataset": "sales-events"}],
    "columns": [
        {"input": "sales", "field": "currency"},
        {"input": "sales", "field": "event_id", "as": "orders", "aggregate": "count"},
        {"input": "sales", "field": "amount", "as": "total", "aggregate": "sum"},
    ],
    "charts": [
        {"mark": "bar", "title": "Sales", "x": {"field": "currency", "type": "nominal"}, "y": {"field": "total", "type": "quantitative"}}
    ],
    "formats": ["csv"],
}


async def begun(start_host: StartHost) -> Pipeline:
    """Start the pipeline with three sales committed."""
    pipeline = Pipeline(await start_host(*SERVICES, "analytics", "reporter"))
    await pipeline.put_domain("sales")
    euro = sale(3, totals={"amount": "2.50", "currency": "EUR"})
    await normalize(pipeline, await pipeline.put_blob(page([sale(1), sale(2), euro])), "run_1", "run_1/0")
    return pipeline


async def create(pipeline: Pipeline, **changes: Any) -> reporter_pb2.Report:
    """Request the report."""
    return await pipeline.clients.reporter.CreateReport(reporter_pb2.CreateReportRequest(request=ParseDict(REQUEST | changes, Struct())))


async def test_report_has_its_rows_and_file_digests(start_host: StartHost) -> None:
    """A report's rows are the groups, and each file of the manifest exists with its digest."""
    pipeline = await begun(start_host)
    report = await create(pipeline)
    assert MessageToDict(report.result)["rows"] == [["EUR", 1.0, 2.5], ["USD", 2.0, 39.98]]
    files = MessageToDict(report.manifest)["files"]
    assert [file["path"] for file in files] == ["result.json", "result.csv", "charts/1.png"]
    for file in files:
        request = reporter_pb2.ExportReportRequest(report_id=report.report_id, artifact=file["path"])
        content = (await pipeline.clients.reporter.ExportReport(request)).data
        assert hashlib.sha256(content).hexdigest() == file["sha256"]


async def test_the_same_request_over_the_same_version_is_the_same_report(start_host: StartHost) -> None:
    """A repeated request returns the same report until the dataset has a new version."""
    pipeline = await begun(start_host)
    first, again = await create(pipeline), await create(pipeline)
    assert (again.report_id, again.report_hash) == (first.report_id, first.report_hash)
    await normalize(pipeline, await pipeline.put_blob(page([sale(4)])), "run_1", "run_1/1")
    assert (await create(pipeline)).report_id != first.report_id


async def test_a_report_reads_the_version_that_it_names(start_host: StartHost) -> None:
    """A report over an older version has its rows, chart and counts of that version."""
    pipeline = await begun(start_host)
    before = await create(pipeline)
    await normalize(pipeline, await pipeline.put_blob(page([sale(4)])), "run_1", "run_1/1")

    after = await create(pipeline, inputs=[{"alias": "sales", "dataset": "sales-events", "version": 1}], title="Again")
    old, new = MessageToDict(before.result), MessageToDict(after.result)
    assert new["rows"] == old["rows"] == [["EUR", 1.0, 2.5], ["USD", 2.0, 39.98]]
    assert new["inputs"] == old["inputs"]
    charts = [MessageToDict(report.manifest)["files"][2]["sha256"] for report in (before, after)]
    assert charts[0] == charts[1]


@pytest.mark.parametrize("change", [{"version": 2}, {"dataset": "sales-event"}])
async def test_a_report_over_what_does_not_exist_is_not_found(start_host: StartHost, change: dict[str, Any]) -> None:
    """An unknown version and an unknown dataset are answered with DATASET_UNKNOWN."""
    pipeline = await begun(start_host)
    with pytest.raises(RemoteError) as refused:
        await create(pipeline, inputs=[{"alias": "sales", "dataset": "sales-events"} | change])
    assert refused.value.remote_reason == "DATASET_UNKNOWN"


async def test_a_report_with_another_title_has_another_hash(start_host: StartHost) -> None:
    """The hash covers the title; the same request has the same hash."""
    pipeline = await begun(start_host)
    first, again, other = await create(pipeline), await create(pipeline), await create(pipeline, title="Other")
    assert first.report_hash == again.report_hash
    assert other.report_hash != first.report_hash


async def test_a_request_that_breaks_its_contract_is_refused(start_host: StartHost) -> None:
    """The error of an invalid request names the field."""
    pipeline = await begun(start_host)
    with pytest.raises(RemoteError) as refused:
        await create(pipeline, columns=[{"input": "sales", "field": "nope"}])
    assert refused.value.remote_reason == "INVALID_REQUEST"
    assert [violation.field for violation in refused.value.violations] == ["request.columns.0"]
