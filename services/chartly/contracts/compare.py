"""``python -m chartly.contracts.compare [--base REV]``: refuse changes of ``contracts/v1`` that aren't additive. It changes nothing.

Compares the work tree with a git revision. Without ``--base`` that is where the branch left ``main``, or on ``main`` itself the
commit before, so that the check never compares a tree with itself.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .compatibility import BreakingChange, breaking_changes
from .pack import PATTERNS

ROOT = "contracts"


def main() -> int:
    """Print every breaking change; 1 when there is one."""
    ask = argparse.ArgumentParser(
        prog="python -m chartly.contracts.compare", description="Refuse changes of contracts/v1 that are not additive."
    )
    ask.add_argument("--base", help="the git revision to compare with")
    base = ask.parse_args().base or default_base()
    found = [(path, change) for path, change in compared(base, Path(ROOT))]
    for path, change in found:
        sys.stdout.write(f"{ROOT}/{path}:{change}\n")
    sys.stdout.write(f"contracts: {len(found)} breaking changes since {base}\n")
    return 1 if found else 0


def compared(base: str, root: Path) -> Iterator[tuple[str, BreakingChange]]:
    """Compare every schema that ``base`` had with the one below ``root``."""
    for path in _paths(base):
        here = root / path
        if not here.is_file():
            yield path, BreakingChange("", "contract-removed")
            continue
        old = json.loads(_git("show", f"{base}:{ROOT}/{path}"))
        for change in breaking_changes(old, json.loads(here.read_text("utf-8"))):
            yield path, change


def default_base() -> str:
    """Find the revision that this tree must stay compatible with."""
    head, main_ = _git("rev-parse", "HEAD"), _git("rev-parse", "main")
    return _git("rev-parse", "HEAD~1") if head == main_ else _git("merge-base", "HEAD", "main")


def _paths(base: str) -> list[str]:
    listed = _git("ls-tree", "-r", "--name-only", base, "--", f"{ROOT}/").splitlines()
    paths = (Path(line).relative_to(ROOT) for line in listed)
    return [path.as_posix() for path in paths if any(path.match(pattern) for pattern in PATTERNS) and "examples" not in path.parts]


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - our own words


if __name__ == "__main__":
    sys.exit(main())
