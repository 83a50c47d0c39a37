"""The reference pages that are generated from code."""

from pathlib import Path

import pytest
from docs.from_code.__main__ import pages

FOLDER = Path(__file__).parents[3] / "docs" / "reference"
PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_page_is_current(name: str) -> None:
    """Each generated page equals the generator's output. Refresh with ``make generate``."""
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name]


def test_every_bound_says_why() -> None:
    """Each row of the limits table has a value and a reason."""
    rows = [line.split("|") for line in PAGES["limits.md"].splitlines() if line.startswith("| `")]

    assert len(rows) > 50
    assert all(cell.strip() for row in rows for cell in row[1:5])


def test_page_of_the_api_shows_the_bounds_of_fields() -> None:
    """A row has method, field and rule, and links the limit of a configured bound."""
    rows = PAGES["api.md"].splitlines()

    assert "| CreateToken | `principal` | must have 1 to 100 characters |" in rows
    assert "| Query | `sql` | must have 1 to 65536 bytes ([`limits.query_text_bytes_max`](limits.md)) |" in rows
    assert "| PostResult | `result.counts.canonical` | must not be negative |" in rows
    assert "| ReleaseQuarantined | `edit` | must be record, json_patch or merge_patch |" in rows
