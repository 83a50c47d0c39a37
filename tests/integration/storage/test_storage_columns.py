"""A chunk whose columns a dataset can't have is refused before its commit is decided, and the dataset goes on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chartly.platform.errors import RemoteError
from chartly.v1 import maintenance_pb2

from .conftest import Writer

FAILED_PRECONDITION = 9
TEXT: dict[str, Any] = {"type": "string"}


@pytest.mark.parametrize(
    ("extra", "contract", "said"),
    [
        ({"V": "$.customer"}, {"V": TEXT}, ("column=V", "dataset_column=v")),
        ({"v": {"const": 7}}, {"v": {"type": "integer"}}, ("column=v", "dataset_type=string", "chunk_type=int64")),
    ],
)
async def test_column_that_the_dataset_cannot_have_changes_nothing(
    writer: Writer, chunk: Callable[..., bytes], extra: dict[str, Any], contract: dict[str, Any], said: tuple[str, ...]
) -> None:
    """A second version of a profile maps V, or v with another type, onto a dataset with a text v: the refusal names both."""
    first = replace(writer, extra={"v": "$.customer"}, extra_contract={"v": TEXT})
    await first.push(chunk(0, 10))
    before = await writer.describe()

    with pytest.raises(RemoteError) as refused:
        await replace(writer, extra=extra, extra_contract=contract).push(chunk(10, 10) + b"\n")

    assert (refused.value.remote_code, refused.value.remote_reason) == (FAILED_PRECONDITION, "CONTRACT_VIOLATION")
    assert all(part in refused.value.message for part in said)
    assert await writer.describe() == before
    assert (await first.push(chunk(20, 5))).dataset_version == before.version + 1
    repaired = await writer.clients.maintenance.RepairDataset(maintenance_pb2.RepairDatasetRequest(dataset=writer.dataset))
    assert not repaired.faults
    assert not (await writer.check()).faults


@pytest.mark.parametrize("name", ["filename", "a.b", ".", "[0]", "ß", "SS", '"', "a b", "%41"])
async def test_column_of_any_other_name_is_stored_and_read(writer: Writer, chunk: Callable[..., bytes], name: str) -> None:
    """A name with dots, brackets, quotes or spaces is a column as any other: it is listed and filtered by."""
    named = replace(writer, extra={name: "$.customer"}, extra_contract={name: TEXT})
    await named.push(chunk(0, 7))

    listed = await writer.records(page_size=100)

    assert sorted(str(record.fields[name].string_value) for record in listed.records) == [f"c{number}" for number in range(7)]
    if '"' not in name:
        found = await writer.records(page_size=100, filter=f"{name}=c3")
        assert [record.fields["event_id"].string_value for record in found.records] == ["sale_000003"]
