"""Which version of each dataset a report reads."""

from typing import Any

import pytest

from chartly.reporter.domain.inputs import LAST, pinned_versions
from chartly.reporter.errors import ReportRequestInvalid


def given(dataset: str, version: int | None = None) -> dict[str, Any]:
    """Return an input of a report."""
    return {"dataset": dataset} if version is None else {"dataset": dataset, "version": version}


@pytest.mark.parametrize(
    ("inputs", "versions"),
    [
        ([given("a"), given("b", 2)], {"a": LAST, "b": 2}),
        ([given("a"), given("a")], {"a": LAST}),
        ([given("a"), given("a", 3)], {"a": 3}),
        ([given("a", 3), given("a"), given("a", 3)], {"a": 3}),
    ],
)
def test_inputs_of_one_dataset_have_one_version(inputs: list[dict[str, Any]], versions: dict[str, int]) -> None:
    """An input without a version reads the version that another input of its dataset names, else the last one."""
    assert pinned_versions(inputs) == versions


@pytest.mark.parametrize("inputs", [[given("a", 1), given("a", 2)], [given("b"), given("a", 0)]])
def test_versions_that_a_report_cannot_read_are_refused(inputs: list[dict[str, Any]]) -> None:
    """Two versions of one dataset, and version 0, are refused with the place of the input."""
    with pytest.raises(ReportRequestInvalid) as refused:
        pinned_versions(inputs)
    assert [violation.field for violation in refused.value.violations] == ["request.inputs.1.version"]
