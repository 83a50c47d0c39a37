"""Log lines that the platform writes meet their contract."""

import json
import logging
from collections.abc import Iterator

import pytest

from chartly.contracts import ContractStore
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.telemetry.log import JsonFormatter, Logger


class Kept(logging.Handler):
    """Keeps lines as they would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonFormatter("test"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(self.format(record))


@pytest.fixture
def kept() -> Iterator[Kept]:
    """Return the lines of the registry's logger."""
    handler, logger = Kept(), logging.getLogger("chartly.registry")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)


def test_lines_in_and_outside_of_requests_meet_the_contract(kept: Kept) -> None:
    """Each log line has all eight context fields, within a request and outside."""
    writer = Logger("registry")
    writer.info("packaged profiles stored", profiles=5, source_id="sales-http", nested={"a": [1]}, nothing=None)
    with scoped(Scope("user:ada", "tenant-demo", "proj-sales", request_id="req-1", run_id="run_1")):
        writer.warning("slow", seconds=1.5)
        try:
            int("x")
        except ValueError as failure:
            writer.error("failed", exception=failure)
    validator = ContractStore.packaged().validator("telemetry.log_line")

    assert len(kept.lines) == 3
    for line in kept.lines:
        assert validator.violations(json.loads(line)) == []
