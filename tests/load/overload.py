"""What becomes of a platform that is pushed ten times more than it takes?

    python -m tests.load.overload [--seconds 120] [--factor 10] [--piece-bytes 65536] [--out FILE]

It measures first what the machine takes, with a few patient clients; then it offers a multiple of that for the given time, each client
on a timetable of its own and without mercy: what is refused is gone, as a device's is. Then it waits until nothing is uncommitted, and
accounts for every acknowledged record. Figures are printed as JSON; invariants that don't hold end it with an error:

- every acknowledged push is committed, and its records are canonical, duplicates or quarantined;
- what is refused says when to come back, and nothing else than a refusal is ever answered;
- the service host stays within ``--rss-mib``.
"""

import argparse
import asyncio
import functools
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from .installation import DATASET, Installation, installation

MIB = 1024 * 1024
# Of a client's connection pool; the edge lets fewer through, which is what is tried.
_CLIENTS_MAX = 256
_SAMPLE_EVERY_S = 1.0
_DRAIN_S_MAX = 900.0
_OK, _COME_BACK = 200, 429


@dataclass
class Tally:
    """Counts of the answers to clients."""

    acknowledged: dict[str, int] = field(default_factory=dict[str, int])
    """Records of each acknowledged push, by its work key."""
    records: int = 0
    latencies_s: list[float] = field(default_factory=list[float])
    """Of acknowledged pushes, from the moment that the client began to send."""
    behind_edge_s: list[float] = field(default_factory=list[float])
    """The same, as the edge saw it: without its own work, authorization, and what a starved client adds."""
    answers: Counter[str] = field(default_factory=Counter[str])
    untimed_refusals: int = 0
    """Refusals without a time to come back."""
    offered: int = 0


@dataclass
class Peak:
    """The largest values that were observed."""

    host_rss_bytes: int = 0
    edge_rss_bytes: int = 0
    inbox_pushes: int = 0


_MARK = b"@@@@@@@@@"
"""Where a push's number goes; of the number's length, so that all pushes have one size."""


@functools.cache
def _template(size_bytes: int) -> tuple[bytes, int]:
    lines: list[str] = []
    size = 0
    while size < size_bytes:
        index = len(lines)
        amount = '"none"' if index % 97 == 0 else f'"{index % 1000}.25"'
        line = (
            f'{{"id":"s-{_MARK.decode()}-{index}","timestamp":"2026-02-{index % 28 + 1:02}T12:00:00Z",'
            f'"totals":{{"amount":{amount},"currency":"EUR"}},"customer":{{"id":"c-{index % 50}"}},"note":"{"x" * 60}"}}\n'
        )
        lines.append(line)
        size += len(line)
    return "".join(lines).encode(), len(lines)


def body(number: int, size_bytes: int) -> tuple[bytes, int]:
    """Return one push of distinct sales, a few of them invalid, and its number of records."""
    text, records = _template(size_bytes)
    return text.replace(_MARK, b"%09d" % number), records


async def push(client: httpx.AsyncClient, url: str, number: int, size_bytes: int, tally: Tally) -> bool:
    """Push once, and count the answer."""
    content, records = body(number, size_bytes)
    tally.offered += 1
    sent_s = 0.0

    async def traced(_: str, __: dict[str, Any]) -> None:
        # The first thing that happens on a connection: until then the request waited in this client's own pool.
        nonlocal sent_s
        sent_s = sent_s or time.monotonic()

    try:
        answer = await client.post(url, content=content, extensions={"trace": traced})
    except httpx.TransportError as failure:
        # No answer is no acknowledgement, and nothing that a client is promised.
        tally.answers[type(failure).__name__] += 1
        return False
    tally.answers[str(answer.status_code)] += 1
    if answer.status_code != _OK:
        tally.untimed_refusals += answer.status_code == _COME_BACK and "retry-after" not in answer.headers
        return False
    tally.latencies_s.append(time.monotonic() - sent_s)
    tally.behind_edge_s.append(float(answer.headers["x-envoy-upstream-service-time"]) / 1000)
    tally.acknowledged[answer.json()["work_key"]] = int(answer.json()["records_received"])
    if int(answer.json()["records_received"]) != records:
        raise AssertionError(f"push {number}: {records} records sent, {answer.json()['records_received']} received")
    tally.records += records
    return True


