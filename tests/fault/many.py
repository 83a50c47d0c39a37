"""Kill and cancel many times in a long run: ``python -m tests.fault.many --kills 200 --records 200000``. Exit code 1 on any difference.

Beside the kills, a third as many rounds cancel calls (``--cancellations``).
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from tests.integration.platform.postgresql import server

from . import upstream
from .disrupted_run import DisruptionCounts, disturbed, pages, plan, undisturbed
from .verdict import broken


async def play(seed: int, kills: int, cancellations: int, records: int, folder: Path, environment: dict[str, str]) -> list[str]:
    """Run undisturbed, then disturbed with ``environment``; print both outcomes and return the differences."""
    chosen, counts = plan(seed, kills // 2, kills - kills // 2, cancellations), DisruptionCounts()
    rounds = len(chosen)
    count = -(-records // pages(rounds))
    print(f"seed {seed}: {pages(rounds):,} pages of {count:,} records, {kills:,} kills, {cancellations:,} cancellations; data in {folder}")
    began = time.monotonic()
    calm = await undisturbed(folder / "calm", rounds, count)
    print(f"undisturbed: {time.monotonic() - began:.0f} s, {calm}", flush=True)
    began = time.monotonic()
    try:
        stormy = await disturbed(folder / "stormy", chosen, count, counts, environment, lambda text: print(text, flush=True))
    finally:
        killed = ", ".join(f"{kind} {number:,}" for kind, number in sorted(counts.kills.items()))
        print(f"disturbed: {time.monotonic() - began:.0f} s, processes killed: {counts.kills.total():,} ({killed})")
        print(f"calls cancelled: {counts.cancellations:,} times by their callers, {counts.expiries:,} times by a deadline")
        print(f"the client asked again {counts.retries:,} times; the auditor came {counts.audits:,} times on the way")
    print(stormy)
    return broken(upstream.expected(pages(rounds), count), calm, stormy, counts)


def main() -> int:
    """Do the requested runs."""
    ask = argparse.ArgumentParser(prog="python -m tests.fault.many", description=__doc__)
    ask.add_argument("--kills", type=int, default=200, help="half of them at points, half at random times")
    ask.add_argument("--cancellations", type=int, default=None, help="beside the kills, every sixth by a deadline; by default a third")
    ask.add_argument("--records", type=int, default=200_000, help="at least so many")
    ask.add_argument("--seed", type=int, default=None, help="chooses the kills; by default another one each time")
    ask.add_argument("--keep", action="store_true", help="keep data and logs; those of a broken run are kept anyway")
    ask.add_argument("--postgresql", action="store_true", help="keep the metadata of the killed run in a PostgreSQL of its own")
    asked = ask.parse_args()
    seed = random.SystemRandom().randrange(1 << 32) if asked.seed is None else asked.seed
    cancellations = asked.kills // 3 if asked.cancellations is None else asked.cancellations
    folder = Path(tempfile.mkdtemp(prefix="chartly-fault-"))
    with server() if asked.postgresql else nullcontext("") as url:
        environment = {"CHARTLY_METADATA_URL": url} if url else {}
        found = asyncio.run(play(seed, asked.kills, cancellations, asked.records, folder, environment))
    print("\n".join(found) or "every figure and the content hash are those of the undisturbed run")
    if not found and not asked.keep:
        shutil.rmtree(folder)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
