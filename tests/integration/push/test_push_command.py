"""`chartly push` against a real edge: pieces, continuation, time limit, exit codes."""

import json
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from .conftest import SOURCE, lines, reading
from .test_push_over_rest import SERVICES, Installation, pushed_to


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Generator[Installation]:
    """An installation with the push source."""
    with pushed_to(tmp_path_factory.mktemp("cli"), *SERVICES) as installation:
        yield installation


def chartly(at: Installation, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command line against the installation."""
    command = [sys.executable, "-m", "chartly.cli", "push", *arguments, "--data", str(at.config.data_path), "--output", "json"]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=120)


def totals(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    """Return the totals that the command printed."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_file_is_pushed_in_pieces_once(at: Installation, tmp_path: Path) -> None:
    """Each line of a file is committed once; a second push of the file, whole or from a line on, adds nothing."""
    file = tmp_path / "readings.ndjson"
    file.write_bytes(lines([reading(n) for n in range(300)]))
    size, middle = file.stat().st_size, file.read_bytes().rindex(b"\n", 0, 9_000) + 1
    small = ("--piece-bytes", "5000")

    first = totals(chartly(at, SOURCE, str(file), *small))
    again = totals(chartly(at, SOURCE, "-", *small, stdin=file.read_bytes()))
    rest = totals(chartly(at, SOURCE, str(file), "--from-byte", str(middle)))

    assert (first["bytes"], first["records"], first["repeated"]) == (size, 300, 0)
    assert first["pieces"] == again["pieces"] == again["repeated"] > 3
    assert rest["bytes"] == size - middle


def test_json_file_is_one_push(at: Installation, tmp_path: Path) -> None:
    """A .json file with an array is sent unchanged as one push."""
    file = tmp_path / "readings.json"
    file.write_text(json.dumps([reading(n) for n in range(7)], indent=1), "utf-8")

    assert totals(chartly(at, SOURCE, str(file)))["records"] == 7


def test_failed_push_prints_the_cause(at: Installation, tmp_path: Path) -> None:
    """The exit code is 2 for an invalid argument or file, and 1 for a refusal of the platform, with the byte to continue from."""
    file = tmp_path / "readings.ndjson"
    file.write_bytes(lines([reading(1), reading(2)]))

    within = chartly(at, SOURCE, str(file), "--from-byte", "5")
    missing = chartly(at, SOURCE, str(tmp_path / "none.ndjson"))
    unknown = chartly(at, "nobody", str(file))
    waiting = chartly(at, SOURCE, str(file), "--wait", "--patience", "1")

    assert (within.returncode, b"no line begins at this byte" in within.stderr) == (2, True)
    assert (missing.returncode, b"none.ndjson" in missing.stderr) == (2, True)
    assert (unknown.returncode, b"from_byte=0" in unknown.stderr, b"No source" in unknown.stderr) == (1, True, True)
    assert (waiting.returncode, b"no run has committed" in waiting.stderr) == (1, True)


def test_refused_push_is_retried(tmp_path: Path) -> None:
    """A refused push is retried until the time limit; then the command prints the byte to continue from."""
    file = tmp_path / "readings.ndjson"
    file.write_bytes(lines([reading(n) for n in range(100)]))
    with pushed_to(tmp_path / "data", *SERVICES, limits__inbox_source_items_max=2) as at:
        done = chartly(at, SOURCE, str(file), "--piece-bytes", "2000", "--patience", "2", "--parallel", "1")

    assert done.returncode == 1
    taken = int(done.stderr.partition(b"from_byte=")[2].partition(b",")[0])
    assert file.read_bytes()[taken - 1 : taken] == b"\n"
    assert taken > 2_000


def test_file_of_another_format_is_refused_before_it_is_sent(at: Installation, tmp_path: Path) -> None:
    """A CSV file is refused with exit code 2 and the command that pushes it, and that command works."""
    file = tmp_path / "readings.csv"
    rows = [reading(n) for n in range(5)]
    file.write_text("\n".join([",".join(rows[0]), *(",".join(str(value) for value in row.values()) for row in rows)]) + "\n", "utf-8")

    done = chartly(at, SOURCE, str(file))

    assert (done.returncode, b"looks_like=CSV with" in done.stderr, b"nothing was sent" in done.stderr) == (2, True, True)
    command = done.stderr.decode().partition("next=")[2].partition(" | chartly push")[0]
    converted = subprocess.run(["bash", "-c", command], capture_output=True, check=True)  # noqa: S607 - bash from PATH
    assert totals(chartly(at, SOURCE, "-", stdin=converted.stdout))["records"] == 5
