"""Files that replace reference datasets: valid files are read, others are refused with the line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chartly.cli.lookup_files import tables_from
from chartly.profiles.errors import LookupRefused
from chartly.profiles.lookups import Lookup


def read(folder: Path, name: str, content: bytes = b"") -> Mapping[str, Any]:
    """Read the table of codes from a file of the folder; write the file first if there is content."""
    if content:
        (folder / name).write_bytes(content)
    return tables_from([f"codes={folder / name}"])(Lookup("codes", 1, "code", "is", ""))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", b"code,is\na,1\nb,2\n"),
        ("of-a-spreadsheet.csv", b"\xef\xbb\xbfcode,is\r\na,1\r\nb,2\r\n"),
        ("other-columns.csv", b'note,is,code\n"x, y",1,a\n\n"two\nlines",2,b'),
        ("lines.ndjson", b'{"code":"a","is":"1"}\r\n\n{"is":"2","code":"b","note":"\xe2\x80\xa8"}'),
    ],
)
def test_rows_are_read(tmp_path: Path, name: str, content: bytes) -> None:
    """Columns are found by name in any order; a byte order mark, blank lines and quoted line ends are accepted."""
    assert read(tmp_path, name, content) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("long.csv", b"code,is\na,1\nb,2,5\n", "line 3: the row must have as many cells as the header"),
        ("short.csv", b"code,is\na\n", "line 2: the row must have as many cells as the header"),
        ("twice.csv", b"code,is,is\na,1,2\n", "line 1: the header repeats a column name"),
        ("other.csv", b"code;is\na;1\n", "row 1 lacks code or is"),
        ("broken.ndjson", b'{"code":"a","is":1}\n\nnope\n', "line 3: malformed JSON at byte 1"),
        ("twice.ndjson", b'{"code":"a","code":"b","is":1}\n', "line 1: malformed JSON at byte 12: duplicate-key"),
        ("nan.ndjson", b'{"code":"a","is":NaN}\n', "line 1: malformed JSON at byte 17"),
        ("half.ndjson", b'{"code":"\\ud800","is":1}\n', "lone-surrogate"),
        ("both.ndjson", b'{"code":"a","is":1}\n{"code":"a","is":true}\n', "two rows have the same code and different is"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    """An ambiguous or malformed file is refused, with its line if it has one."""
    with pytest.raises(LookupRefused) as refused:
        read(tmp_path, name, content)
    assert problem in refused.value.problem


def test_nan_is_refused(tmp_path: Path) -> None:
    """NaN in a Parquet file is refused."""
    columns: Any = {"code": ["a"], "is": [float("nan")]}
    pq.write_table(pa.table(columns), tmp_path / "nan.parquet")
    with pytest.raises(LookupRefused) as refused:
        read(tmp_path, "nan.parquet")
    assert "must be text, a JSON number or a boolean" in refused.value.problem
