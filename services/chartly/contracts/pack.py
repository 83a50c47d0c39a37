"""``python -m chartly.contracts.pack [--check] [ROOT]``: put ``contracts/v1`` into the package; with ``--check`` only compare."""

import sys
from pathlib import Path

from . import packaged

PATTERNS = ("v1/*/*.json", "v1/canonical/domains/*.json")
"""The schemas; their examples stay in the repository."""

if __name__ == "__main__":
    sys.exit(packaged.command("contracts", PATTERNS, Path(__file__).parent))
