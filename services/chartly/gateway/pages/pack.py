"""``python -m chartly.gateway.pages.pack [--check] [ROOT]``: put ``web/`` into the package; with ``--check`` only compare."""

import sys
from pathlib import Path

from chartly.contracts import packaged

PATTERNS = ("*.html",)
"""Each page is one file that contains its script and style."""

if __name__ == "__main__":
    sys.exit(packaged.command("web", PATTERNS, Path(__file__).parent))
