"""Runs over files from Python. The driver's crate tests blocks, threads and complete files."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from chartly.native import InputUnusable, OutputUnusable, Plan, run_files

RECORD = b'{"id":"%d","totals":{"amount":"%d.5"}}\n'


@pytest.fixture
def plan(profile: str, contract: dict[str, Any]) -> Plan:
    """Return the compiled plan."""
    return Plan.compile(profile, contract)


def test_writes_the_files_of_its_format(plan: Plan, tmp_path: Path) -> None:
    """A run writes lines and columns of the same records, and returns counts and times."""
    source = tmp_path / "in.ndjson"
    source.write_bytes(b"".join(RECORD % (number, number) for number in range(3)) + b'{"id":"x"}\n\n')
    stats = run_files(plan, source, tmp_path / "out", format="both", threads=2)
    lines = [json.loads(line) for line in (tmp_path / "out/accepted.ndjson").read_bytes().splitlines()]
    columns = pq.read_table(tmp_path / "out/accepted.parquet")
    assert [line["record_id"] for line in lines] == columns["record_id"].to_pylist()
    assert columns["raw_line"].to_pylist() == [1, 2, 3]
    rejected = json.loads((tmp_path / "out/rejected.ndjson").read_bytes())
    assert (rejected["line"], rejected["reasons"][0]["reason"]) == (4, "REQUIRED_FIELD_MISSING")
    assert set(stats) == {
        "records", "accepted", "rejected", "blank_lines", "bytes", "cpu_seconds", "wall_seconds", "records_per_s", "threads", "plan_hash",
    }  # fmt: skip
    assert (stats["records"], stats["accepted"], stats["rejected"], stats["blank_lines"], stats["threads"]) == (4, 3, 1, 1, 2)
    assert stats["bytes"] == source.stat().st_size
    assert stats["plan_hash"] == plan.hash
    assert stats["cpu_seconds"] > 0


def test_names_what_it_cannot_read_or_write(plan: Plan, tmp_path: Path) -> None:
    """Errors have the path."""
    with pytest.raises(InputUnusable) as unreadable:
        run_files(plan, tmp_path / "nowhere", tmp_path / "out")
    assert unreadable.value.path == str(tmp_path / "nowhere")
    (tmp_path / "in").write_bytes(b"")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputUnusable) as unwritable:
        run_files(plan, tmp_path / "in", tmp_path / "file")
    assert unwritable.value.path == str(tmp_path / "file")


def wait_for_partial_files(out: Path) -> None:
    """Wait until a run has started to write its two files."""
    for _ in range(6000):
        if len(list(out.glob(".*.partial"))) == 2:
            return
        time.sleep(0.01)
    pytest.fail("no file was begun within a minute")


def test_a_signal_stops_a_run_that_waits_for_more(profile: str, contract: dict[str, Any], tmp_path: Path) -> None:
    """SIGINT ends a run that waits for input within a second, and the run removes its partial files."""
    script = (
        "from chartly.native import Plan, run_files\n"
        f"plan = Plan.compile({profile!r}, {contract!r})\n"
        f"print('ready', flush=True); run_files(plan, None, {str(tmp_path / 'out')!r})"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"ready\n"
        process.stdin.write(b"".join(RECORD % (number, number) for number in range(1000)))
        process.stdin.flush()
        wait_for_partial_files(tmp_path / "out")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=300) != 0
        assert b"KeyboardInterrupt" in process.stderr.read()
    assert list(tmp_path.glob("out/*")) == []
