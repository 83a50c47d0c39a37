"""Recognize files that are no NDJSON before a push: each of their lines would become a quarantined record.

Only files of another known format are refused. NDJSON with broken lines is pushed, since quarantine is the place for these.
"""

import csv
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from chartly.platform.errors import InvalidArgument, error

LOOKED_AT_BYTES = 64 * 1024
"""How much of a file's beginning is looked at."""
_LINES = 20
# Magic numbers: RFC 1952 §2.3.1, zstd RFC 8878 §3.1.1, bzip2, xz, ZIP (also .xlsx), Parquet, Avro, SQLite, PDF.
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "a gzip file", "gunzip -c {file} | chartly push {source} -"),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "zstd -dc {file} | chartly push {source} -"),
    (b"BZh", "a bzip2 file", "bunzip2 -c {file} | chartly push {source} -"),
    (b"\xfd7zXZ\x00", "an xz file", "xz -dc {file} | chartly push {source} -"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "unpack it, or export the sheet as CSV"),
    (b"PAR1", "a Parquet file", "duckdb -c \"COPY '{file}' TO '/dev/stdout' (FORMAT json)\" | chartly push {source} -"),
    (b"Obj\x01", "an Avro file", "convert it to NDJSON, one JSON object on a line"),
    (b"SQLite format 3\x00", "an SQLite database", "convert a table to NDJSON, one JSON object on a line"),
    (b"\xff\xfe", "text in UTF-16", "iconv -f UTF-16 -t UTF-8 {file} | chartly push {source} -"),
    (b"\xfe\xff", "text in UTF-16", "iconv -f UTF-16 -t UTF-8 {file} | chartly push {source} -"),
    (b"%PDF", "a PDF file", "push data, not a document"),
)
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_CSV_TO_NDJSON = (
    "python3 -c 'import csv, json, sys; [print(json.dumps(row)) for row in csv.DictReader(sys.stdin{delimiter})]' "
    "< {file} | chartly push {source} -"
)


@error(reason="INVALID_REQUEST")
class NotNdjson(InvalidArgument):
    """The file is not NDJSON (one JSON object on each line); nothing was sent."""

    file: str
    looks_like: str
    next: str


class Recognized(NamedTuple):
    """Another format, and the command that pushes such a file."""

    looks_like: str
    how: str


def check_lines(beginning: bytes, file: str, source: str) -> None:
    """Check the beginning of a file that is pushed as lines.

    Raises:
        NotNdjson: it has another format.
    """
    found = recognized(beginning)
    if found is not None:
        raise NotNdjson(file, found.looks_like, found.how.format(file=file, source=source))


def recognized(beginning: bytes) -> Recognized | None:
    """Return the format of a file that is not NDJSON by its beginning; None for NDJSON and for what is not known."""
    for magic, name, how in _MAGIC:
        if beginning.startswith(magic):
            return Recognized(name, how)
    text = beginning.decode("utf-8", "replace").lstrip("\ufeff")
    # The last line may be cut.
    lines = [line for line in text[: text.rfind("\n") + 1 or None].splitlines() if line.strip()][:_LINES]
    if not lines or any(_is_object(line) for line in lines):
        return None
    return _text_format(lines)


def _text_format(lines: Sequence[str]) -> Recognized | None:
    first = lines[0].strip()
    if first.startswith("["):
        return Recognized("a JSON array", "name the file *.json, and it is pushed as an array of records")
    if first.startswith("{") and len(lines) > 1 and not first.endswith("}"):
        return Recognized("one JSON object over several lines", "name the file *.json, and it is pushed as one record")
    if first.startswith("<"):
        return Recognized("XML or HTML", "convert it to NDJSON, one JSON object on a line")
    return _delimited(lines)


def _delimited(lines: Sequence[str]) -> Recognized | None:
    """Recognize a table of values with a header: all looked-at lines have as many values as the first, at least two."""
    if len(lines) < 2 or lines[0].lstrip().startswith("{"):  # noqa: PLR2004 - a header and a row
        return None
    for delimiter, name in _DELIMITERS.items():
        widths = {len(row) for row in csv.reader(lines, delimiter=delimiter)}
        if len(widths) == 1 and widths != {1}:
            option = "" if delimiter == "," else f", delimiter={delimiter!r}"
            return Recognized(
                f"CSV with {widths.pop()} {name}-separated columns", _CSV_TO_NDJSON.replace("{delimiter}", option.replace("'", '"'))
            )
    return None


def _is_object(line: str) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False
