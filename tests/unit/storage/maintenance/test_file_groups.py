"""Selection of a table's files for compaction."""

from chartly.platform.config import Limits
from chartly.storage.maintenance.file_groups import first_pass, groups_to_merge
from chartly.storage.table.live_file import LiveFile

TARGET = Limits(table_file_bytes_target=100).table_file_bytes_target


def sizes(*bytes_each: int, partition: str | None = None) -> list[LiveFile]:
    """Return files of one partition with these sizes."""
    return [LiveFile(f"{partition}-{n:03d}", size, (("p", partition),)) for n, size in enumerate(bytes_each)]


def test_few_small_files_are_left_alone() -> None:
    """Up to the bound of small files nothing is merged; above it all small files are."""
    assert groups_to_merge(sizes(*[1] * 4), small_files_max=4, file_bytes_target=TARGET) == []
    assert len(groups_to_merge(sizes(*[1] * 5), small_files_max=4, file_bytes_target=TARGET)[0]) == 5


def test_large_files_are_not_rewritten() -> None:
    """A file of half the target size or more is not rewritten."""
    groups = groups_to_merge(sizes(50, *[1] * 5), small_files_max=4, file_bytes_target=TARGET)
    assert [file.size_bytes for group in groups for file in group] == [1] * 5


def test_merges_keep_partitions_apart_and_below_the_target() -> None:
    """A group has files of one partition, is at most the target size, and has at least two files."""
    files = [*sizes(*[40] * 5, partition="a"), *sizes(40, 40, partition="b"), *sizes(1, partition="c")]
    groups = groups_to_merge(files, small_files_max=2, file_bytes_target=TARGET)

    assert all(len({file.partition for file in group}) == 1 for group in groups)
    assert all(sum(file.size_bytes for file in group) <= 100 for group in groups)
    assert all(len(group) > 1 for group in groups)
    assert len(groups) == 3


def test_a_pass_is_bounded() -> None:
    """A pass selects groups up to its bound of bytes, but at least one."""
    groups = [sizes(40, 40), sizes(10, 10), sizes(1, 1)]
    assert first_pass(groups, bytes_max=100) == groups[:2]
    assert first_pass(groups, bytes_max=10) == groups[:1]
    assert first_pass([], bytes_max=10) == []
