"""The README, followed to the letter on an empty installation."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .reader import Reader

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
# Commands that this test does not run as they stand, with the reason.
NOT_RUN = {
    "make demo": "builds the core; tests/e2e/test_demo.py runs the demo",
    "make test": "runs this test",
    ".venv/bin/chartly up": "runs until Ctrl-C; the test starts it in the background",
}


def commands(text: str) -> list[str]:
    """Return the commands of all console blocks, without the prompt; a trailing backslash continues a command."""
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return re.findall(r"^\$ ((?:[^\n]*\\\n)*[^\n]*)", "\n".join(blocks), re.MULTILINE)


def uncommented(command: str) -> str:
    """Return a command without the comment behind it."""
    return re.sub(r"\s+# [^\n]*$", "", command)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """An empty installation, in a folder that has what a clone of the repository has."""
    found = Reader(tmp_path)
    for name in ("profiles", "contracts"):
        (tmp_path / name).symlink_to(ROOT / name)
    found.write(".venv/bin/chartly", f'#!/bin/sh\nexec {sys.executable} -m chartly.cli "$@"\n')
    (tmp_path / ".venv/bin/chartly").chmod(0o755)
    try:
        found.start_platform()
        yield found
    finally:
        found.stop()


def test_every_command_does_what_it_says(reader: Reader) -> None:
    """All commands run in order; one reading is in the dataset, one in quarantine, and run and ledger are verified."""
    found = [command for command in map(uncommented, commands(README)) if command not in NOT_RUN]
    verify = found.index(".venv/bin/chartly run verify RUN")

    before = reader.follow("\n".join(found[:verify]))
    (run_id,) = set(re.findall(r"run_[0-9a-z]{26}", before))
    after = reader.follow("\n".join(found[verify:]), RUN=run_id)

    assert re.search(r"dev-1\s+21\.5", before)
    assert '"dataset":"device-readings"' in before
    assert "TRANSFORM_FAILED" in before
    assert "equal" in after
    assert "verified" in after
    assert '"accepted": 1, "rejected": 1' in after


def test_commands_that_are_not_run_are_there() -> None:
    """The list of commands that are not run names only commands of the README."""
    assert set(NOT_RUN) <= set(map(uncommented, commands(README)))
