"""A page larger than the bound on memory needs only a window of memory, also from a pipe and on several threads."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PAGE_BYTES = 300 << 20
MEMORY_BYTES_MAX = 200 << 20
"""Python and the module take about 60 MB of it, and unfinished row groups another 60."""

_RUN = """
import json, re, sys
from pathlib import Path
from chartly.native import Plan, run_files
plan = Plan.compile(json.loads(sys.argv[1]), json.loads(sys.argv[2]))
source = None if sys.argv[3] == "-" else sys.argv[3]
stats = run_files(plan, source, sys.argv[4], format="parquet", threads=int(sys.argv[5]))
# Of this program alone: what the system tells of processes remembers the one that started it, too.
peak_kib = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]
print(json.dumps({"rss": int(peak_kib) * 1024, **stats}))
"""
PROFILE = {"canonicalEventType": "t", "recordsPath": "$.data[*]", "mapping": {"id": "$.id"}}
CONTRACT = {"properties": {"id": {"type": "integer", "minimum": 0, "maximum": 10**9}}}
RECORD = b'{"id":%d,"note":"' + b"n" * 1000 + b'"},\n'


@pytest.mark.parametrize("threads", [1, 2])
def test_a_page_from_a_pipe_takes_bounded_memory(threads: int, tmp_path: Path) -> None:
    """A page of 300 MB through a pipe runs in less than 200 MB."""
    command = [sys.executable, "-c", _RUN, json.dumps(PROFILE), json.dumps(CONTRACT), "-", str(tmp_path / "out"), str(threads)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(b'{"data":[')
        records = b"".join(RECORD % number for number in range(1000))
        blocks = PAGE_BYTES // len(records) + 1
        for _ in range(blocks):
            running.stdin.write(records)
        running.stdin.write(b'{"id":1}]}')
        running.stdin.close()
        figures: dict[str, Any] = json.loads(running.stdout.read())
    assert running.returncode == 0
    assert figures["bytes"] > PAGE_BYTES
    assert figures["accepted"] == figures["records"] == 1000 * blocks + 1
    assert figures["rss"] < MEMORY_BYTES_MAX
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["accepted.parquet", "rejected.ndjson"]
