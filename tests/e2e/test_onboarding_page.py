"""The how-to page on onboarding is followed exactly: real processes, its own files, its own commands."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .reader import Reader, page, shell_blocks

PAGE = page("onboard-a-domain.md")
SHELL = shell_blocks(PAGE)
FILES = re.findall(r"`(tickets/[^`]+)`[^\n]*\n+(?:[^\n`]*\n+)*?```(?:json|yaml)\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """Start the platform and the page's source."""
    found = Reader(tmp_path)
    for name, text in FILES:
        found.write(name, text)
    found.follow(SHELL[0].split("python3 -m http.server")[0])
    try:
        found.serve_folder("tickets/source", until="tickets.json")
        found.start_platform()
        yield found
    finally:
        found.stop()


def test_page_does_what_it_says(reader: Reader) -> None:
    """Four tickets become two records, a duplicate and a quarantined one; rollup and ledger agree; a second run changes nothing."""
    assert len(FILES) == 6
    answer = reader.follow(SHELL[1])
    shown = reader.follow(SHELL[2])
    show = 'chartly query "SELECT count(*) AS tickets, sum(minutes) AS minutes FROM tickets"'
    before = reader.follow(show)
    reader.follow("chartly workflow run tickets-onboard")

    assert "4 records: 3 accepted, 1 rejected" in answer
    assert re.search(r"closed\s+1\s+15\.5", shown)
    assert re.search(r"open\s+1\s+90", shown)
    assert "TRANSFORM_FAILED" in shown
    assert "verified" in shown
    assert re.search(r"2\s+105\.5", before)
    assert reader.follow(show) == before


def test_derived_dataset_is_stale_once_its_input_changed(reader: Reader) -> None:
    """After a release the rollup is stale in list, show and the answer of the command, until its workflow runs."""
    reader.follow(SHELL[1])
    (held,) = json.loads(reader.follow("chartly quarantine list --output json"))
    fresh = reader.run_block("chartly dataset show tickets-daily")

    correction = '{"opened": "2026-02-04 10:00", "minutes": "7"}'
    released = reader.run_block(f"chartly quarantine release {held['quarantine_id']} --because 'asked' --merge '{correction}'")
    stale = reader.run_block("chartly dataset show tickets-daily")
    listed = json.loads(reader.follow("chartly dataset list --output json"))
    reader.follow("chartly workflow run tickets-onboard")
    after = reader.run_block("chartly dataset show tickets-daily")

    assert "stale:" not in fresh.stderr
    for done in (released, stale):
        assert "tickets-daily is stale: it was computed from tickets version 1, now 2." in done.stderr
        assert "Next: chartly workflow run tickets-onboard" in done.stderr
    assert {each["dataset"]: each["stale"] for each in listed} == {"tickets": False, "tickets-daily": True}
    assert "stale:" not in after.stderr


def test_columns_that_are_empty_in_every_record_are_named(reader: Reader) -> None:
    """A column that no record fills stays in the table, and `dataset show` says so."""
    name = "tickets/source/tickets.json"
    text = re.sub(r'"minutes": "[^"]*"', '"minutes": null', (reader.folder / name).read_text("utf-8"))
    reader.write(name, text)
    reader.follow(SHELL[1])

    shown = reader.run_block("chartly dataset show tickets")

    assert "Empty in every record: minutes." in shown.stderr


def test_record_that_comes_again_is_listed_once(reader: Reader) -> None:
    """The bad ticket of a page that changed three times is one row that came four times; each time is kept, and has the same digest."""
    reader.follow(SHELL[1])
    name = "tickets/source/tickets.json"
    text = (reader.folder / name).read_text("utf-8")
    for change in range(3):
        reader.write(name, text.replace('"minutes": "90"', f'"minutes": "9{change + 1}"'))
        reader.follow("chartly workflow run tickets-onboard")

    listed = reader.run_block("chartly quarantine list --reason TRANSFORM_FAILED")
    each = json.loads(reader.follow("chartly quarantine list --reason TRANSFORM_FAILED --output json"))

    assert len(re.findall(r"^q-", listed.stdout, re.MULTILINE)) == 1
    assert re.search(r"open\s+4\s*$", listed.stdout, re.MULTILINE)
    assert "1 record came 4 times" in listed.stderr
    assert (len(each), len({record["payload_sha256"] for record in each})) == (4, 1)
    assert len(re.findall(r"^q-", reader.follow("chartly quarantine list --reason TRANSFORM_FAILED --each"), re.MULTILINE)) == 4
