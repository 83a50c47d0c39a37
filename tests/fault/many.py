"""Kill many times in a long run: ``python -m tests.fault.many --kills 200 --records 200000``. Exit code 1 if its outcome is another."""

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
from .storm import Told, disturbed, pages, plan, undisturbed
from .verdict import broken


async def play(seed: int, kills: int, records: int, folder: Path, environment: dict[str, str]) -> list[str]:
    """Play the run calmly, then under kills with ``environment``, and print what came of it; what isn't as it must be."""
    count = -(-records // pages(kills))
    chosen, told = plan(seed, kills // 2, kills - kills // 2), Told()
    print(f"seed {seed}: {pages(kills):,} pages of {count:,} records, {kills:,} kills; data in {folder}", flush=True)
    began = time.monotonic()
    calm = await undisturbed(folder / "calm", kills, count)
    print(f"undisturbed: {time.monotonic() - began:.0f} s, {calm}", flush=True)
    began = time.monotonic()
    try:
        stormy = await disturbed(folder / "stormy", chosen, count, told, environment, lambda text: print(text, flush=True))
    finally:
        killed = ", ".join(f"{kind} {number:,}" for kind, number in sorted(told.kills.items()))
        print(f"disturbed: {time.monotonic() - began:.0f} s, processes killed: {told.kills.total():,} ({killed})")
        print(f"the client asked again {told.retries:,} times; the auditor came {told.audits:,} times on the way")
    print(stormy)
    return broken(upstream.expected(pages(kills), count), calm, stormy, told)


def main() -> int:
    """Play what is asked."""
    ask = argparse.ArgumentParser(prog="python -m tests.fault.many", description=__doc__)
    ask.add_argument("--kills", type=int, default=200, help="half of them at points, half at random times")
    ask.add_argument("--records", type=int, default=200_000, help="at least so many")
    ask.add_argument("--seed", type=int, default=None, help="chooses the kills; by default another one each time")
    ask.add_argument("--keep", action="store_true", help="keep data and logs; those of a broken run are kept anyway")
    ask.add_argument("--postgresql", action="store_true", help="keep the metadata of the killed run in a PostgreSQL of its own")
    asked = ask.parse_args()
    seed = random.SystemRandom().randrange(1 << 32) if asked.seed is None else asked.seed
    folder = Path(tempfile.mkdtemp(prefix="chartly-fault-"))
    with server() if asked.postgresql else nullcontext("") as url:
        found = asyncio.run(play(seed, asked.kills, asked.records, folder, {"CHARTLY_METADATA_URL": url} if url else {}))
    print("\n".join(found) or "every figure and the content hash are those of the undisturbed run")
    if not found and not asked.keep:
        shutil.rmtree(folder)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
