"""Files that are no NDJSON are recognized before a push."""

import gzip
import json
import re

import pytest

from chartly.cli.file_format import NotNdjson, check_lines, recognized

ROWS = [{"a": n, "b": f"x{n}"} for n in range(40)]


@pytest.mark.parametrize(
    ("beginning", "looks_like"),
    [
        (b"a,b\n1,x\n2,y\n", "CSV with 2 comma-separated columns"),
        (b'\xef\xbb\xbfa;"b;c"\n1;"x;y"\n', "CSV with 2 semicolon-separated columns"),
        (b"a\tb\tc\r\n1\t2\t3\r\n", "CSV with 3 tab-separated columns"),
        (json.dumps(ROWS, indent=1).encode(), "a JSON array"),
        (json.dumps(ROWS).encode(), "a JSON array"),
        (json.dumps(ROWS[0], indent=1).encode(), "one JSON object over several lines"),
        (gzip.compress(b'{"a": 1}\n'), "a gzip file"),
        (b"PAR1\x15\x04", "a Parquet file"),
        (b"PK\x03\x04\x14", "a ZIP archive or an Excel workbook"),
        ('{"a": 1}\n'.encode("utf-16"), "text in UTF-16"),
        (b"<?xml version='1.0'?>\n<a/>\n", "XML or HTML"),
    ],
)
def test_other_formats_are_refused_with_a_command(beginning: bytes, looks_like: str) -> None:
    """The error names the format and how to push such a file."""
    with pytest.raises(NotNdjson) as refused:
        check_lines(beginning, "x.dat", "device-push")

    assert refused.value.looks_like == looks_like
    assert not re.search(r"[{}](?!')", refused.value.next.replace("{file}", "")), "no placeholder is left"


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"\n\n",
        "".join(json.dumps(row) + "\n" for row in ROWS).encode(),
        b'{"a": 1',
        b'{"a": 1, "b": \n{"a": 2}\n',
        b"not json\n",
        b'{"a": broken}\n{"b": broken}\n',
    ],
)
def test_broken_lines_are_no_other_format(beginning: bytes) -> None:
    """NDJSON with broken lines is pushed: quarantine keeps the broken lines."""
    assert recognized(beginning) is None
