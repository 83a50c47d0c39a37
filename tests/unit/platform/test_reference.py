"""The reference pages of limits and configuration."""

from pathlib import Path

import pytest

from chartly.platform.config.reference import pages

FOLDER = Path(__file__).parents[3] / "docs" / "reference"


@pytest.mark.parametrize("name", ["limits.md", "configuration.md"])
def test_page_is_current(name: str) -> None:
    """A key that isn't in the page, or has another default there, is found here. Refresh: ``make generate``."""
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name]


def test_every_bound_says_why() -> None:
    """No row of the table lacks its reason or its value."""
    rows = [line.split("|") for line in pages()["limits.md"].splitlines() if line.startswith("| `")]

    assert len(rows) > 50
    assert all(cell.strip() for row in rows for cell in row[1:5])
