"""The demonstration's own checks fail when they should."""

from dataclasses import replace

from chartly.cli.demo.figures import DemoCounts, Result, faults_of_first, faults_of_second

FIRST = Result("sales", "SUCCEEDED", 10, DemoCounts(10, 6, 1, 3, 0), {"TRANSFORM_FAILED": 3}, 6, "sha256:aa", DemoCounts(10, 6, 1, 3, 0))
AGAIN = replace(FIRST, counts=DemoCounts(10, 0, 0, 0, 10))


def test_figures_that_add_up_have_no_fault() -> None:
    """A correct first and second run have no fault."""
    assert (faults_of_first(FIRST), faults_of_second(FIRST, AGAIN)) == ([], [])


def test_a_lost_record_is_a_fault() -> None:
    """A record that is missing in the source's count or in the outcomes is a fault."""
    assert faults_of_first(replace(FIRST, counts=DemoCounts(9, 5, 1, 3, 0)))
    assert faults_of_first(replace(FIRST, counts=DemoCounts(10, 5, 1, 3, 0)))


def test_a_failed_run_is_a_fault() -> None:
    """A failed run is a fault, whatever its counts."""
    assert faults_of_first(replace(FIRST, state="FAILED"))


def test_uncounted_rows_are_a_fault() -> None:
    """A dataset with other rows than the canonical records is a fault."""
    assert faults_of_first(replace(FIRST, rows=7))


def test_a_second_run_that_changes_anything_is_a_fault() -> None:
    """Another hash or a new record in the second run is a fault."""
    assert faults_of_second(FIRST, replace(AGAIN, content_hash="sha256:bb"))
    assert faults_of_second(FIRST, replace(AGAIN, counts=DemoCounts(10, 1, 0, 0, 9)))
