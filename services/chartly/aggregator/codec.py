"""Convert between messages and stored results."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.timestamps import timestamp
from chartly.v1 import aggregator_pb2 as pb
from chartly.v1 import common_pb2

from .store.results import COUNTS, Result

# Reasons are names of an enum; the longest has half as many characters.
_REASON_CHARACTERS_MAX = 64


def decode(result: pb.WorkResult, now: datetime) -> Result:
    """Return the result in a report.

    Raises:
        InvalidRequest: the counts don't add up.
    """
    counts = {name: getattr(result.counts, name) for name in COUNTS}
    if counts["records_in"] != sum(counts.values()) - counts["records_in"]:
        raise InvalidRequest(
            violations=(FieldViolation("result.counts", "records_in must be canonical + duplicates + quarantined + replayed"),)
        )
    finished_at = result.finished_at.ToDatetime(UTC) if result.HasField("finished_at") else now
    return {
        "work_id": result.work_id,
        "run_id": result.run_id,
        "drone_id": result.drone_id,
        "kind": result.kind,
        "source_id": result.source_id,
        "dataset": result.dataset,
        "succeeded": result.outcome == "succeeded",
        "reason": result.reason[:_REASON_CHARACTERS_MAX],
        **counts,
        "duration_ms": result.duration_ms,
        "finished_at_ms": int(finished_at.timestamp() * 1000),
        "reasons": {each.reason[:_REASON_CHARACTERS_MAX]: each.records for each in result.quarantine_reasons},
    }


def result(stored: Result) -> pb.WorkResult:
    """Return the message of a result."""
    return pb.WorkResult(
        work_id=stored["work_id"],
        run_id=stored["run_id"],
        drone_id=stored["drone_id"],
        kind=stored["kind"],
        source_id=stored["source_id"],
        dataset=stored["dataset"],
        outcome="succeeded" if stored["succeeded"] else "failed",
        reason=stored["reason"],
        counts=counts(stored),
        quarantine_reasons=reason_counts(sorted(stored["reasons"].items(), key=lambda each: (-each[1], each[0]))),
        duration_ms=stored["duration_ms"],
        finished_at=timestamp(stored["finished_at_ms"]),
    )


def run(summed: Mapping[str, Any]) -> pb.RunResult:
    """Return the message of the sums of one run."""
    return pb.RunResult(
        run_id=summed["run_id"],
        results=summed["results"],
        failed=summed["failed"],
        counts=counts(summed),
        last_finished_at=timestamp(summed["last_finished_at_ms"]),
    )


def counts(row: Mapping[str, Any]) -> common_pb2.RecordCounts:
    """Return the message of a row's counts."""
    return common_pb2.RecordCounts(**{name: int(row[name]) for name in COUNTS})


def reason_counts(found: list[tuple[str, int]]) -> list[common_pb2.ReasonCount]:
    """Return the messages of the number of records by reason."""
    return [common_pb2.ReasonCount(reason=reason, records=records) for reason, records in found]
