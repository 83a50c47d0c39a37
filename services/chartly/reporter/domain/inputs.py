"""Decides which version of each dataset a report reads. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from chartly.platform.errors import FieldViolation
from chartly.reporter.errors import ReportRequestInvalid

LAST = 0
"""In place of a version: the last one."""


def pinned_versions(inputs: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return the version of each dataset that the inputs of a report name; ``LAST`` if none of them names a version.

    Queries name a table by its dataset, so a report reads one version of a dataset.

    Raises:
        ReportRequestInvalid: inputs name two versions of one dataset, or version 0, which no dataset has.
    """
    pinned: dict[str, int] = {}
    problems: list[FieldViolation] = []
    for at, given in enumerate(inputs):
        version = int(given["version"]) if "version" in given else None
        held = pinned.setdefault(given["dataset"], LAST)
        if version is None:
            continue
        if version < 1:
            problems.append(FieldViolation(f"request.inputs.{at}.version", "must be at least 1"))
        elif held not in (LAST, version):
            problems.append(FieldViolation(f"request.inputs.{at}.version", "must be the version that another input of the dataset names"))
        else:
            pinned[given["dataset"]] = version
    if problems:
        raise ReportRequestInvalid(violations=tuple(problems))
    return pinned
