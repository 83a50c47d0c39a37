"""The name of a ledger that runs in a process of its own, started from the command line."""

import time
from pathlib import Path

import pytest

from .test_two_at_once import START_S, process

ORIGIN = Path("ledger") / "origin"


def test_unknown_name_is_refused_before_it_is_stored(tmp_path: Path) -> None:
    """Without the edge and without a setting the first start ends at once, names the setting, and stores no name."""
    data = tmp_path / "data"
    with process(tmp_path, "serve", "audit", "--data", str(data)) as started:
        assert started.wait(START_S) != 0
    assert "audit.origin" in (tmp_path / "log").read_text()
    assert not (data / ORIGIN).exists()


@pytest.mark.parametrize(
    ("setting", "origin"),
    [
        ("edge: {port: 9123}", "127.0.0.1:9123/v1/audit/log"),
        ("audit: {origin: data.example.com/v1/audit/log}", "data.example.com/v1/audit/log"),
    ],
)
def test_name_is_that_of_the_configuration(tmp_path: Path, setting: str, origin: str) -> None:
    """The configuration file's port of the edge, or its origin, is in the log's name; a later start needs no setting."""
    data, file = tmp_path / "data", tmp_path / "chartly.yaml"
    file.write_text(f"{setting}\ndata_dir: {data}\n")
    for words in (("--config", str(file)), ("--data", str(data))):
        (tmp_path / "log").unlink(missing_ok=True)
        with process(tmp_path, "serve", "audit", *words) as started:
            ends = time.monotonic() + START_S
            while '"serving"' not in (log := (tmp_path / "log").read_text()):
                assert started.poll() is None, log
                assert time.monotonic() < ends, log
                time.sleep(0.1)
        assert (data / ORIGIN).read_text() == f"{origin}\n"
