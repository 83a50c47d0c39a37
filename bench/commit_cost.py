"""Does the cost of a commit grow with its dataset? Batches of 10,000 new keys against datasets of 10 thousand, 1 million, 10 million keys.

usage: commit_cost.py [--rounds N] [--existing N,N,N] [--data DIR [--as-is]]

One storage process, over gRPC, with durable commits. They are loaded by the same commits, in large chunks. Then each dataset gets one
batch in turn, so that other load on the machine affects all alike. A data directory given by ``--data`` is kept, and loading continues
where it ended; with ``--as-is`` the datasets are measured at their present size. Writes ``bench/results/commit_cost.json``.
"""

import argparse
import asyncio
import hashlib
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import machine
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from chartly.native import digest_many
from chartly.platform.clock import SystemClock
from chartly.platform.config import Config, load
from chartly.platform.errors import RemoteError
from chartly.platform.host import serve
from chartly.platform.identity.scope import Scope
from chartly.platform.identity.tokens import InternalTokens, internal_key
from chartly.platform.rpc.clients import Channels, Clients
from chartly.v1 import commit_pb2, common_pb2, dataset_pb2

RESULT = Path(__file__).parent / "results" / "commit_cost.json"
BATCH = 10_000
# Records of one chunk while loading; the memory for its columns is small at this size.
CHUNK = 250_000
READY_S = 120.0


def rows(dataset: str, first: int, count: int) -> pa.Table:
    """Return accepted records as a plan writes them, each with a key of its own."""
    numbers = range(first, first + count)
    keys = pa.array(digest_many(pa.array([f"{dataset}/{number}" for number in numbers])))
    ids = pa.array(["sha256:" + hashlib.sha256(b"%d" % number).hexdigest() for number in numbers])
    return pa.table(
        {
            "amount": pa.array([number % 1000 / 4 for number in numbers]),
            "customer_id": pa.array([f"c{number % 9973}" for number in numbers]),
            "event_id": pa.array([f"sale_{number:09d}" for number in numbers]),
            "record_id": ids,
            "idempotency_key": keys,
            "raw_line": pa.array(range(1, count + 1), pa.int64()),
            "raw_offset": pa.array(range(0, count * 100, 100), pa.int64()),
            "raw_length": pa.array([99] * count, pa.int64()),
            "type": pa.array(["sales.event"] * count),
        }
    )