async def patient(client: httpx.AsyncClient, url: str, first: int, seconds: float, size_bytes: int, tally: Tally) -> None:
    """Push one after the other and wait for each commit, to measure the sustained rate."""
    ends, number = time.monotonic() + seconds, first
    while time.monotonic() < ends:
        if not await push(client, f"{url}?wait=committed", number, size_bytes, tally):
            await asyncio.sleep(1)
        number += 1


async def push_on_a_timetable(
    client: httpx.AsyncClient, url: str, first: int, seconds: float, a_second: float, size_bytes: int, tally: Tally
) -> None:
    """Push at fixed times whatever the answers are, with as many requests at once as there are connections."""
    began_s, sent = time.monotonic(), 0
    under_way: set[asyncio.Task[bool]] = set()
    while (now_s := time.monotonic() - began_s) < seconds:
        due = int(now_s * a_second) - sent
        for _ in range(min(due, _CLIENTS_MAX - len(under_way))):
            under_way.add(asyncio.create_task(push(client, url, first + sent, size_bytes, tally)))
            sent += 1
        if due > 0 and len(under_way) >= _CLIENTS_MAX:
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(min(0.05, 1 / a_second))
        for task in [task for task in under_way if task.done()]:
            under_way.discard(task)
            task.result()
    await asyncio.gather(*under_way)


async def watch(platform: Installation, peak: Peak) -> None:
    """Record the sizes of the processes and of the inbox, until cancelled."""
    while True:
        usage = await asyncio.to_thread(platform.usage)
        peak.host_rss_bytes = max(peak.host_rss_bytes, usage.host_rss_bytes)
        peak.edge_rss_bytes = max(peak.edge_rss_bytes, usage.edge_rss_bytes)
        try:
            inbox = await asyncio.to_thread(platform.inbox)
            peak.inbox_pushes = max(peak.inbox_pushes, inbox["landed"] + inbox["taken"])
        except (RuntimeError, httpx.TransportError):
            # The edge refuses more than it can pass on; the next look will do.
            pass
        await asyncio.sleep(_SAMPLE_EVERY_S)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float) -> float:
    """Wait for a condition, and return the time that it took."""
    began_s = time.monotonic()
    while not await condition():
        if time.monotonic() - began_s > seconds:
            raise AssertionError(f"not within {seconds} s")
        await asyncio.sleep(0.2)
    return time.monotonic() - began_s


async def overload(platform: Installation, *, seconds: float, factor: float, piece_bytes: int, calibration_s: float) -> dict[str, Any]:
    """Measure the sustained rate, overload, wait for the commits, account for the records."""
    url, peak = platform.ingest_url, Peak()
    limits = httpx.Limits(max_connections=_CLIENTS_MAX, max_keepalive_connections=_CLIENTS_MAX)
    headers = platform.headers | {"Content-Type": "application/x-ndjson"}
    async with httpx.AsyncClient(headers=headers, timeout=120, limits=limits, trust_env=False) as client:
        calm, stormy, after = Tally(), Tally(), Tally()
        await asyncio.gather(*(patient(client, url, n * 1_000_000, calibration_s, piece_bytes, calm) for n in range(8)))
        a_second = max(1.0, len(calm.acknowledged) / calibration_s)
        watching = asyncio.create_task(watch(platform, peak))
        await push_on_a_timetable(client, url, 100_000_000, seconds, a_second * factor, piece_bytes, stormy)

        async def taken() -> bool:
            # Recovered: a client that comes now is served at once, as before.
            return await push(client, url, 200_000_000 + after.offered, piece_bytes, after)

        recovery_s = await until(taken, _DRAIN_S_MAX)

        async def empty() -> bool:
            inbox = await asyncio.to_thread(platform.inbox)
            return not inbox["landed"] and not inbox["taken"]

        drain_s = await until(empty, _DRAIN_S_MAX)
        watching.cancel()
        accounted = await account(client, platform, (calm, stormy, after))
    latencies_s, behind_edge_s = sorted(stormy.latencies_s), sorted(stormy.behind_edge_s)
    return {
        "offered_pushes_a_second": round(a_second * factor, 1),
        "took_pushes_a_second_before": round(a_second, 1),
        "seconds": seconds,
        "piece_bytes": piece_bytes,
        "offered": stormy.offered,
        "acknowledged": len(stormy.acknowledged),
        "acknowledged_records": stormy.records,
        "answers": dict(stormy.answers),
        "refusals_without_a_time": stormy.untimed_refusals,
        "latency_p50_ms": round(_percentile(latencies_s, 0.50) * 1000),
        "latency_p99_ms": round(_percentile(latencies_s, 0.99) * 1000),
        "latency_max_ms": round(latencies_s[-1] * 1000) if latencies_s else 0,
        "behind_edge_p99_ms": round(_percentile(behind_edge_s, 0.99) * 1000),
        "behind_edge_max_ms": round(behind_edge_s[-1] * 1000) if behind_edge_s else 0,
        "host_rss_peak_mib": round(peak.host_rss_bytes / MIB),
        "edge_rss_peak_mib": round(peak.edge_rss_bytes / MIB),
        "inbox_pushes_peak": peak.inbox_pushes,
        "recovery_s": round(recovery_s, 2),
        "drain_s": round(drain_s, 2),
        **accounted,
    }


