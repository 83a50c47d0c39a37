"""Files inside the wheel: one JSON text of {path: content}, written by ``make generate`` and compared in CI.

``contracts/`` and ``profiles/`` stand at the repository's root, where people look for them, and a wheel holds only the package. A
bundle keeps them out of site-packages' top level, and works alike from a wheel, a zip and a checkout. It never reads the root folders.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

BUNDLE = "packaged.json"


def bundle(root: Path, patterns: Iterable[str]) -> str:
    """Return the bundle of all files below ``root`` that match: sorted, one a line, so that a diff shows which file changed."""
    paths = sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()})
    lines = (
        f"{json.dumps(path.relative_to(root).as_posix())}: {json.dumps(path.read_text('utf-8'), ensure_ascii=False)}" for path in paths
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read(package: str) -> Mapping[str, str]:
    """Read a package's bundle."""
    return json.loads(files(package).joinpath(BUNDLE).read_text("utf-8"))


def write(root: Path, patterns: Iterable[str], target: Path, *, check: bool) -> bool:
    """Write ``target`` from ``root``, with ``check`` only compare; return whether it was current already."""
    wanted = bundle(root, patterns)
    fresh = target.is_file() and target.read_text("utf-8") == wanted
    if not fresh and not check:
        target.write_text(wanted, "utf-8")
    return fresh


def command(folder: str, patterns: Iterable[str], package: Path) -> int:
    """Write a package's bundle, or compare it with ``--check``; return 1 when it is stale."""
    ask = argparse.ArgumentParser(prog=f"python -m chartly.{package.name}.pack", description=f"Pack {folder}/ into the package.")
    ask.add_argument("--check", action="store_true", help="write nothing; exit 1 when the bundle is stale")
    ask.add_argument("root", nargs="?", type=Path, default=Path(), help="the repository")
    given = ask.parse_args()
    target = package / BUNDLE
    if write(given.root / folder, patterns, target, check=given.check) or not given.check:
        return 0
    sys.stderr.write(f"{target} is stale: run make generate\n")
    return 1
