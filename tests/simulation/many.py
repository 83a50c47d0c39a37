"""Play many seeds: ``python -m tests.simulation.many --seeds 10000``. Prints each failed seed and how to replay it; exit code 1 if any."""

import argparse
import sys
import time

from .scenario import play


def main() -> int:
    """Play the requested seeds, also after a failure."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--first", type=int, default=0)
    ask.add_argument("--seeds", type=int, default=1_000)
    ask.add_argument("--trace", action="store_true", help="print every event; for a single seed")
    asked = ask.parse_args()
    began, broken = time.perf_counter(), 0
    for seed in range(asked.first, asked.first + asked.seeds):
        try:
            play(seed, trace=asked.trace)
        except AssertionError as failure:
            broken += 1
            print(f"seed {seed}: {failure}\n  replay: python -m tests.simulation.many --first {seed} --seeds 1 --trace", flush=True)
    print(f"{asked.seeds} seeds, {broken} broken, {time.perf_counter() - began:.1f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