async def account(client: httpx.AsyncClient, platform: Installation, tallies: tuple[Tally, ...]) -> dict[str, int]:
    """Compare every acknowledged record with the runs' counts and the dataset."""
    records = sum(tally.records for tally in tallies)
    counts: Counter[str] = Counter()
    token = ""
    while True:
        answer = await client.get(f"{platform.url}/v1/runs", params={"page_size": 500, **({"page_token": token} if token else {})})
        answer.raise_for_status()
        for run in answer.json().get("runs", []):
            run_counts: dict[str, str] = run.get("counts") or {}
            counts.update({name: int(number) for name, number in run_counts.items()})
        token = answer.json().get("next_page_token", "")
        if not token:
            break
    rows = int((await client.get(f"{platform.url}/v1/datasets/{DATASET}")).json()["rows"])
    inbox = await asyncio.to_thread(platform.inbox)
    ended = counts["canonical"] + counts["duplicates"] + counts["quarantined"]
    return {
        "acknowledged_in_all": records,
        "accounted_in_all": ended,
        "dataset_rows": rows,
        "canonical": counts["canonical"],
        "held": inbox["held"],
    }


def faults(found: dict[str, Any], rss_mib: int) -> list[str]:
    """Return every invariant that does not hold."""
    refused = {status for status in found["answers"] if status not in ("200", "429", "503")}
    broken: list[str] = []
    # A push whose answer got lost is committed and not acknowledged, so there may be more than was promised, and never less.
    if found["accounted_in_all"] < found["acknowledged_in_all"]:
        broken.append("acknowledged records are missing")
    if found["dataset_rows"] != found["canonical"]:
        broken.append("the dataset holds another number of rows than the runs say")
    if found["held"]:
        broken.append("pushes are held back")
    if found["refusals_without_a_time"]:
        broken.append("refusals don't say when to come back")
    if refused:
        broken.append(f"clients saw more than refusals: {sorted(refused)}")
    if found["host_rss_peak_mib"] > rss_mib:
        broken.append(f"the service host took {found['host_rss_peak_mib']} MiB")
    return broken


def _percentile(ordered: list[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def main() -> None:
    """Run the long load test."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--seconds", type=float, default=120)
    ask.add_argument("--calibration-seconds", type=float, default=20)
    ask.add_argument("--factor", type=float, default=10)
    ask.add_argument("--piece-bytes", type=int, default=65_536)
    ask.add_argument("--rss-mib", type=int, default=1_500)
    ask.add_argument("--out", type=Path)
    given = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="chartly-overload-") as folder, installation(Path(folder)) as platform:
        found = asyncio.run(
            overload(
                platform,
                seconds=given.seconds,
                factor=given.factor,
                piece_bytes=given.piece_bytes,
                calibration_s=given.calibration_seconds,
            )
        )
    broken = faults(found, given.rss_mib)
    text = json.dumps(found | {"broken": broken}, indent=1) + "\n"
    sys.stdout.write(text)
    if given.out:
        given.out.write_text(text, "utf-8")
    if broken:
        raise SystemExit("; ".join(broken))


if __name__ == "__main__":
    main()
