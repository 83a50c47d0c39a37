"""Lists the files of an older version of a table from its log, with all that is needed to add them to the table again."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from chartly.storage.arrow import delta_errors, deltalake, pa
from chartly.storage.errors import VersionUnknown
from chartly.storage.model import Commit, TableFile
from chartly.storage.names import digest_in, sequence_in

from .data_files import instant_text


def files_of(table: Path, commit: Commit) -> dict[str, TableFile]:
    """Return the files that held a dataset as of a commit, by path.

    Raises:
        VersionUnknown: the log has the version no more, or one of its files was deleted.
    """
    try:
        actions: Any = pa.table(deltalake.DeltaTable(str(table), version=commit.delta_version).get_add_actions(flatten=False))
    except (delta_errors.DeltaError, OSError, ValueError) as gone:
        raise VersionUnknown(commit.key.dataset, commit.sequence) from gone
    files: dict[str, TableFile] = {}
    for action in actions.to_pylist():
        path = str(action["path"])
        if sequence_in(path) > commit.sequence:
            # The file is of a later commit of the same group.
            continue
        if not (table / path).exists():
            raise VersionUnknown(commit.key.dataset, commit.sequence)
        files[path] = TableFile(
            path=path,
            sha256=digest_in(path),
            size_bytes=action["size_bytes"],
            rows=action["num_records"] or 0,
            partition=dict(action.get("partition") or {}),
            stats=_stats(action),
        )
    return files


def _stats(action: dict[str, Any]) -> str:
    given: dict[str, dict[str, Any]] = {name: action.get(name) or {} for name in ("min", "max", "null_count")}
    stats = {
        "numRecords": action["num_records"],
        "minValues": {field: _bound(value) for field, value in given["min"].items() if value is not None},
        "maxValues": {field: _bound(value) for field, value in given["max"].items() if value is not None},
        "nullCount": {field: count for field, count in given["null_count"].items() if count is not None},
    }
    return json.dumps(stats)


def _bound(value: Any) -> Any:
    """Write a bound as ``data_files.py`` does. The log's instants have whole milliseconds already."""
    if isinstance(value, datetime):
        return instant_text(value)
    return value.isoformat() if isinstance(value, date) else value
