"""The how-to page on onboarding is followed exactly: real processes, its own files, its own commands."""

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
