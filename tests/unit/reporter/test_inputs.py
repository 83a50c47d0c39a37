"""The bound of a report's inputs."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from chartly.contracts import ContractStore
from chartly.platform.config import Limits
from chartly.platform.identity.scope import Scope
from chartly.reporter.errors import ReportRequestInvalid
from chartly.reporter.report_maker import ReportMaker

EXAMPLES = Path(__file__).parents[3] / "contracts" / "v1" / "reports" / "examples" / "valid"


class Reached(Exception):
    """Raised when the accepted request calls storage."""


class Clients:
    """Clients that answer nothing."""

    @property
    def dataset(self) -> Any:
        """Record that this point was reached."""
        raise Reached


@pytest.mark.parametrize(("inputs_max", "expected"), [(1, ReportRequestInvalid), (2, Reached)])
async def test_report_has_at_most_report_inputs_max_inputs(inputs_max: int, expected: type[Exception]) -> None:
    """A report of two inputs is made where two are allowed, and refused where one is."""
    request = next(
        example
        for example in (json.loads(path.read_bytes()) for path in sorted(EXAMPLES.glob("report_request*.json")))
        if len(example["inputs"]) == 2
    )
    maker = ReportMaker(
        cast("Any", Clients()), cast("Any", None), ContractStore.packaged(), Limits(report_inputs_max=inputs_max).report_inputs_max
    )

    with pytest.raises(expected):
        await maker.make(Scope.service("reporter", "tenant-demo", "proj-sales"), request, datetime(2026, 2, 2, tzinfo=UTC))
