"""A chunk from raw bytes to staged files."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from chartly.normalizer.chunk import Chunk, PlanCache, PlanSource, run_chunk
from chartly.normalizer.errors import PlanRefused, StagingUnusable
from chartly.normalizer.identity import work_key

PROFILE: dict[str, Any] = {"canonicalEventType": "t", "mapping": {"id": "$.id"}, "requiredFields": ["id"]}
CONTRACT = {"type": "object", "properties": {"id": {"type": "string"}, "type": {"const": "t"}}}
SOURCE = PlanSource("sha256:aa", json.dumps(PROFILE), json.dumps(CONTRACT))


def test_accepted_and_rejected_records_go_to_files_of_their_own(tmp_path: Path) -> None:
    """Accepted and rejected records are in two files, and the counts agree with them."""
    written = run_chunk(Chunk(SOURCE, str(tmp_path), 1), b'{"id":"a"}\n{}\n{"id":"b"}\n', PlanCache(4))
    assert (written.records, written.accepted, written.rejected) == (3, 2, 1)
    assert pq.read_metadata(tmp_path / written.accepted_file).num_rows == 2
    assert pq.read_metadata(tmp_path / written.rejected_file).num_rows == 1


def test_a_file_without_records_is_not_written(tmp_path: Path) -> None:
    """A chunk without rejected records has no file of rejected records."""
    written = run_chunk(Chunk(SOURCE, str(tmp_path), 1), b'{"id":"a"}\n', PlanCache(4))
    assert (written.rejected_file, [path.name for path in tmp_path.iterdir()]) == ("", [written.accepted_file])


def test_unwritable_folder_is_unavailable(tmp_path: Path) -> None:
    """A folder that can't be written is UNAVAILABLE, so the work item is retried."""
    with pytest.raises(StagingUnusable):
        run_chunk(Chunk(SOURCE, str(tmp_path / "gone"), 1), b'{"id":"a"}\n', PlanCache(4))


def test_a_profile_that_does_not_compile_is_refused(tmp_path: Path) -> None:
    """A profile that does not compile is refused with place and rule."""
    source = PlanSource("sha256:bb", json.dumps(PROFILE | {"mapping": {"id": "$["}}), json.dumps(CONTRACT))
    with pytest.raises(PlanRefused) as refused:
        run_chunk(Chunk(source, str(tmp_path), 1), b"", PlanCache(4))
    assert "mapping" in refused.value.violations[0].description


def test_the_cache_keeps_the_plans_last_used() -> None:
    """Beyond its bound the cache drops the least recently used plan."""
    plans = PlanCache(2)
    first, second, third = (PlanSource(f"sha256:{name}", SOURCE.profile_json, SOURCE.contract_json) for name in "abc")
    kept = plans.get(first)
    plans.get(second)
    assert plans.get(first) is kept
    plans.get(third)
    assert plans.get(first) is kept


def test_a_work_key_is_the_digest_of_the_chunks_identity() -> None:
    """Another blob, profile or dataset gives another work key."""
    keys = {work_key("r", "p", "d"), work_key("r2", "p", "d"), work_key("r", "p2", "d"), work_key("r", "p", "d2")}
    assert len(keys) == 4
    assert all(len(key) == 64 for key in keys)
