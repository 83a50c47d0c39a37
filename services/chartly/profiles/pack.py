"""``python -m chartly.profiles.pack [--check] [ROOT]``: put ``profiles/`` into the package; with ``--check`` only compare."""

import argparse
import sys
from pathlib import Path

from chartly.contracts import packaged

PATTERNS = ("core/**/*.yaml", "domains/**/*.yaml")
"""Profiles and workflows; fixtures and golden outputs stay in the repository."""


def main() -> int:
    """Write or compare the bundle; 1 when ``--check`` finds it stale."""
    ask = argparse.ArgumentParser(prog="python -m chartly.profiles.pack", description=__doc__)
    ask.add_argument("--check", action="store_true", help="write nothing; exit 1 when the bundle is stale")
    ask.add_argument("root", nargs="?", type=Path, default=Path(), help="the repository")
    given = ask.parse_args()
    fresh = packaged.write(given.root / "profiles", PATTERNS, Path(__file__).with_name(packaged.BUNDLE), check=given.check)
    if given.check and not fresh:
        sys.stderr.write("services/chartly/profiles/packaged.json is stale: run make generate\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