class Store:
    """A storage process and its client."""

    def __init__(self, data: str) -> None:
        self.config: Config = load(environment={}, overrides={"data_dir": data})
        self.channels = Channels(self.config)
        tokens = InternalTokens(internal_key(self.config), SystemClock(), self.config.limits.internal_token_s)
        scope = Scope.service("normalizer", "tenant-bench", "proj-bench")
        self.clients = Clients("normalizer", self.config, self.channels, tokens).acting(scope)
        self.process: psutil.Process | None = None
        self._child: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process and wait until it answers."""
        self._child = await asyncio.create_subprocess_exec(sys.executable, __file__, "--serve", self.config.data_dir)
        self.process = psutil.Process(self._child.pid)
        async with asyncio.timeout(READY_S):
            while True:
                try:
                    await self.clients.dataset.GetStorageUsage(dataset_pb2.GetStorageUsageRequest())
                except RemoteError:
                    await asyncio.sleep(0.1)
                else:
                    return

    async def stop(self) -> None:
        """Stop it."""
        if self._child is not None:
            self._child.terminate()
            await self._child.wait()
        await self.channels.close()

    def cpu_s(self) -> float:
        """Return the CPU seconds that the process has used."""
        times = self._running().cpu_times()
        return times.user + times.system

    def rss_mb(self) -> int:
        """Return the resident memory of the process in MB."""
        return self._running().memory_info().rss >> 20

    def _running(self) -> psutil.Process:
        if self.process is None:
            raise SystemExit("the store is not started")
        return self.process

    async def rows(self, dataset: str) -> int:
        """Return the rows of a dataset; 0 before it exists."""
        try:
            return (await self.clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset=dataset))).rows
        except RemoteError as refused:
            if refused.remote_reason != "DATASET_UNKNOWN":
                raise
            return 0

    async def commit(self, dataset: str, first: int, count: int) -> tuple[float, float]:
        """Commit records; return elapsed and CPU seconds from the request for a ticket to the receipt, without staging."""
        work_key = hashlib.sha256(f"{dataset}/{first}".encode()).hexdigest()
        request = commit_pb2.BeginWriteRequest(work_key=work_key, dataset=dataset, mode=commit_pb2.WRITE_MODE_APPEND)
        begun = await self.clients.commit.BeginWrite(request)
        pq.write_table(rows(dataset, first, count), Path(unquote(urlsplit(begun.staging_uri).path)) / "accepted.parquet")
        origin = commit_pb2.ChunkOrigin(
            source_id="bench",
            raw=common_pb2.RawRef(sha256=work_key),
            normalizer=common_pb2.FrozenProfile(ref="global::normalizer/bench@1.0.0", hash=f"sha256:{work_key}"),
            records_in=count,
            dedupe_policy="quarantine",
        )
        cpu_s, began_s = self.cpu_s(), time.perf_counter()
        answer = await self.clients.commit.CommitWrite(
            commit_pb2.CommitWriteRequest(ticket=begun.ticket, accepted_file="accepted.parquet", origin=origin), timeout=600
        )
        if answer.receipt.counts.canonical != count:
            raise SystemExit(f"{dataset}: {answer.receipt.counts.canonical} of {count} records were new")
        return time.perf_counter() - began_s, self.cpu_s() - cpu_s


async def measure(data: str, existing: list[int], rounds: int, *, as_is: bool) -> dict[str, Any]:
    """Load the datasets, then commit batches to them in turn."""
    store = Store(data)
    await store.start()
    try:
        loaded: dict[int, float] = {}
        held: dict[int, int] = {}
        for keys in existing:
            began_s, held[keys] = time.perf_counter(), await store.rows(f"keys-{keys}")
            for first in range(held[keys], 0 if as_is else keys, CHUNK):
                await store.commit(f"keys-{keys}", first, min(CHUNK, keys - first))
            loaded[keys], held[keys] = time.perf_counter() - began_s, await store.rows(f"keys-{keys}")
            print(f"{held[keys]:>12,} keys loaded in {loaded[keys]:.0f} s, RSS {store.rss_mb()} MB", flush=True)
        found: dict[int, list[tuple[float, float]]] = {keys: [] for keys in existing}
        rss: dict[int, int] = {}
        for turn in range(rounds + 1):
            for keys in existing:
                taken = await store.commit(f"keys-{keys}", held[keys] + turn * BATCH, BATCH)
                rss[keys] = max(rss.get(keys, 0), store.rss_mb())
                # The first batch of each dataset opens table and index.
                if turn:
                    found[keys].append(taken)
        return {"rows": {str(held[keys]): row(found[keys], loaded[keys], rss[keys]) for keys in existing}}
    finally:
        await store.stop()


def row(taken: list[tuple[float, float]], loaded_s: float, rss_mb: int) -> dict[str, Any]:
    """Summarize the batches of one dataset."""
    wall, cpu = [wall for wall, _ in taken], [cpu for _, cpu in taken]
    return {
        "wall_s": round(statistics.median(wall), 4),
        "cpu_s": round(statistics.median(cpu), 4),
        "wall_s_least": round(min(wall), 4),
        "cpu_s_least": round(min(cpu), 4),
        "wall_s_most": round(max(wall), 4),
        "rss_mb": rss_mb,
        "loaded_s": round(loaded_s, 1),
    }


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--existing", default="10000,1000000,10000000")
    parser.add_argument("--data", default="")
    parser.add_argument("--as-is", action="store_true")
    parser.add_argument("--serve", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        asyncio.run(serve(load(environment={}, overrides={"data_dir": asked.serve}), ["storage"]))
        return
    existing = [int(keys) for keys in asked.existing.split(",")]
    if asked.data:
        result = asyncio.run(measure(asked.data, existing, asked.rounds, as_is=asked.as_is))
    else:
        with tempfile.TemporaryDirectory(prefix="chartly-bench-") as data:
            result = asyncio.run(measure(data, existing, asked.rounds, as_is=False))
    rows_found = result["rows"]
    base = next(iter(rows_found.values()))
    for each in rows_found.values():
        each |= {f"{kind}_ratio": round(each[kind] / base[kind], 2) for kind in ("wall_s", "cpu_s", "wall_s_least", "cpu_s_least")}
    recorded = {"machine": machine.described(), "load_average": os.getloadavg()[1], "batch": BATCH, "rounds": asked.rounds, **result}
    RESULT.write_text(json.dumps(recorded, indent=1) + "\n", "utf-8")
    for keys, each in rows_found.items():
        print(f"{int(keys):>12,}: {each['wall_s']:.3f} s, {each['cpu_s']:.3f} s CPU, {each['wall_s_ratio']}x, {each['cpu_s_ratio']}x CPU")


if __name__ == "__main__":
    main()
