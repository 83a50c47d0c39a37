"""How fast is ``chartly normalize`` compared with other programs for its job, and how do its formats, threads and input shapes compare?

    python bench/normalize_vs_peers.py [--repeats 5] [--peers a,b] [--core 1] [--no-write]

The sales job: a million records of 241 bytes, 1 % invalid; parse, map, transform, validate, canonicalize, hash, write. Our runs and
those of the peers alternate, so that other load affects all alike. Each figure is the best CPU time of the job's runs, as each
program measures it. Writes ``bench/results/normalize_vs_peers.json`` and the tables of ``docs/explanation/performance.md``.
"""

import argparse
import hashlib
import json
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import inputs
import machine
import measure
import peers
from report import write_tables

from chartly import native

RESULTS = machine.ROOT / "bench" / "results" / "normalize_vs_peers.json"
SALES_PROFILE = Path(__file__).with_name("sales.yaml")
ACCEPTED = "accepted.ndjson"
# Our ids start with the digest's name; peers write the digest only.
ID_HEAD, PEERS_ID_HEAD = b'"record_id":"sha256:', b'"record_id":"'


@dataclass
class Row:
    """One program on one input."""

    name: str
    command: list[str]
    parts: str
    env: dict[str, str] = field(default_factory=dict[str, str])
    threads: int = 1
    runs: list[measure.Measured] = field(default_factory=list[measure.Measured])
    sha256: str = ""

    @property
    def out(self) -> Path:
        """Return the output folder: an option of our program, the last argument of the peers."""
        return Path(self.command[self.command.index("--out") + 1] if "--out" in self.command else self.command[-1])

    def once(self, core: int) -> None:
        """Run the program once, into an empty folder: deleting an earlier run's output is not part of the job."""
        shutil.rmtree(self.out, ignore_errors=True)
        self.runs.append(measure.run(self.command, core=core if self.threads == 1 else None, env=self.env))

    def figure(self, key: str, peers_key: str) -> float:
        """Return a figure of the best run, by our name or the peers' name for it."""
        return min(float(run.figures.get(key, run.figures.get(peers_key, 0))) for run in self.runs)

    def result(self) -> dict[str, Any]:
        """Return the summary of all runs."""
        best = self.runs[0].figures
        records, size = int(best.get("records", best.get("n", 0))), int(best["bytes"])
        cpu_s, wall_s = self.figure("cpu_seconds", "cpu_s"), self.figure("wall_seconds", "wall_s")
        return {
            "records": records,
            "accepted": best["accepted"],
            "bytes": size,
            "cpu_s": cpu_s,
            "wall_s": wall_s,
            "records_per_cpu_s": round(records / cpu_s),
            "ns_per_record": round(cpu_s / records * 1e9, 1),
            "ns_per_kb": round(cpu_s / size * 1e12, 1),
            "process_cpu_s": round(min(run.process_cpu_s for run in self.runs), 3),
            "rss_mb": max(run.rss_mb for run in self.runs),
            "spread_cpu_s": [round(float(run.figures.get("cpu_seconds", run.figures.get("cpu_s", 0))), 3) for run in self.runs],
            "sha256": self.sha256,
            "parts": self.parts,
        }


def main() -> None:
    """Measure, compare the outputs, write results and tables."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--repeats", type=int, default=5, help="runs of each program")
    ask.add_argument("--peers", default=",".join(peers.DEFAULT), help="names from the peers' run.py")
    ask.add_argument("--core", type=int, default=1, help="core that single-threaded programs are pinned to")
    ask.add_argument("--no-write", action="store_true", help="print only")
    given = ask.parse_args()
    if not native.IS_RELEASE:
        raise SystemExit("chartly.native is a debug build: what it measures means nothing (build it with `make native`)")
    rows = [*own_rows(), *(Row(peer.name, peer.command, peer.parts, peer.env) for peer in peers.chosen(tuple(given.peers.split(","))))]
    for repeat in range(given.repeats):
        for row in rows:
            print(f"run {repeat + 1} of {given.repeats}: {row.name}", file=sys.stderr)
            row.once(given.core)
    for row in rows:
        row.sha256 = output_digest(row)
    results = {"machine": machine.described(), "build": "release", "rows": {row.name: row.result() for row in rows}}
    print(write_tables(results, write=not given.no_write))
    if not given.no_write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


def own_rows() -> list[Row]:
    """Return our runs: the job itself, then other formats, threads and shapes."""
    sales, work = peers.sales_input(), peers.WORK / "data"
    rows = [
        _own("chartly", sales, "ndjson", parts="all"),
        _own("chartly, 2 threads", sales, "ndjson", threads=2, parts="all"),
        _own("chartly, Parquet", sales, "parquet", parts="all, columns instead of lines"),
        _own("chartly, no files", sales, "none", parts="all but writing"),
        _own("chartly, a 50 MB page as lines", inputs.page_as_lines(sales, work / "page.ndjson"), "ndjson", parts="all"),
    ]
    page = inputs.page(sales, work / "page.json")
    profile = _written(work / "page.yaml", SALES_PROFILE.read_text("utf-8") + '  recordsPath: "$.data.items"\n')
    rows.append(_own("chartly, a 50 MB page", page, "ndjson", profile=profile, parts="all, recordsPath"))
    wide = inputs.wide(work / "wide.ndjson")
    head = SALES_PROFILE.read_text("utf-8").split("spec:")[0]
    profile = _written(work / "wide.yaml", f"{head}spec: {json.dumps(inputs.wide_profile())}\n")
    contract = _written(work / "wide.json", json.dumps(inputs.wide_contract()))
    rows.append(_own("chartly, wide records", wide, "ndjson", profile=profile, contract=contract, parts="all, 40 fields"))
    return rows


def _own(
    name: str,
    source: Path,
    form: str,
    *,
    threads: int = 1,
    profile: Path = SALES_PROFILE,
    contract: Path | None = None,
    parts: str,
) -> Row:
    out = peers.WORK / "out" / name.replace(", ", "_").replace(" ", "_")
    command = [sys.executable, "-m", "chartly.cli", "normalize", "--profile", profile, "--contract", contract or peers.schema()]
    command += ["--in", source, "--out", out, "--threads", threads, "--format", form, "--stats", "json"]
    return Row(name, [str(part) for part in command], parts, threads=threads)


def _written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def output_digest(row: Row) -> str:
    """Return the hash of the accepted records in the form of the peers; empty for a run without lines."""
    file = row.out / ACCEPTED
    if not file.exists():
        return ""
    digest = hashlib.sha256()
    with file.open("rb") as lines:
        for line in lines:
            digest.update(line.replace(ID_HEAD, PEERS_ID_HEAD))
    return digest.hexdigest()


if __name__ == "__main__":
    main()
