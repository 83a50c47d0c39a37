"""Staged files: checked before they are read."""

from pathlib import Path

import pytest

from chartly.platform.config import Limits
from chartly.storage.commit.staging import Staging
from chartly.storage.errors import StagedFileTooLarge


def test_staged_file_may_have_as_many_bytes_as_its_bound(tmp_path: Path) -> None:
    """A staged file of staged_file_bytes_max bytes is accepted; one byte more is refused."""
    staging = Staging(tmp_path / "staging", Limits(staged_file_bytes_max=4).staged_file_bytes_max)
    file = staging.make("ticket") / "accepted.parquet"
    file.write_bytes(b"1234")
    assert staging.check("ticket", file.name) == 4
    file.write_bytes(b"12345")
    with pytest.raises(StagedFileTooLarge):
        staging.check("ticket", file.name)
