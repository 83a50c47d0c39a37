"""Which other programs do the same job, and how are they started? They live in a folder outside of the repository.

``CHARTLY_PEERS`` names it (default: ``../shared/peers``); ``PEERS_WORK`` where they and their inputs are built (default: ``.cache/peers``).
The folder's ``run.py`` says how each is started, and ``gen.py`` writes the input. A missing program is built at its first use.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machine import ROOT

FOLDER = Path(os.environ.get("CHARTLY_PEERS") or ROOT.parent / "shared" / "peers").resolve()
WORK = Path(os.environ.get("PEERS_WORK") or ROOT / ".cache" / "peers").resolve()

DEFAULT = ("x2_fused_sketch", "03b_msgspec", "x1_generic_rust", "02_orjson_jsonschema-rs")
"""The hand-written sketch, the fastest products that do the whole job, and a combination of usual tools."""

RECORDS = 1_000_000
SEED = 42


@dataclass(frozen=True, slots=True)
class Peer:
    """Another program for the job."""

    name: str
    command: list[str]
    env: dict[str, str]
    parts: str
    """Which parts of the job it does."""


def sales_input() -> Path:
    """Return the input of a million records, written by the peers' generator."""
    target = WORK / "data" / f"sales_{RECORDS}.ndjson"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, FOLDER / "gen.py", str(RECORDS), str(SEED), target], check=True, stdout=subprocess.DEVNULL)
    return target


def schema() -> Path:
    """Return the contract that all peers check."""
    return FOLDER / "schema.json"


def chosen(names: tuple[str, ...]) -> list[Peer]:
    """Build and return the named peers. A peer that can't be built is left out, with a message."""
    found: list[Peer] = []
    for entry in _run_module().peers(str(WORK)):
        if entry["name"] not in names:
            continue
        if entry["inp"] != str(WORK / "data" / f"sales_{RECORDS}.ndjson"):
            print(f"{entry['name']}: measured on another input, left out", file=sys.stderr)
            continue
        program = _program(entry["cmd"])
        if not program.exists():
            _build(program)
        if program.exists():
            out = WORK / "out" / entry["name"]
            found.append(Peer(entry["name"], [*entry["cmd"], entry["inp"], str(out)], entry["env"], entry["parts"]))
        else:
            print(f"{entry['name']}: not built here, left out", file=sys.stderr)
    return found


def _run_module() -> Any:
    spec = importlib.util.spec_from_file_location("peers_run", FOLDER / "run.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"{FOLDER} has no run.py: set CHARTLY_PEERS")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _program(command: list[str]) -> Path:
    return Path(command[0])


def _build(program: Path) -> None:
    """Build the Python environment or the Rust package of a peer."""
    relative = program.relative_to(WORK).parts
    if relative[0] == "v":
        subprocess.run([sys.executable, "-m", "venv", WORK / "v"], check=False)
        subprocess.run([WORK / "v" / "bin" / "pip", "install", "-q", "-r", FOLDER / "requirements.txt"], check=False)
    elif relative[0] in {"rs", "rs_limits"} and shutil.which("cargo"):
        # Built from a copy: cargo writes a lock file beside the manifest, and the folder may be read-only.
        copy = WORK / "src" / relative[0]
        shutil.copytree(FOLDER / relative[0], copy, dirs_exist_ok=True, copy_function=shutil.copy)
        shutil.copy(schema(), copy.parent)  # a program may have it compiled in, by a path relative to the package
        flags = {"RUSTFLAGS": "-C target-cpu=native"} if relative[0] == "rs_limits" else {}
        env = {**os.environ, **flags, "CARGO_TARGET_DIR": str(WORK / relative[0] / "target")}
        subprocess.run(["cargo", "build", "--release"], cwd=copy, env=env, check=False)  # noqa: S607 - the caller's cargo
