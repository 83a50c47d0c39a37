"""A file that a table's last version refers to."""

from typing import NamedTuple


class LiveFile(NamedTuple):
    """A live file of a table, with the value of each partition column."""

    path: str
    size_bytes: int
    partition: tuple[tuple[str, str | None], ...]
