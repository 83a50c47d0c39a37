"""Lookup tables from files, for `chartly normalize`: each replaces a dataset that the profile looks up."""

import csv
import importlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from chartly import native
from chartly.platform.config import Limits
from chartly.profiles.errors import LookupRefused
from chartly.profiles.lookups import Lookup, Table, table_of_rows


def tables_from(files: Iterable[str]) -> Callable[[Lookup], Table]:
    """Return a function that reads the lookup table of a dataset from its file.

    Args:
        files: ``NAME=FILE`` each, a dataset and an NDJSON, CSV or Parquet file by its ending.

    Raises:
        LookupRefused: an argument has another form, or names a dataset twice.
    """
    paths: dict[str, Path] = {}
    for given in files:
        name, separator, path = given.partition("=")
        if not separator or not name or not path or name in paths:
            raise LookupRefused(name, 0, "--lookup must be NAME=FILE, with each dataset once")
        paths[name] = Path(path)
    limits = Limits()

    def table_of(lookup: Lookup) -> Table:
        path = paths.get(lookup.dataset)
        if path is None:
            raise LookupRefused(lookup.dataset, lookup.version, f"pass its rows with --lookup {lookup.dataset}=FILE")
        return table_of_rows(lookup, _rows(lookup, path), limits.lookup_rows_max, limits.lookup_bytes_max)

    return table_of


def _rows(lookup: Lookup, path: Path) -> Iterator[tuple[Any, Any]]:
    read = {".ndjson": _ndjson, ".jsonl": _ndjson, ".csv": _csv, ".parquet": _parquet}.get(path.suffix.lower())
    if read is None:
        raise LookupRefused(lookup.dataset, lookup.version, f"{path} must end in .ndjson, .jsonl, .csv or .parquet")
    try:
        for number, row in enumerate(read(path), 1):
            if not isinstance(row, dict) or lookup.key not in row or lookup.value not in row:
                raise LookupRefused(lookup.dataset, lookup.version, f"{path}: row {number} lacks {lookup.key} or {lookup.value}")
            yield row[lookup.key], row[lookup.value]
    except (OSError, ValueError, csv.Error) as failure:
        raise LookupRefused(lookup.dataset, lookup.version, f"{path} cannot be read: {failure}") from failure


def _ndjson(path: Path) -> Iterator[Any]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                # As strict as for records: no repeated key, no lone surrogate, no NaN. Python's parser accepts all of them.
                native.canonicalize(line)
            except native.NativeError as refused:
                raise ValueError(f"line {number}: {refused}") from refused
            yield json.loads(line)


def _csv(path: Path) -> Iterator[Any]:
    # Spreadsheet programs write a byte order mark at the start of a file.
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines, strict=True)
        names = rows.fieldnames or ()
        if len(set(names)) < len(names):
            raise ValueError("line 1: the header repeats a column name")
        for row in rows:
            # csv puts surplus cells under the key None and fills missing cells with None.
            if None in row or None in row.values():
                raise ValueError(f"line {rows.line_num}: the row must have as many cells as the header")
            yield row


def _parquet(path: Path) -> Iterator[Any]:
    pq: Any = importlib.import_module("pyarrow.parquet")
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches():
            yield from batch.to_pylist()
