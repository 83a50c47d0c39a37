"""``python -m chartly.profiles.pack [--check] [ROOT]``: put ``profiles/`` into the package; with ``--check`` only compare."""

import sys
from pathlib import Path

from chartly.contracts import packaged

PATTERNS = ("core/**/*.yaml", "domains/**/*.yaml")
"""Profiles and workflows; fixtures and golden outputs stay in the repository."""

if __name__ == "__main__":
    sys.exit(packaged.command("profiles", PATTERNS, Path(__file__).parent))
