"""How many instructions does a record take, and are they more than before?

    python bench/instructions.py [--record]

Runs the driver's bench program under callgrind on the sales job, into lines and into columns, with N and with 2N records. The difference is
the cost of N records, without start-up. The count doesn't depend on the load of the machine, so CI compares it with
``bench/results/instructions.json`` and fails above +5 %. ``--record`` rewrites that file after an intended change.

Valgrind emulates a CPU without AVX-512 and SHA instructions, and kernels are chosen at run time. So this counts the AVX2 kernels, and
SHA-256 in portable code. Hashing is therefore counted separately and not compared.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml
from machine import ROOT

BASELINE = ROOT / "bench" / "results" / "instructions.json"
RECORDS = 4_000
"""About 1 MB of input: callgrind is fifty times slower than the machine."""
SEED = 42
RISE_MAX = 0.05
"""Compilers and inlining change counts by 1 or 2 %; a real regression changes them by more."""

GATED = ("instructions_per_record", "columns_per_record")

_HASHING = re.compile(r"sha2::|chartly_digest::")


@dataclass(frozen=True, slots=True)
class Counted:
    """Instructions of one record."""

    instructions_per_record: int
    """Reading, parsing, mapping, transforming, validating, canonical bytes, writing lines."""
    columns_per_record: int
    """The same, but writing Parquet."""
    hashing_per_record: int
    """SHA-256 in portable code; not compared."""
    rustc: str
    valgrind: str


def main() -> int:
    """Count, and record or compare. Return 1 when a record takes over 5 % more than before, 2 when nothing can be counted."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--record", action="store_true", help="rewrite the baseline")
    given = ask.parse_args()
    if shutil.which("valgrind") is None or shutil.which("callgrind_annotate") is None:
        print("valgrind is not installed: nothing counted (apt-get install valgrind)", file=sys.stderr)
        return 2
    counted = count(program())
    print(json.dumps(asdict(counted), indent=1))
    if given.record:
        BASELINE.write_text(json.dumps(asdict(counted), indent=1) + "\n", "utf-8")
        return 0
    before = json.loads(BASELINE.read_text("utf-8"))
    rises = [_rise(name, getattr(counted, name), before[name]) for name in GATED]
    return int(max(rises) > RISE_MAX)


def _rise(name: str, after: int, before: int) -> float:
    rise = after / before - 1
    print(f"{name}: {rise:+.1%} against the baseline of {before:,}", file=sys.stderr)
    return rise


def program() -> Path:
    """Build the driver's bench program and return its path."""
    command = ["cargo", "bench", "-q", "-p", "chartly-driver", "--bench", "normalize", "--no-run", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT / "native", check=True, capture_output=True, text=True)
    messages = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    found = [message["executable"] for message in messages if message.get("executable")]
    return Path(found[-1])


def count(executable: Path) -> Counted:
    """Run both sizes and return the difference."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        profile = yaml.safe_load(Path(__file__).with_name("sales.yaml").read_text("utf-8"))
        (work / "profile.json").write_text(json.dumps(profile["spec"]), "utf-8")
        contract = ROOT / "bench" / "sales.contract.json"
        lines = [line.encode() + b"\n" for line in sales_lines(2 * RECORDS)]
        totals: dict[str, list[tuple[int, int]]] = {"ndjson": [], "parquet": []}
        for size in (RECORDS, 2 * RECORDS):
            (work / "input.ndjson").write_bytes(b"".join(lines[:size]))
            for form, runs in totals.items():
                runs.append(_callgrind(executable, work, contract, form))
    hashing = totals["ndjson"][1][1] - totals["ndjson"][0][1]
    written = {form: large - small - hashing for form, ((small, _), (large, _)) in totals.items()}
    return Counted(
        instructions_per_record=round(written["ndjson"] / RECORDS),
        columns_per_record=round(written["parquet"] / RECORDS),
        hashing_per_record=round(hashing / RECORDS),
        rustc=_version("rustc"),
        valgrind=_version("valgrind"),
    )


def _callgrind(executable: Path, work: Path, contract: Path, form: str) -> tuple[int, int]:
    """Return all instructions of one run, and those of hashing."""
    out = work / "callgrind.out"
    job = [work / "profile.json", contract, work / "input.ndjson", work / "out", form, "1"]
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", executable, *job]
    subprocess.run(command, check=True, capture_output=True)
    text = subprocess.run(["callgrind_annotate", "--auto=no", "--threshold=100", out], check=True, capture_output=True, text=True).stdout  # noqa: S607
    total = hashing = 0
    for line in text.splitlines():
        found = re.match(r"\s*([\d,]+)(?:\s+\([\d. ]+%\))?\s+(.*)", line)
        if found is None:
            continue
        instructions, name = int(found[1].replace(",", "")), found[2]
        if name.startswith("PROGRAM TOTALS"):
            total = instructions
        elif _HASHING.search(name):
            hashing += instructions
    if not total:
        raise SystemExit("callgrind_annotate printed no total")
    return total, hashing


def sales_lines(records: int) -> list[str]:
    """Return records of the sales job, with every key order and number form of the large input, but without its invalid lines."""
    random = Random(SEED)  # noqa: S311 - variety, not secrecy
    return [json.dumps(_sale(number, random), ensure_ascii=random.random() < 0.5, separators=(",", ":")) for number in range(records)]  # noqa: PLR2004


def _sale(number: int, random: Random) -> dict[str, Any]:
    draw = random.randint
    return {
        "id": f"sale_{number:07}",
        "timestamp": f"20{draw(19, 26)}-{draw(1, 12):02}-{draw(1, 28):02}T{draw(0, 23):02}:{draw(0, 59):02}:00"
        + ["Z", ".25Z", "+05:30", "-08:00"][draw(0, 3)],
        "totals": {"amount": f"{draw(0, 999)}.{draw(0, 99):02}", "currency": ["USD", "EUR", "GBP", "JPY"][draw(0, 3)]},
        "customer": {"id": f"cust_{draw(1, 50_000)}"},
        "items": [
            {"sku": f"sku_{draw(1, 9999)}", "qty": draw(1, 9), "price": f"{draw(0, 99)}.{draw(0, 99):02}"} for _ in range(draw(0, 3))
        ],
        "notes": ["gift wrap please", "crème brûlée, 2", 'he said "hi"', ""][draw(0, 3)],
    }


def _version(program_name: str) -> str:
    return subprocess.run([program_name, "--version"], check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
