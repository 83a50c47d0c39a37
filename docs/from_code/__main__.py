"""Write the pages of docs/reference that are generated from code, or print which are stale.

usage: python -m docs.from_code [--check]
"""

import argparse
import sys
from pathlib import Path

from docs.from_code import api, commands, configuration, reasons

FOLDER = Path(__file__).resolve().parents[1] / "reference"


def pages() -> dict[str, str]:
    """Return each page's text by its file name."""
    return {**configuration.pages(), "reasons.md": reasons.page(), "api.md": api.page(), "cli.md": commands.page()}


def main() -> int:
    """Write or check the pages; return 1 if a page is stale."""
    ask = argparse.ArgumentParser(description="the pages of docs/reference that are generated from code")
    ask.add_argument("--check", action="store_true", help="compare instead of writing")
    check, stale = ask.parse_args().check, 0
    for name, text in pages().items():
        path = FOLDER / name
        if not check:
            path.write_text(text, encoding="utf-8")
            continue
        current = path.is_file() and path.read_text(encoding="utf-8") == text
        stale += not current
        sys.stdout.write(f"{'current' if current else 'stale'}: {path.name}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
