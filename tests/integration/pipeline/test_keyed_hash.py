"""A profile with keyed hash steps on the running pipeline: the key is the project's secret, and no trace reveals it."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import yaml
from google.protobuf.json_format import MessageToDict

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.profiles.packaged import texts
from chartly.v1 import dataset_pb2, normalizer_pb2, registry_pb2

from .conftest import PROJECT, Pipeline, page, sale

StartHost = Callable[..., Awaitable[Host]]
SERVICES = ("registry", "storage", "audit", "normalizer")
KEYED = "normalizer/sales-keyed@1.0.0"
FIRST, SECOND = b"a key of thirty-two bytes, for us", b"another key, after it was changed"


def document() -> str:
    """The sales profile with its customer as a keyed hash."""
    profile = yaml.safe_load(texts()["domains/sales/normalizer-sales-default@1.1.0.yaml"])
    profile["metadata"] |= {"name": "sales-keyed", "version": "1.0.0"}
    step = {"op": "hmac", "secretRef": {"name": "pii", "key": "customers"}}
    profile["spec"].setdefault("mapping", {})["customer_id"] = {"path": "$.customer.id", "transforms": [step]}
    return yaml.safe_dump(profile)


@pytest.fixture
async def keyed(start_host: StartHost) -> Pipeline:
    """The pipeline with that profile, and no secret yet."""
    pipeline = Pipeline(await start_host(*SERVICES))
    await pipeline.put_domain("sales")
    await pipeline.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=f"{PROJECT}::{KEYED}", document=document()))
    return pipeline


def place_secret(folder: Path, value: bytes) -> None:
    """Store the project's secret where an operator stores it, in the installation of the test's folder."""
    path = folder / "data" / "secrets" / PROJECT / "pii" / "customers"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(value)


async def normalize(pipeline: Pipeline, number: int) -> normalizer_pb2.NormalizeResponse:
    """Normalize a page with one sale of customer c7."""
    return await pipeline.clients.normalizer.Normalize(
        normalizer_pb2.NormalizeRequest(
            run_id=f"run_{number}",
            source_id="sales-http",
            raw=await pipeline.put_blob(page([sale(number, customer={"id": "c7"})])),
            normalizer=await pipeline.frozen(KEYED),
            storage=await pipeline.frozen("storage/sales-events@1.0.0"),
            item_key=f"run_{number}/0",
        )
    )


async def customers(pipeline: Pipeline) -> set[str]:
    """Return the customers in the dataset."""
    listed = await pipeline.clients.dataset.ListDatasetRecords(dataset_pb2.ListDatasetRecordsRequest(dataset="sales-events", page_size=100))
    return {MessageToDict(record)["customer_id"] for record in listed.records}


async def test_key_is_the_projects_secret(keyed: Pipeline, tmp_path: Path) -> None:
    """The stored value is the HMAC with the secret; after a change of the secret the next chunk uses the new one."""
    place_secret(tmp_path, FIRST)
    await normalize(keyed, 1)
    assert await customers(keyed) == {hmac.new(FIRST, b"c7", hashlib.sha256).hexdigest()}

    place_secret(tmp_path, SECOND)
    await normalize(keyed, 2)
    assert await customers(keyed) == {hmac.new(key, b"c7", hashlib.sha256).hexdigest() for key in (FIRST, SECOND)}


async def test_missing_secret_is_named(keyed: Pipeline, tmp_path: Path) -> None:
    """Without the secret nothing is committed and the error names it; with it the same chunk is committed."""
    with pytest.raises(RemoteError) as refused:
        await normalize(keyed, 1)
    assert refused.value.remote_reason == "SECRET_MISSING"

    place_secret(tmp_path, FIRST)
    assert (await normalize(keyed, 1)).counts.canonical == 1


async def test_trace_does_not_use_the_key(keyed: Pipeline, tmp_path: Path) -> None:
    """A trace has no keyed hash, so callers who may explain records can't hash guesses with the key."""
    place_secret(tmp_path, FIRST)
    request = normalizer_pb2.ExplainRecordRequest(profile_ref=f"{PROJECT}::{KEYED}", record='{"id":"s1","customer":{"id":"c7"}}')
    trace = str(await keyed.clients.normalizer.ExplainRecord(request))

    assert "hmac" in trace
    assert hmac.new(FIRST, b"c7", hashlib.sha256).hexdigest() not in trace
