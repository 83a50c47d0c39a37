"""Which files of a table are merged."""

from chartly.platform.config import Limits
from chartly.storage.maintenance.file_groups import first_pass, groups_to_merge
from chartly.storage.table.live_file import LiveFile

TARGET = Limits(table_file_bytes_target=100).table_file_bytes_target


def sizes(*bytes_each: int, partition: str | None = None) -> list[LiveFile]:
    """Files of one partition."""
    return [LiveFile(f"{partition}-{n:03d}", size, (("p", partition),)) for n, size in enumerate(bytes_each)]


def test_few_small_files_are_left_alone() -> None:
    """At the bound nothing is merged, above it everything small."""
    assert groups_to_merge(sizes(*[1] * 4), small_files_max=4, file_bytes_target=TARGET) == []
    assert len(groups_to_merge(sizes(*[1] * 5), small_files_max=4, file_bytes_target=TARGET)[0]) == 5


def test_large_files_are_not_rewritten() -> None:
    """From half the target on a file stays as it is."""
    groups = groups_to_merge(sizes(50, *[1] * 5), small_files_max=4, file_bytes_target=TARGET)
    assert [file.size_bytes for group in groups for file in group] == [1] * 5


def test_merges_keep_partitions_apart_and_below_the_target() -> None:
    """No group spans partitions or outgrows the target; a file alone is no group."""
    files = [*sizes(*[40] * 5, partition="a"), *sizes(40, 40, partition="b"), *sizes(1, partition="c")]
    groups = groups_to_merge(files, small_files_max=2, file_bytes_target=TARGET)

    assert all(len({file.partition for file in group}) == 1 for group in groups)
    assert all(sum(file.size_bytes for file in group) <= 100 for group in groups)
    assert all(len(group) > 1 for group in groups)
    assert len(groups) == 3


def test_a_pass_is_bounded() -> None:
    """Groups are taken until the bound of bytes; the first always, so that a pass is never for nothing."""
    groups = [sizes(40, 40), sizes(10, 10), sizes(1, 1)]
    assert first_pass(groups, bytes_max=100) == groups[:2]
    assert first_pass(groups, bytes_max=10) == groups[:1]
    assert first_pass([], bytes_max=10) == []
