"""Names of files."""

import pytest

from chartly.storage.names import STAGED_FILE, data_file, digest_in


def test_data_files_name_their_digest() -> None:
    """The name of a data file contains its digest."""
    digest = "ab" * 32
    assert digest.startswith(digest_in(data_file(7, 0, digest)))


@pytest.mark.parametrize("name", ["../x.parquet", "a/b.parquet", ".parquet", "x.parquet.tmp", "X.parquet", "x\n.parquet"])
def test_staged_names_stay_in_their_folder(name: str) -> None:
    """A staged file's name must be a plain lower-case name."""
    assert STAGED_FILE.fullmatch(name) is None
