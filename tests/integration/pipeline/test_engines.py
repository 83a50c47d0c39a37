"""The two engines, local threads and Ray actors, make the same dataset of the same chunks."""

import json
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from chartly.normalizer.engine import Shard
from chartly.platform.host import Host
from chartly.v1 import dataset_pb2

from .conftest import Pipeline, page, sale
from .test_normalizer import SERVICES, counts, normalize

StartHost = Callable[..., Awaitable[Host]]


async def content_hash(start_host: StartHost, folder: Path, engine: str) -> tuple[str, list[dict[str, int]]]:
    """Normalize the same pages with one engine, and return the dataset's content hash."""
    pipeline = Pipeline(await start_host(*SERVICES, data_dir=str(folder), normalizer__engine=engine, normalizer__threads=2))
    await pipeline.put_domain("sales")
    found: list[dict[str, int]] = []
    for number in range(4):
        records = [sale(number * 50 + at, totals={"amount": f"{at}.25", "currency": "USD"}) for at in range(60)]
        raw = await pipeline.put_blob(page([*records, {"id": 7}]))
        found.append(counts(await normalize(pipeline, raw, "run_1", f"run_1/{number}")))
    dataset = await pipeline.clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset="sales-events"))
    assert dataset.rows == sum(found_counts["canonical"] for found_counts in found)
    return dataset.content_hash, found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(find_spec("ray") is None, reason="the extra chartly[ray] is not installed")
async def test_both_engines_give_the_same_dataset(start_host: StartHost, tmp_path: Path) -> None:
    """Content hash and counts are the same with both engines."""
    local = await content_hash(start_host, tmp_path / "local", "local")
    actors = await content_hash(start_host, tmp_path / "ray", "ray")
    assert actors == local
    assert local[0].startswith("sha256:"), json.dumps(local)


def test_a_shard_keeps_its_worker_when_one_is_added() -> None:
    """With rendezvous hashing only the new worker's shards move."""
    shards = [Shard("tenant-demo", f"source-{number}") for number in range(400)]
    moved = [shard for shard in shards if shard.worker(5) != shard.worker(4)]
    assert all(shard.worker(5) == 4 for shard in moved)
    assert 0 < len(moved) < len(shards) // 2
