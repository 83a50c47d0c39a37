"""The public suites through `chartly.native`, as a program uses it. The engines' own tests check more.

The exceptions are listed in `exceptions.json`, each with its reason. Every other case must pass.
"""

import hashlib
import json
import math
import os
import re
import struct
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from chartly.native import Contract, ContractError, MalformedJson, PathError, canonicalize, parse_check, query

SUITES = Path(os.environ.get("CHARTLY_SUITES") or Path(__file__).resolve().parents[3] / "shared" / "suites")
EXCEPTIONS: dict[str, Any] = json.loads(Path(__file__).with_name("exceptions.json").read_text("utf-8"))

pytestmark = pytest.mark.skipif(not SUITES.is_dir() and "CI" not in os.environ, reason="the public suites are not here; set CHARTLY_SUITES")


def read(path: Path) -> Any:
    """Return a suite's file."""
    return json.loads(path.read_bytes())


def verdict(schema: Any, remotes: dict[str, Any], instance: Any) -> bool | None:
    """Return whether an instance is valid; None when the schema is refused."""
    try:
        contract = Contract.compile(schema, resources=remotes)
    except ContractError:
        return None
    raw = json.dumps(instance).encode()
    valid = contract.is_valid(raw)
    assert valid == (not contract.violations(raw))
    return valid


def schema_cases() -> Iterator[tuple[str, str, Any, Any, bool]]:
    """Return every case: file, name, schema, instance, verdict."""
    folder = SUITES / "json-schema" / "tests"
    for path in sorted(folder.rglob("*.json")):
        for group in read(path):
            for case in group["tests"]:
                name = f"{group['description']} / {case['description']}"
                yield path.relative_to(folder).as_posix(), name, group["schema"], case["data"], case["valid"]


def test_json_schema() -> None:
    """Draft 2020-12, required and optional, with formats: all cases pass but the exceptions, which all are still needed."""
    folder = SUITES / "json-schema" / "remotes"
    remotes = {f"http://localhost:1234/{path.relative_to(folder).as_posix()}": read(path) for path in folder.rglob("*.json")}
    others = Counter[str]()
    unexpected: list[str] = []
    cases = 0
    for file, name, schema, instance, expected in schema_cases():
        cases += 1
        if verdict(schema, remotes, instance) is expected:
            continue
        exception = EXCEPTIONS.get(f"json-schema/{file}")
        if exception is None or exception["cases"] not in name:
            unexpected.append(f"{file}: {name}")
        others[f"json-schema/{file}"] += 1

    assert unexpected == []
    assert others == {file: exception["count"] for file, exception in EXCEPTIONS.items() if file.startswith("json-schema/")}
    assert cases >= 2_200


def test_jsonpath() -> None:
    """Every case for RFC 9535 passes."""
    cases: list[dict[str, Any]] = read(SUITES / "jsonpath" / "cts.json")["tests"]
    wrong: list[str] = []
    for case in cases:
        try:
            found = query(case["selector"], json.dumps(case.get("document")).encode())
        except PathError:
            found = None
        expected = [None] if case.get("invalid_selector") else case.get("results", [case.get("result")])
        if found not in expected:
            wrong.append(case["name"])

    assert wrong == []
    assert len(cases) >= 703


def test_json_parsing() -> None:
    """Of JSONTestSuite `y_` is accepted, `n_` refused, `i_` either."""
    files = sorted((SUITES / "json-parsing" / "test_parsing").glob("*.json"))
    wrong: list[str] = []
    for file in files:
        try:
            parse_check(file.read_bytes())
            accepted = True
        except MalformedJson:
            accepted = False
        if file.name[0] == ("n" if accepted else "y"):
            wrong.append(file.name)

    assert wrong == []
    assert len(files) >= 318


def test_canonical_json() -> None:
    """RFC 8785's own inputs give its outputs, byte for byte."""
    inputs = sorted((SUITES / "jcs" / "testdata" / "input").glob("*.json"))
    for file in inputs:
        assert canonicalize(file.read_bytes()) == (file.parents[1] / "output" / file.name).read_bytes(), file.name

    assert len(inputs) >= 6


def generated(readme: str) -> Iterator[float]:
    """Return the doubles of RFC 8785's authors: those in the README, a range of neighbours, then a chain of hashes."""
    listed = readme.partition("BigUint64Array([")[2].partition("])")[0]
    bits = [int(digits, 16) for digits in re.findall(r"0x([0-9a-fA-F]+)n", listed)]
    serial = range(0x0010_0000_0000_0000, 0x0010_0000_0000_0000 + 2_000)
    yield from (struct.unpack("<d", struct.pack("<Q", each))[0] for each in (*bits, *serial))
    block = bytes(32)
    while True:
        block = hashlib.sha256(block).digest()
        yield from (double for double in struct.unpack("<4d", block) if double and math.isfinite(double))


def test_canonical_numbers() -> None:
    """The generator's first 10,000 lines have the SHA-256 in its README; the engine's own test checks a million."""
    readme = (SUITES / "jcs" / "testdata" / "README.md").read_text("utf-8")
    expected = re.search(r"\| ([0-9a-f]{64}) \| 10000 ", readme)
    assert expected
    digest = hashlib.sha256()
    for double in islice(generated(readme), 10_000):
        bits = struct.unpack("<Q", struct.pack("<d", double))[0]
        digest.update(f"{bits:x},".encode() + canonicalize(repr(double).encode()) + b"\n")

    assert digest.hexdigest() == expected[1]


def test_exceptions_have_reasons() -> None:
    """Each exception has a reason."""
    assert all(exception["reason"].endswith(".") for file, exception in EXCEPTIONS.items() if file != "about")
