"""Which inputs are measured? This module creates them, with the same bytes each time, and keeps them in the work folder."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

PAGE_BYTES = 50_000_000
WIDE_RECORDS = 100_000
WIDE_FIELDS = 40
NUMBER_KIND, TIME_KIND = 1, 2

_WORDS = ["north", "south", "east", "west", "alpha", "beta", "gamma", "delta", "río", "naïve", "東京"]


def page(lines: Path, target: Path) -> Path:
    """Write one JSON page of some 50 MB from the JSON lines of a file, its records under ``data.items``."""
    if not target.exists():
        with lines.open("rb") as source, target.open("wb") as out:
            out.write(b'{"next_cursor":null,"data":{"items":[')
            written, first = 0, True
            for line in source:
                if not _is_json(line):
                    continue
                out.write((b"" if first else b",") + line.rstrip())
                written, first = written + len(line), False
                if written > PAGE_BYTES:
                    break
            out.write(b"]}}")
    return target


def page_as_lines(lines: Path, target: Path) -> Path:
    """Write NDJSON of the same records as the page."""
    if not target.exists():
        with lines.open("rb") as source, target.open("wb") as out:
            written = 0
            for line in source:
                if _is_json(line):
                    out.write(line)
                    written += len(line)
                if written > PAGE_BYTES:
                    break
    return target


def wide(target: Path) -> Path:
    """Write records of 40 fields: texts, numbers, times, nested objects and arrays; half of the fields are optional."""
    if not target.exists():
        with target.open("wb") as out:
            for record in _wide_records(Random(7)):  # noqa: S311 - variety, not secrecy
                out.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return target


def wide_profile() -> dict[str, Any]:
    """Return the normalizer spec of the wide records."""
    names = [f"field_{number:02}" for number in range(WIDE_FIELDS)]
    mapping = {name: f"$.group_{number % 4}.{name}" for number, name in enumerate(names)}
    numbers = [name for number, name in enumerate(names) if number % 5 == NUMBER_KIND]
    times = [name for number, name in enumerate(names) if number % 5 == TIME_KIND]
    return {
        "canonicalEventType": "bench.wide",
        "requiredFields": names[::2],
        "mapping": mapping,
        "transforms": [{"op": "toNumber", "field": name} for name in numbers] + [{"op": "toUtcTimestamp", "field": name} for name in times],
    }


def wide_contract() -> dict[str, Any]:
    """Return the contract of the wide records."""
    kinds: list[dict[str, Any]] = [
        {"type": "string", "maxLength": 64},
        {"type": "number", "minimum": 0},
        {"type": "string", "format": "date-time"},
        {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}, "qty": {"type": "integer"}}}},
        {"enum": _WORDS},
    ]
    properties = {f"field_{number:02}": kinds[number % 5] for number in range(WIDE_FIELDS)}
    return {
        "type": "object",
        "required": ["type", *list(properties)[::2]],
        "properties": {"type": {"const": "bench.wide"}, **properties},
        "additionalProperties": False,
    }


def _wide_records(random: Random) -> Iterator[dict[str, Any]]:
    for _ in range(WIDE_RECORDS):
        groups: dict[str, dict[str, Any]] = {f"group_{number}": {} for number in range(4)}
        for number in range(WIDE_FIELDS):
            if number % 2 == 0 or random.random() < 0.5:  # noqa: PLR2004 - odd fields are optional, and present in half of the records
                groups[f"group_{number % 4}"][f"field_{number:02}"] = _value(number % 5, random)
        yield {**groups, "unread": {"trace": "x" * 40, "tags": [random.choice(_WORDS) for _ in range(3)]}}


def _value(kind: int, random: Random) -> Any:
    match kind:
        case 0:
            return " ".join(random.choice(_WORDS) for _ in range(random.randint(1, 4)))
        case 1:
            return f"{random.randint(0, 99_999)}.{random.randint(0, 99):02}"
        case 2:
            return (
                f"20{random.randint(10, 26)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}T12:30:{random.randint(0, 59):02}+02:00"
            )
        case 3:
            return [{"sku": f"sku_{random.randint(1, 9999)}", "qty": random.randint(1, 9)} for _ in range(random.randint(0, 3))]
        case _:
            return random.choice(_WORDS)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
