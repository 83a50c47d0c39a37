"""``python -m chartly.contracts.compare [--base REV]``: refuse changes of ``contracts/v1`` that are not additive. It changes nothing.

Compares the work tree with a git revision. Without ``--base`` the revision is the last commit that this tree shares with
``origin/main`` (else ``main``). When the tree stands on that branch itself, it is the commit before, so that the last change is checked
and the comparison is never one of a tree with itself.

A contract that nothing enforces may be withdrawn: ``contracts/withdrawn.json`` names its path and the reason.
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
WITHDRAWN = "withdrawn.json"
BRANCHES = ("origin/main", "main")
"""Branches whose commits a tree must stay compatible with; the first that exists counts."""


def main() -> int:
    """Print every breaking change; return 1 when there is one."""
    ask = argparse.ArgumentParser(
        prog="python -m chartly.contracts.compare", description="Refuse changes of contracts/v1 that are not additive."
    )
    ask.add_argument("--base", help="the git revision to compare with")
    ask.add_argument("--print-base", action="store_true", help="only print the revision that is compared with by default")
    options = ask.parse_args()
    base = options.base or default_base()
    if options.print_base:
        sys.stdout.write(f"{base}\n")
        return 0
    found = list(compared(base, Path(ROOT)))
    for path, change in found:
        sys.stdout.write(f"{ROOT}/{path}:{change}\n")
    sys.stdout.write(f"contracts: {len(found)} breaking changes since {base}\n")
    return 1 if found else 0


def compared(base: str, root: Path) -> Iterator[tuple[str, BreakingChange]]:
    """Compare every schema that ``base`` had with the one below ``root``."""
    withdrawn = _withdrawn(root)
    for path in sorted(withdrawn):
        if (root / path).is_file():
            yield path, BreakingChange("", "withdrawn-but-present")
    for path in _paths(base):
        here = root / path
        if here.is_file():
            old = json.loads(_git("show", f"{base}:{ROOT}/{path}"))
            for change in breaking_changes(old, json.loads(here.read_text("utf-8"))):
                yield path, change
        elif path not in withdrawn:
            yield path, BreakingChange("", "contract-removed")


def default_base() -> str:
    """Return the commit that this tree must stay compatible with."""
    branch = next((found for name in BRANCHES if (found := _commit(name))), None)
    head = _git("rev-parse", "HEAD")
    shared = _git("merge-base", "HEAD", branch) if branch else head
    if shared != head:
        return shared
    # The first commit of a history, and the only one of a shallow clone, have nothing before them: uncommitted changes are compared.
    return _commit("HEAD~1") or head


def _withdrawn(root: Path) -> dict[str, str]:
    listed = root / WITHDRAWN
    return json.loads(listed.read_text("utf-8")) if listed.is_file() else {}


def _paths(base: str) -> list[str]:
    listed = _git("ls-tree", "-r", "--name-only", base, "--", f"{ROOT}/").splitlines()
    paths = (Path(line).relative_to(ROOT) for line in listed)
    return [path.as_posix() for path in paths if any(path.match(pattern) for pattern in PATTERNS) and "examples" not in path.parts]


def _commit(revision: str) -> str | None:
    command = ["git", "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"]
    found = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - a fixed command
    return found.stdout.strip() or None


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - a fixed command


if __name__ == "__main__":
    sys.exit(main())
