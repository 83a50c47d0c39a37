"""Which files of a table to merge. Pure: sizes in, groups out."""

from collections.abc import Iterable
from typing import NamedTuple


class FileSize(NamedTuple):
    """A live file of a table."""

    path: str
    size_bytes: int
    partition: tuple[tuple[str, str | None], ...]


def groups_to_merge(files: Iterable[FileSize], *, small_files_max: int, file_bytes_target: int) -> list[list[FileSize]]:
    """Group small files of one partition into merges of at most ``file_bytes_target``.

    Empty until the table has more than ``small_files_max`` small files, so that the cost of merging is spread over many commits. A file
    from half the target on is left alone: each byte is rewritten a few times in its life and not with every merge.
    """
    small = [file for file in files if file.size_bytes < file_bytes_target // 2]
    if len(small) <= small_files_max:
        return []
    by_partition: dict[tuple[tuple[str, str | None], ...], list[FileSize]] = {}
    for file in sorted(small):
        by_partition.setdefault(file.partition, []).append(file)
    groups: list[list[FileSize]] = []
    for members in by_partition.values():
        group: list[FileSize] = []
        size_bytes = 0
        for file in members:
            if group and size_bytes + file.size_bytes > file_bytes_target:
                groups.append(group)
                group, size_bytes = [], 0
            group.append(file)
            size_bytes += file.size_bytes
        groups.append(group)
    return [group for group in groups if len(group) > 1]


def a_pass(groups: list[list[FileSize]], *, bytes_max: int) -> list[list[FileSize]]:
    """Take the groups that one pass merges: at least one, and together at most ``bytes_max``, since commits wait for it."""
    taken: list[list[FileSize]] = []
    size_bytes = 0
    for group in groups:
        size_bytes += sum(file.size_bytes for file in group)
        if taken and size_bytes > bytes_max:
            break
        taken.append(group)
    return taken
