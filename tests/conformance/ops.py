"""Runs one op over many values through a plan. The tests of ops share it.

It knows no op; the tests decide which answer is right.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pyarrow as pa

from chartly.native import Plan

FAILED = "TRANSFORM_FAILED"
LOST = "PRECISION_LOSS"
SECRET = b"a key of the tests, of 32 bytes."


def apply(op: Mapping[str, Any], values: Sequence[str], *, others: Mapping[str, str] | None = None) -> list[Any]:
    """Run an op over JSON texts; return each result as JSON, ``None`` when the field is dropped, or the reason code as ``(code,)``.

    ``others`` are further members of each record, mapped under their own names.
    """
    mapping: dict[str, str] = {"v": "$.v", **{name: f"$.{name}" for name in others or {}}}
    spec = {"canonicalEventType": "t", "input": "ndjson", "mapping": mapping, "transforms": [{**op, "field": "v"}]}
    more = "".join(f',"{name}":{text}' for name, text in (others or {}).items())
    data = "\n".join(f'{{"v":{value}{more}}}' for value in values).encode()
    plan = Plan.compile(spec, {"type": "object"}, secrets={("pii", "key"): SECRET})
    outcome = plan.run(data, canonical=True)
    results: dict[int, Any] = {}
    # pyarrow comes without types.
    read = cast("Any", pa).RecordBatchReader.from_stream
    for row in read(outcome.accepted).read_all().to_pylist():
        results[row["raw_line"]] = json.loads(row["_canonical"], parse_int=float).get("v")
    for row in read(outcome.rejected).read_all().to_pylist():
        (reason,) = row["reasons"]
        assert reason["field"] == "v"
        assert reason["rule"].startswith(op["op"]) or reason["rule"].startswith("number/")
        results[row["line"]] = (reason["reason"],)
    return [results[line + 1] for line in range(len(values))]
