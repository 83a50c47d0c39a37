"""Which instructions the built module uses: those of the CPU that loads it, not of the machine that built it.

The module under test is built by maturin in release mode, like the wheel. Valgrind emulates a CPU without AVX-512 and SHA instructions:
the same file must choose other instructions there, and write the same bytes.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chartly.native._core import DIGEST_PATH, SCAN_PATH

SCAN_FLAGS = {
    "avx512": {"avx512f", "avx512bw", "avx512_vbmi2", "pclmulqdq", "bmi1", "bmi2", "popcnt"},
    "avx2": {"avx2", "pclmulqdq", "bmi1", "bmi2", "popcnt"},
}
"""Linux's names of the instructions that each path needs, the best path first."""

DIGEST_FLAGS = {"sha_ni", "sse4_1", "ssse3"}

FILES = ("accepted.ndjson", "rejected.ndjson", "accepted.parquet")

CHILD = """
import json, sys
from chartly.native import Plan, run_files
from chartly.native._core import DIGEST_PATH, SCAN_PATH
profile, contract, source, out = sys.argv[1:]
run_files(Plan.compile(profile, contract), source, out, format="both")
print(json.dumps([SCAN_PATH, DIGEST_PATH]))
"""


def flags() -> set[str]:
    """Return the instructions of this CPU, by Linux's names."""
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("flags"):
            return set(line.partition(":")[2].split())
    pytest.fail("/proc/cpuinfo has no flags")


linux_on_x86 = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="the flags of /proc/cpuinfo are Linux's, of an x86 CPU"
)


@linux_on_x86
def test_the_module_uses_the_best_instructions_of_the_cpu() -> None:
    """Scan and hash use the widest instructions of this CPU."""
    has = flags()
    assert next((name for name, needed in SCAN_FLAGS.items() if needed <= has), "portable") == SCAN_PATH
    assert ("sha-ni" if has >= DIGEST_FLAGS else "portable") == DIGEST_PATH


@linux_on_x86
def test_another_cpu_gives_the_same_bytes(profile: str, contract: dict[str, Any], tmp_path: Path) -> None:
    """On a CPU without AVX-512 and SHA instructions the same module runs, chooses others, and writes the same files."""
    if shutil.which("valgrind") is None:
        assert "CI" not in os.environ, "CI must have valgrind"
        pytest.skip("valgrind is not installed")
    source = tmp_path / "in.ndjson"
    source.write_bytes(odd_lines())
    here = chosen([], profile, contract, source, tmp_path / "here")
    there = chosen(["valgrind", "--tool=none", "--quiet"], profile, contract, source, tmp_path / "there")
    assert here == [SCAN_PATH, DIGEST_PATH]
    assert there[0] in {"avx2", "portable"}
    assert there[1] == "portable"
    assert (tmp_path / "here" / "accepted.ndjson").stat().st_size > 0
    assert (tmp_path / "here" / "rejected.ndjson").stat().st_size > 0
    for name in FILES:
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes(), name


def chosen(under: list[str], profile: str, contract: dict[str, Any], source: Path, out: Path) -> list[str]:
    """Run the plan over the file in another process, and return the instructions that the module chose there."""
    command = [*under, sys.executable, "-c", CHILD, profile, json.dumps(contract), str(source), str(out)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, "PYTHONMALLOC": "malloc"})
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def odd_lines() -> bytes:
    """Return records with strings of all lengths across the borders of blocks, escapes, several scripts, and some malformed ones."""
    random = Random(7)  # noqa: S311 - variety, not secrecy
    letters = ["a", "é", "€", "😀", '"', "\\", "\n", "\u2028"]
    lines: list[str] = []
    for number in range(600):
        text = "".join(random.choices(letters, k=random.randint(0, 90)))
        record = {"id": f"r{number}", "totals": {"amount": f"{number}.5"}, "note": text, "nested": [{"deep": text[:9]}] * (number % 5)}
        line = json.dumps(record, ensure_ascii=number % 2 == 0)
        lines.append(line[: random.randint(1, len(line))] if number % 10 == 0 else line)
    return "\n".join(lines).encode()
