"""How many records per second does the whole platform process, from a push to the committed dataset and the ledger, compared with dlt?

    python bench/push_vs_dlt.py [--records 1000000] [--dlt-records 100000] [--repeats 2] [--piece-mib 16] [--parallel 4] [--no-write]

The sales job: the same file goes to `chartly up` by REST as NDJSON, every push with ``wait=committed``: raw bytes, canonical rows, dedupe
index, quarantine, metadata and ledger are on disk at the last answer. dlt loads the first part of the same file with a
contract of the same rules: to Parquet files, to DuckDB with its defaults, and to DuckDB merged by id. Its time is linear in its rows,
so a part is enough for its rate. It runs in a virtual environment of its own. Both use all cores; runs alternate, and the best of each
counts. CPU time is that of all processes, Envoy included. Writes ``bench/results/push_vs_dlt.json`` and a table of
``docs/explanation/performance.md``.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import machine
import measure
import peers
from report import PAGE, replaced

sys.path.insert(0, str(machine.ROOT))
from tests.load.installation import DATASET, Installation, installation

from chartly import native
from chartly.platform.config import Limits
from chartly.platform.json.lines import Cutter

RESULTS = machine.ROOT / "bench" / "results" / "push_vs_dlt.json"
DLT = "dlt[duckdb,parquet]==1.31.0"
DLT_NEEDS = (DLT, "orjson", "pydantic")
DESTINATIONS = ("filesystem", "duckdb", "merged")
MIB = 1024 * 1024
_COUNTS = ("records_in", "canonical", "duplicates", "quarantined")
_COME_BACK = 429


def main() -> None:
    """Measure in turn, compare, write."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--records", type=int, default=1_000_000, help="records that we take")
    ask.add_argument("--dlt-records", type=int, default=100_000, help="records that dlt loads")
    ask.add_argument("--repeats", type=int, default=2)
    ask.add_argument("--piece-mib", type=int, default=16, help="size of one push; the default is the largest that is accepted")
    ask.add_argument("--parallel", type=int, default=4, help="pushes under way at once")
    ask.add_argument("--input", type=Path, help="another input than the peers' sales file")
    ask.add_argument("--no-dlt", action="store_true")
    ask.add_argument("--no-write", action="store_true", help="print only")
    given = ask.parse_args()
    if not native.IS_RELEASE:
        raise SystemExit("chartly.native is a debug build: what it measures means nothing (build it with `make native`)")
    source = given.input or peers.sales_input()
    work = Path(tempfile.mkdtemp(prefix="chartly-bench-"))
    try:
        ours, theirs = work / "ours.ndjson", work / "theirs.ndjson"
        _head(source, ours, given.records)
        _head(source, theirs, given.dlt_records)
        runs: dict[str, list[dict[str, Any]]] = {}
        for repeat in range(given.repeats):
            runs.setdefault("chartly", []).append(push(ours, work / f"data-{repeat}", given.piece_mib * MIB, given.parallel))
            print("chartly", json.dumps(runs["chartly"][-1]), file=sys.stderr)
            for destination in () if given.no_dlt else DESTINATIONS:
                runs.setdefault(f"dlt, {destination}", []).append(_dlt(theirs, work / "dlt", destination))
                print("dlt", destination, json.dumps(runs[f"dlt, {destination}"][-1]), file=sys.stderr)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    facts = {"piece_mib": given.piece_mib, "parallel": given.parallel, "dlt": DLT}
    results = {"machine": machine.described(), "build": "release", **facts, "rows": {name: _best(each) for name, each in runs.items()}}
    table = _table(results)
    print(table)
    if not given.no_write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
        PAGE.write_text(replaced(PAGE.read_text("utf-8"), "push", table), "utf-8")


