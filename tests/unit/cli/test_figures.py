"""The demonstration's own checks: they must be able to fail."""

from dataclasses import replace

from chartly.cli.demo.figures import DemoCounts, Result, faults_of_first, faults_of_second

FIRST = Result("sales", "SUCCEEDED", 10, DemoCounts(10, 6, 1, 3, 0), {"TRANSFORM_FAILED": 3}, 6, "sha256:aa", DemoCounts(10, 6, 1, 3, 0))
AGAIN = replace(FIRST, counts=DemoCounts(10, 0, 0, 0, 10))


def test_figures_that_add_up_have_no_fault() -> None:
    """A first and a second run as they should be."""
    assert (faults_of_first(FIRST), faults_of_second(FIRST, AGAIN)) == ([], [])


def test_a_lost_record_is_a_fault() -> None:
    """One record less than the source holds, and one that is nowhere."""
    assert faults_of_first(replace(FIRST, counts=DemoCounts(9, 5, 1, 3, 0)))
    assert faults_of_first(replace(FIRST, counts=DemoCounts(10, 5, 1, 3, 0)))


def test_a_failed_run_is_a_fault() -> None:
    """Whatever it counted."""
    assert faults_of_first(replace(FIRST, state="FAILED"))


def test_rows_that_nobody_counted_are_a_fault() -> None:
    """The dataset must hold what became canonical."""
    assert faults_of_first(replace(FIRST, rows=7))


def test_a_second_run_that_changes_anything_is_a_fault() -> None:
    """Another hash, or a new record."""
    assert faults_of_second(FIRST, replace(AGAIN, content_hash="sha256:bb"))
    assert faults_of_second(FIRST, replace(AGAIN, counts=DemoCounts(10, 1, 0, 0, 9)))
