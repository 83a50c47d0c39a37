"""The commands of a first session, each in a process of its own."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

# The whole demonstration takes seconds; a machine under load takes longer.
DEMO_S_MAX = 280


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Run `chartly demo` once, on a fresh data directory and a free port."""
    data = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "chartly.cli", "demo", "--data", str(data), "--port", "0"]
    return data, subprocess.run(command, capture_output=True, text=True, timeout=DEMO_S_MAX, check=False)


def test_every_figure_adds_up(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """The demo exits with 0 and prints that every figure adds up."""
    _, ended = demo
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "every figure adds up; the second run changed nothing" in ended.stdout


def test_sums_of_money_are_exact(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """A daily total has two digits after the point; the sum of these amounts as doubles is 9338.839999999998."""
    _, ended = demo
    assert re.search(r"2026-01-01T00:00:00Z\s+JPY\s+44\s+9338\.84\s", ended.stdout)


def test_charts_are_pictures(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Each domain has one PNG of a plausible size."""
    data, _ = demo
    charts = sorted((data / "demo").glob("*.png"))
    assert len(charts) == 4
    assert all(chart.read_bytes().startswith(b"\x89PNG") and chart.stat().st_size > 10_000 for chart in charts)


def test_no_process_is_left(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Platform, Envoy and source end with the command."""
    data, _ = demo
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [command for command in commands if str(data).encode() in command]


def test_a_bad_profile_is_refused_with_file_line_and_rule(tmp_path: Path) -> None:
    """`chartly profile validate` prints file, line and rule of a violation, and exits with 2."""
    bad = tmp_path / "bad.yaml"
    bad.write_text("apiVersion: chartly.io/v1alpha1\nkind: Profile\nmetadata: {kind: storage, name: x, version: 1.0.0}\nspec:\n  nope: 1\n")
    command = [sys.executable, "-m", "chartly.cli", "profile", "validate", "--output", "json", str(bad)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert (str(bad), 5, "unknown-key") in {(found["file"], found["line"], found["rule"]) for found in json.loads(ended.stdout)}