def push(source: Path, data: Path, piece_bytes: int, parallel: int) -> dict[str, Any]:
    """Push a file into a platform that was just started, and wait for its commit."""
    with installation(data) as running, httpx.Client(headers=running.headers, timeout=120, trust_env=False) as client:
        # A first push loads the libraries, so that no figure includes it.
        _send(client, running, next(_pieces(source, 100_000)))
        before, began_s = running.usage(), time.perf_counter()
        with ThreadPoolExecutor(parallel) as pool:
            answers = list(pool.map(partial(_send, client, running), _pieces(source, piece_bytes)))
        wall_s, after = time.perf_counter() - began_s, running.usage()
        answered = running.ask("GET", f"/v1/datasets/{DATASET}")
    counts = {
        name: sum(int(answer["counts"].get(name, 0)) for answer in answers)
        for name in ("records_in", "canonical", "duplicates", "quarantined")
    }
    if counts["records_in"] != sum(counts.values()) - counts["records_in"]:
        raise SystemExit(f"the counts leave records out: {counts}")
    records = counts["records_in"]
    rss_mb = round(after.host_rss_bytes / MIB)
    return {
        "records": records,
        "accepted": int(answered["rows"]),
        "wall_s": wall_s,
        "cpu_s": after.cpu_s - before.cpu_s,
        "rss_mb": rss_mb,
        **counts,
    }


def _send(client: httpx.Client, running: Installation, piece: bytes) -> dict[str, Any]:
    while True:
        answer = client.post(
            running.ingest_url, params={"wait": "committed"}, content=piece, headers={"Content-Type": "application/x-ndjson"}
        )
        if answer.status_code == _COME_BACK:
            time.sleep(float(answer.headers["Retry-After"]))
            continue
        answer.raise_for_status()
        answered = answer.json()
        if answered["state"] == "committed":
            return answered


def _pieces(source: Path, piece_bytes: int) -> Iterator[bytes]:
    cutter = Cutter(piece_bytes, piece_bytes, Limits().chunk_records_max)
    with source.open("rb") as file:
        while data := file.read(MIB):
            yield from cutter.feed(data)
    yield from cutter.rest()


def _dlt(source: Path, out: Path, destination: str) -> dict[str, Any]:
    python = _environment()
    measured = measure.run([python, Path(__file__).with_name("dlt_load.py"), source, out, destination], core=None)
    return {**measured.figures, "rss_mb": measured.rss_mb}


def _environment() -> Path:
    """Return the Python of dlt's environment, which is created at the first use."""
    folder = peers.WORK / "dlt"
    python = folder / "bin" / "python"
    if not (folder / ".installed").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *DLT_NEEDS], check=True)
        (folder / ".installed").touch()
    return python


def _head(source: Path, target: Path, records: int) -> None:
    with source.open("rb") as lines, target.open("wb") as out:
        out.writelines(islice(lines, records))


def _best(runs: list[dict[str, Any]]) -> dict[str, Any]:
    best = min(runs, key=lambda run: run["wall_s"] / run["records"])
    cpu_s = min(run["cpu_s"] for run in runs)
    return best | {
        "cpu_s": cpu_s,
        "records_per_s": round(best["records"] / best["wall_s"]),
        "records_per_cpu_s": round(best["records"] / cpu_s),
        "spread_wall_s": [round(run["wall_s"], 2) for run in runs],
    }


def _table(results: dict[str, Any]) -> str:
    rows, host = results["rows"], results["machine"]
    changed = ", with changes" if host["dirty"] else ""
    text = f"{host['cpu']}, {host['cores']} cores; commit {host['commit']}{changed}; pushes of {results['piece_mib']} MiB, "
    text += f"{results['parallel']} at once; {results['dlt']}.\n\n"
    text += "| program | records | records/s | records per CPU second | peak RSS MB | accepted | ours is, by time | by CPU |\n"
    text += "|---|--:|--:|--:|--:|--:|--:|--:|\n"
    ours = rows["chartly"]
    for name, row in rows.items():
        by_time = "" if name == "chartly" else f"{ours['records_per_s'] / row['records_per_s']:.1f}x"
        by_cpu = "" if name == "chartly" else f"{ours['records_per_cpu_s'] / row['records_per_cpu_s']:.1f}x"
        text += f"| {name} | {row['records']:,} | {row['records_per_s']:,} | {row['records_per_cpu_s']:,} | {row['rss_mb']} "
        text += f"| {row['accepted']:,} | {by_time} | {by_cpu} |\n"
    return text


if __name__ == "__main__":
    main()
