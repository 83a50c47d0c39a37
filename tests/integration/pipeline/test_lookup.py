"""A profile that looks up a reference dataset at a fixed version, on the running pipeline."""

import re
from collections.abc import Awaitable, Callable

import pytest
import yaml

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.profiles.packaged import texts
from chartly.v1 import blob_pb2, dataset_pb2, normalizer_pb2, registry_pb2

from .conftest import PROJECT, Pipeline, page, sale

StartHost = Callable[..., Awaitable[Host]]
SERVICES = ("registry", "storage", "audit", "normalizer")
SALES = "normalizer/sales-default@1.1.0"
STORAGE = "storage/sales-events@1.0.0"
UNKNOWN_HASH = "sha256:" + "0" * 64


def document(version: str, table_hash: str, dataset_version: int = 1) -> str:
    """The sales profile with its currency looked up by the id of an earlier sale."""
    profile = yaml.safe_load(texts()["domains/sales/normalizer-sales-default@1.1.0.yaml"])
    profile["metadata"] |= {"name": "sales-lookup", "version": version}
    step = {
        "op": "lookup",
        "dataset": "sales-events",
        "version": dataset_version,
        "key": "event_id",
        "value": "currency",
        "hash": table_hash,
    }
    mapping = profile["spec"].setdefault("mapping", {})
    mapping["currency"] = {"path": "$.earlier", "transforms": [step]}
    mapping["event_id"] = "$.id"
    return yaml.safe_dump(profile)


async def normalize(pipeline: Pipeline, profile: str, content: bytes, item: str) -> normalizer_pb2.NormalizeResponse:
    """Normalize a page of sales by a profile."""
    return await pipeline.clients.normalizer.Normalize(
        normalizer_pb2.NormalizeRequest(
            run_id=item,
            source_id="sales-http",
            raw=await pipeline.put_blob(content),
            normalizer=await pipeline.frozen(profile),
            storage=await pipeline.frozen(STORAGE),
            item_key=f"{item}/0",
        )
    )


async def put(pipeline: Pipeline, version: str, table_hash: str, dataset_version: int = 1) -> str:
    """Store the profile with the lookup; return its reference."""
    name = f"normalizer/sales-lookup@{version}"
    request = registry_pb2.PutProfileRequest(ref=f"{PROJECT}::{name}", document=document(version, table_hash, dataset_version))
    await pipeline.clients.registry.PutProfile(request)
    return name


async def begun(start_host: StartHost) -> tuple[Pipeline, str]:
    """Start the pipeline with a dataset of two sales; return the hash of its table, which the error about a wrong hash names."""
    pipeline = Pipeline(await start_host(*SERVICES))
    await pipeline.put_domain("sales")
    euro = sale(2, totals={"amount": "1.00", "currency": "EUR"})
    answer = await normalize(pipeline, SALES, page([sale(1), euro]), "run_1")
    assert answer.dataset_version == 1
    with pytest.raises(RemoteError) as refused:
        await normalize(pipeline, await put(pipeline, "1.0.0", UNKNOWN_HASH), page([sale(9, earlier="sale_001")]), "run_2")
    assert refused.value.remote_reason == "PROFILE_INVALID"
    found = re.search(r"sha256:[0-9a-f]{64}", refused.value.remote_message)
    assert found is not None
    return pipeline, found[0]


async def currencies(pipeline: Pipeline) -> dict[str, str]:
    """Return the currency of each sale in the dataset."""
    listed = await pipeline.clients.dataset.ListDatasetRecords(dataset_pb2.ListDatasetRecordsRequest(dataset="sales-events", page_size=100))
    return {str(record["event_id"]): str(record["currency"]) for record in listed.records}


async def test_a_profile_looks_up_a_version_of_a_dataset(start_host: StartHost) -> None:
    """Values in the table are found, others are quarantined, and later versions of the dataset change nothing."""
    pipeline, table_hash = await begun(start_host)
    profile = await put(pipeline, "1.1.0", table_hash)
    records = [sale(3, earlier="sale_002"), sale(4, earlier="sale_001"), sale(5, earlier="sale_003")]
    first = await normalize(pipeline, profile, page(records), "run_3")
    assert (first.counts.canonical, first.counts.quarantined) == (2, 1)
    assert [found.reason for found in first.quarantine_reasons] == ["TRANSFORM_FAILED"]
    assert (await currencies(pipeline))["sale_003"] == "EUR"
    # By now the dataset has a sale_003, but not in the version that is looked up.
    again = await normalize(pipeline, profile, page([sale(6, earlier="sale_003")]), "run_4")
    assert (again.counts.canonical, again.counts.quarantined) == (0, 1)


async def test_the_table_is_frozen_under_its_hash(start_host: StartHost) -> None:
    """After its first use the table is a blob with its digest, so the dataset's version is not needed any more."""
    pipeline, table_hash = await begun(start_host)
    await normalize(pipeline, await put(pipeline, "1.1.0", table_hash), page([sale(3, earlier="sale_002")]), "run_3")
    content = b""
    async for part in pipeline.clients.blob.GetBlob(blob_pb2.GetBlobRequest(sha256=table_hash.removeprefix("sha256:"))):
        content += part.data
    assert content == b'{"sale_001":"USD","sale_002":"EUR"}'
    unheld = await put(pipeline, "1.2.0", table_hash, dataset_version=999)
    answer = await normalize(pipeline, unheld, page([sale(7, earlier="sale_001")]), "run_4")
    assert answer.counts.canonical == 1


async def test_a_version_that_is_not_there_is_refused(start_host: StartHost) -> None:
    """A lookup in a missing version is refused, and nothing is committed."""
    pipeline, _ = await begun(start_host)
    with pytest.raises(RemoteError) as refused:
        await normalize(pipeline, await put(pipeline, "1.3.0", UNKNOWN_HASH, dataset_version=999), page([sale(3)]), "run_3")
    assert refused.value.remote_reason == "DATASET_UNKNOWN"
    assert set(await currencies(pipeline)) == {"sale_001", "sale_002"}
