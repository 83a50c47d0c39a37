"""What commands say when they show little, fail, or change much: why, and the next command."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from .reader import Reader

ROOT = Path(__file__).parents[2]
RECORDS = 120
CONNECTOR = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {kind: connector, name: gone, version: 1.0.0}
spec:
  extends: "global::connector/loopback@1.0.0"
  transport: {baseUrl: "http://127.0.0.1:8077", path: "/gone.json"}
"""
WORKFLOW = """
apiVersion: chartly.io/v1alpha1
kind: Workflow
metadata: {name: gone, version: 1.0.0}
spec:
  steps:
    - {type: connector_sync, connector_profile: "tenant-demo/proj-sales::connector/gone@1.0.0"}
    - {type: normalize, normalizer_profile: "tenant-demo/proj-sales::normalizer/device-reading@1.0.0"}
    - {type: write_dataset, storage_profile: "tenant-demo/proj-sales::storage/device-readings@1.0.0"}
"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """An installation with a push source whose records are all in quarantine, and a source that answers 404."""
    found = Reader(tmp_path_factory.mktemp("advice"))
    (found.folder / "profiles").symlink_to(ROOT / "profiles")
    found.write("gone/connector-gone@1.0.0.yaml", CONNECTOR)
    found.write("gone.yaml", WORKFLOW)
    found.write("source/there.json", "{}")
    bad = [{"device": "dev-1", "n": n, "sent": "yesterday", "celsius": "1.5"} for n in range(RECORDS)]
    found.write("bad.ndjson", "".join(json.dumps(each) + "\n" for each in bad))
    try:
        found.serve_folder("source", until="there.json")
        found.start_platform()
        found.follow(
            "chartly profile put profiles/domains/devices; chartly profile put gone; chartly workflow apply gone.yaml\n"
            "chartly workflow apply profiles/domains/devices/workflows/devices-onboard@1.0.0.yaml"
        )
        yield found
    finally:
        found.stop()


def test_push_of_which_every_record_is_refused_fails(reader: Reader) -> None:
    """With --wait the exit code is 1, and the number in quarantine and the command that lists them are printed."""
    done = reader.run_block("chartly push device-push bad.ndjson --wait")

    assert done.returncode == 1, done.stderr
    assert f"{RECORDS} of {RECORDS} records are in quarantine" in done.stderr
    assert "chartly quarantine list --source device-push" in done.stderr


def test_failed_run_says_why_and_what_next(reader: Reader) -> None:
    """The step, its reason and message, and the commands for its dead letters and a retry."""
    done = reader.run_block("chartly workflow run gone")

    assert done.returncode == 1
    run_id = done.stdout.strip()
    assert run_id.startswith("run_")
    assert "step connector_sync:" in done.stderr
    assert "404" in done.stderr
    assert "[UPSTREAM_BAD_RESPONSE]" in done.stderr
    assert f"Next: chartly deadletter list --run {run_id}" in done.stderr
    assert f"Next: chartly run retry {run_id}" in done.stderr


def test_list_of_a_mistyped_project_says_so(reader: Reader) -> None:
    """A list is empty in a project that holds nothing, and every list command says that the name may be wrong."""
    lists = ("profile", "workflow", "run", "source", "dataset", "quarantine", "deadletter")
    for command in (*(f"chartly {noun} list" for noun in lists), "chartly audit events"):
        done = reader.run_block(f"{command} --project tenant-demo/proj-sale --output json")
        assert done.returncode == 0, done.stderr
        assert "The project tenant-demo/proj-sale holds no workflow, dataset or source." in done.stderr, command
    assert reader.run_block("chartly dataset list --project tenant-demo/proj-sales").stderr.count("holds no") == 0


def test_list_says_that_there_is_more(reader: Reader) -> None:
    """A list that shows only some says so, in table and JSON; one that shows all does not."""
    reader.run_block("chartly push device-push bad.ndjson --wait")
    for command in ("chartly quarantine list", "chartly audit events -n 2", "chartly quarantine list -n 119 --output json"):
        assert "there are more: ask for more with --count" in reader.run_block(command).stderr
    everything = reader.run_block("chartly quarantine list -n 5000 --output json")
    assert (len(json.loads(everything.stdout)), everything.stderr) == (RECORDS, "")


def test_events_are_listed_newest_first(reader: Reader) -> None:
    """The first rows are the last entries of the ledger."""
    indexes = [int(each["index"]) for each in json.loads(reader.follow("chartly audit events -n 5000 --output json"))]
    newest = [int(each["index"]) for each in json.loads(reader.follow("chartly audit events -n 3 --output json"))]

    assert indexes == sorted(indexes, reverse=True)
    assert newest[0] >= indexes[0]


@pytest.mark.parametrize(
    ("command", "number"),
    [
        ("chartly quarantine discard --dataset device-readings --because 'test data'", f"{RECORDS} records"),
        ("chartly deadletter discard --source gone --note 'no longer needed'", "1 dead letter"),
    ],
)
def test_bulk_discard_asks_first(reader: Reader, command: str, number: str) -> None:
    """Without a terminal and --yes nothing is discarded, and the number that would be is printed; --yes discards."""
    listing = command.partition(" discard")[0] + " list --output json"
    before = reader.follow(listing)

    asked = reader.run_block(command)
    assert asked.returncode == 2
    assert number in asked.stderr
    assert "--yes" in asked.stderr
    assert reader.follow(listing) == before

    reader.follow(f"{command} --yes")
    assert reader.follow(listing) != before
