"""Finds the records in bytes: lines of NDJSON, and elements of a JSON array.

It only splits the bytes; it does not check whether a line is JSON.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Slice:
    """One record's bytes and place."""

    data: bytes
    line: int
    offset: int


_BLANK = b" \t\r"


def of_lines(data: bytes) -> Iterator[Slice | None]:
    """Return each line of NDJSON without its end; ``None`` is a blank line."""
    offset = 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        length = len(line)
        is_last = offset + length == len(data)
        content = line.removesuffix(b"\r")
        if content.strip(_BLANK):
            yield Slice(content, number, offset)
        elif not is_last or line:
            yield None
        offset += length + 1


def of_array(data: bytes) -> Iterator[Slice]:
    """Return each element of a JSON array that is known to be well formed."""
    text = data.decode("utf-8")
    decoder = json.JSONDecoder(parse_float=str, parse_int=str)
    position = text.index("[") + 1
    number = 0
    while True:
        while text[position] in " \t\r\n,":
            position += 1
        if text[position] == "]":
            return
        _, end = decoder.raw_decode(text, position)
        number += 1
        before, element = text[:position].encode(), text[position:end].encode()
        yield Slice(element, number, len(before))
        position = end
