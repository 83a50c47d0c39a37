"""How long does dlt take to load the sales file under a schema contract? ``push_vs_dlt.py`` runs it in a separate environment.

    python dlt_load.py INPUT OUT duckdb|merged|filesystem

The job as dlt does it: read lines, map them in the resource's code, check every row against a typed model with the same rules as the
JSON Schema (the contract discards invalid rows), normalize, load. ``filesystem`` appends Parquet files, ``duckdb`` uses
dlt's defaults, ``merged`` loads DuckDB from Parquet files, dlt's fastest way, and merges by id. The last is nearest to our job.
Prints one line of JSON.
"""

import importlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import orjson

_BATCH = 5_000


def main() -> None:
    """Load once."""
    source, out, destination = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    folder = str(out.resolve())
    os.environ.update(RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="ERROR", DLT_DATA_DIR=folder, DLT_PROJECT_DIR=folder)
    # dlt reads its settings at import, and is not installed where this file is checked.
    dlt: Any = importlib.import_module("dlt")
    from pydantic import AwareDatetime, BaseModel, Field  # noqa: PLC0415 - beside it

    class Event(BaseModel):
        """The contract: the same rules as the JSON Schema of the job."""

        event_id: Annotated[str, Field(min_length=1)]
        occurred_at: AwareDatetime
        amount: Annotated[float, Field(ge=0)]
        currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
        customer_id: str | None = None
        type: str = "sales.event"

    files, merged = destination == "filesystem", destination == "merged"
    target = dlt.destinations.filesystem(f"file://{folder}/lake") if files else dlt.destinations.duckdb(f"{folder}/out.duckdb")
    contract = {"tables": "evolve", "columns": "discard_row", "data_type": "discard_row"}
    resource = dlt.resource(lambda: _rows(source), name="events", columns=Event, schema_contract=contract)
    if merged:
        resource.apply_hints(write_disposition="merge", primary_key="event_id")
    began_s, began_cpu_s = time.perf_counter(), _cpu_s()
    pipeline = dlt.pipeline("sales", destination=target, dataset_name="d", pipelines_dir=f"{folder}/pipelines")
    pipeline.run(resource(), loader_file_format="parquet" if files or merged else None)
    wall_s, cpu_s = time.perf_counter() - began_s, _cpu_s() - began_cpu_s
    records = source.read_bytes().count(b"\n")
    rows = pipeline.last_trace.last_normalize_info.row_counts["events"]
    figures = {"records": records, "accepted": rows, "wall_s": wall_s, "cpu_s": cpu_s, "version": dlt.__version__}
    print(json.dumps(figures))


def _rows(source: Path) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    with source.open("rb") as lines:
        for line in lines:
            try:
                record = orjson.loads(line)
            except ValueError:
                continue
            totals: dict[str, Any] = record.get("totals") or {}
            customer: dict[str, Any] = record.get("customer") or {}
            batch.append(
                {
                    "event_id": record.get("id"),
                    "occurred_at": record.get("timestamp"),
                    "amount": totals.get("amount"),
                    "currency": totals.get("currency"),
                    "customer_id": customer.get("id"),
                    "type": "sales.event",
                }
            )
            if len(batch) == _BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _cpu_s() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


if __name__ == "__main__":
    main()
