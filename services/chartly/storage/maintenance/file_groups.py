"""Chooses which files of a table are merged. Pure: sizes in, groups out."""

from collections.abc import Iterable

from chartly.storage.table.live_file import LiveFile


def groups_to_merge(files: Iterable[LiveFile], *, small_files_max: int, file_bytes_target: int) -> list[list[LiveFile]]:
    """Group small files of one partition into merges of at most ``file_bytes_target``.

    Returns nothing until the table has more than ``small_files_max`` small files, so that the cost of merging is spread over many commits.
    A file of half the target or more is not small: each byte is rewritten a few times in its life, and not with every merge.
    """
    small = [file for file in files if file.size_bytes < file_bytes_target // 2]
    if len(small) <= small_files_max:
        return []
    by_partition: dict[tuple[tuple[str, str | None], ...], list[LiveFile]] = {}
    for file in sorted(small):
        by_partition.setdefault(file.partition, []).append(file)
    groups: list[list[LiveFile]] = []
    for members in by_partition.values():
        group: list[LiveFile] = []
        size_bytes = 0
        for file in members:
            if group and size_bytes + file.size_bytes > file_bytes_target:
                groups.append(group)
                group, size_bytes = [], 0
            group.append(file)
            size_bytes += file.size_bytes
        groups.append(group)
    return [group for group in groups if len(group) > 1]


def first_pass(groups: list[list[LiveFile]], *, bytes_max: int) -> list[list[LiveFile]]:
    """Return the groups that one pass merges: at least one, and together at most ``bytes_max``, because commits wait for the pass."""
    chosen: list[list[LiveFile]] = []
    size_bytes = 0
    for group in groups:
        size_bytes += sum(file.size_bytes for file in group)
        if chosen and size_bytes > bytes_max:
            break
        chosen.append(group)
    return chosen
