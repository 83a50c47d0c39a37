"""Path arithmetic of tiles."""

import pytest

from chartly.ledger import layout
from chartly.ledger.layout import PathInvalidError, Tile


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0, 256), "0/000"),
        (Tile(0, 0, 5), "0/000.p/5"),
        (Tile(1, 1_234_067, 256), "1/x001/x234/067"),
        (Tile(None, 1_000, 255), "entries/x001/000.p/255"),
    ],
)
def test_path_and_tile_are_inverse(tile: Tile, path: str) -> None:
    """A tile's path parses back to the tile, with the digit groups of C2SP."""
    assert tile.path == path
    assert layout.parse(path) == tile


@pytest.mark.parametrize(
    "path",
    ["", "0", "0/0", "0/x000/001", "0/000.p/0", "0/000.p/256", "0/000.p/05", "8/000", "00/000", "entries/../key", "0/000/", "x/000"],
)
def test_other_spellings_are_refused(path: str) -> None:
    """Only the canonical spelling of a path is accepted, so no path can leave the log."""
    with pytest.raises(PathInvalidError):
        layout.parse(path)


def test_a_log_of_256_has_a_full_tile_and_a_partial_one_above() -> None:
    """Size 256 needs the full level-0 tile and ``1/000.p/1``."""
    assert [tile.path for tile in layout.tiles(256)] == ["0/000", "1/000.p/1"]


def test_an_empty_log_has_no_tile() -> None:
    """There is never an empty tile."""
    assert list(layout.tiles(0)) == []
