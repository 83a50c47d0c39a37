"""Paths of tiles and bundles in a log (C2SP tlog-tiles). Pure arithmetic."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TILE_WIDTH = 256
"""Hashes in a full tile and entries in a full bundle; fixed by C2SP tlog-tiles."""
LEVELS_MAX = 8
"""Number of tile levels of a log with less than 2^63 entries."""
SIZE_MAX = 2**62
"""The largest size that common readers handle. A checkpoint with a larger size is refused."""

_NUMBER = re.compile(r"(?:x[0-9]{3}/)*[0-9]{3}")
_PARTIAL = re.compile(r"(?P<tile>.+)\.p/(?P<width>[1-9][0-9]{0,2})")


class PathInvalidError(ValueError):
    """The text is not the path of a tile or an entry bundle."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of hashes, or a bundle of entries when ``level`` is None."""

    level: int | None
    number: int
    width: int
    """Number of hashes or entries: 1 to 256."""

    @property
    def path(self) -> str:
        """Path below the log's ``tile/``."""
        kind = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"{kind}/{number_path(self.number)}{partial}"


def number_path(number: int) -> str:
    """Return a tile's number in groups of three digits, all but the last with the prefix ``x``: ``x001/x234/067`` for 1234067."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def parse(path: str) -> Tile:
    """Return the tile of a path below ``tile/``.

    Raises:
        PathInvalidError: ``Tile.path`` never returns this text.
    """
    kind, _, rest = path.partition("/")
    partial = _PARTIAL.fullmatch(rest)
    text, width = (partial["tile"], int(partial["width"])) if partial else (rest, TILE_WIDTH)
    if not _NUMBER.fullmatch(text) or len(text) > 4 * LEVELS_MAX or (partial and width >= TILE_WIDTH):
        raise PathInvalidError(path)
    if kind != "entries" and not (kind.isascii() and kind.isdigit()):
        raise PathInvalidError(path)
    tile = Tile(None if kind == "entries" else int(kind), int(text.replace("x", "").replace("/", "")), width)
    if tile.path != path or (tile.level or 0) >= LEVELS_MAX:
        raise PathInvalidError(path)
    return tile


def tiles(size: int) -> Iterator[Tile]:
    """Yield every tile of a log of ``size`` entries, from the lowest level up; in each level the partial tile comes last."""
    level, hashes = 0, size
    while hashes > 0:
        yield from _row(level, hashes)
        level, hashes = level + 1, hashes // TILE_WIDTH


def bundles(size: int) -> Iterator[Tile]:
    """Yield every entry bundle of a log of ``size`` entries, in order."""
    yield from _row(None, size)


def _row(level: int | None, count: int) -> Iterator[Tile]:
    full, rest = divmod(count, TILE_WIDTH)
    for number in range(full):
        yield Tile(level, number, TILE_WIDTH)
    if rest:
        yield Tile(level, full, rest)
