"""The progress bar over a file that the core reads."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from chartly.cli.reading import position

PROFILE = """apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {kind: normalizer, name: n, version: 1.0.0}
spec: {canonicalEventType: t, mapping: {id: $.id}}
"""


@pytest.mark.skipif(not Path("/proc/self/fdinfo").is_dir(), reason="the system doesn't tell positions")
def test_position_is_what_was_read(tmp_path: Path) -> None:
    """The position is that of the open file, and 0 for a file that is not open."""
    file = tmp_path / "in.ndjson"
    file.write_bytes(b"x" * 1_000)

    assert position(file) == 0
    with file.open("rb", buffering=0) as opened:
        opened.read(300)
        assert position(file) == 300


def command(folder: Path) -> list[str]:
    """Write a profile, a contract and a file; return the command that runs them."""
    (folder / "p.yaml").write_text(PROFILE)
    (folder / "c.json").write_text("{}")
    (folder / "in.ndjson").write_text('{"id":"a"}\n' * 1_000)
    given = {"--profile": "p.yaml", "--contract": "c.json", "--in": "in.ndjson", "--out": "out"}
    return [
        sys.executable,
        "-m",
        "chartly.cli",
        "normalize",
        *(word for name, file in given.items() for word in (name, str(folder / file))),
    ]


def test_bar_is_shown_on_a_terminal(tmp_path: Path) -> None:
    """On a terminal the bar is on standard error, and standard output has only the result."""
    ours, theirs = pty.openpty()
    done = subprocess.run(
        command(tmp_path), stdout=subprocess.PIPE, stderr=theirs, check=True, timeout=120, env={**os.environ, "TERM": "xterm"}
    )
    os.close(theirs)
    shown = os.read(ours, 65_536)
    os.close(ours)

    assert b"in.ndjson" in shown
    assert done.stdout.startswith(b"1,000 records: 1,000 accepted")


def test_nothing_is_shown_without_a_terminal(tmp_path: Path) -> None:
    """Neither bar nor colours go into a pipe."""
    done = subprocess.run(command(tmp_path), capture_output=True, check=True, timeout=120)

    assert done.stderr == b""
    assert b"\x1b" not in done.stdout
