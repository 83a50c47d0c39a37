"""Cuts of JSON lines into pages."""

import pytest

from chartly.platform.json.lines import Cutter


@pytest.mark.parametrize(("lines", "pages"), [(3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
@pytest.mark.parametrize("last_end", [b"\n", b""])
def test_page_has_at_most_lines_max_lines(lines: int, pages: list[int], last_end: bytes) -> None:
    """Lines up to the bound are one page and one line more a second; no byte is lost, with or without a last line end."""
    body = b"\n".join(b"{}" for _ in range(lines)) + last_end
    cutter = Cutter(1_000, 1_000, 3)

    cut = [*cutter.feed(body), *cutter.rest()]

    assert [len(page.splitlines()) for page in cut] == pages
    assert b"".join(cut) == body


def test_full_page_is_cut_at_lines_max() -> None:
    """If both bounds are reached the smaller page is returned, and the rest begins the next page."""
    cutter = Cutter(12, 100, 3)

    assert [*cutter.feed(b"{}\n" * 5), *cutter.rest()] == [b"{}\n" * 3, b"{}\n" * 2]
