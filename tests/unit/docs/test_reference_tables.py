"""Each row of the example tables in the reference pages runs unchanged."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chartly.native import Contract, query

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs" / "reference"
VOCABULARIES = ROOT / "native" / "contract" / "src" / "metaschema" / "meta"
# They assert nothing by themselves.
SILENT = {"$schema", "$id", "$comment", "$vocabulary", "$dynamicAnchor", "$defs"}


def rows(page: str, heading: str) -> list[tuple[str, ...]]:
    """Return the cells of the table below a heading, without its head."""
    _, found, rest = (PAGES / page).read_text("utf-8").partition(f"## {heading}\n")
    assert found
    lines = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith(("| ", "|-"))]
    return [tuple(cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]) for line in lines[2:]]


def code(cell: str) -> str:
    """Return the code in a cell."""
    assert cell.startswith("`")
    assert cell.endswith("`")
    return cell[1:-1]


def violations_text(contract: Contract, instance: str) -> str:
    """Return the violations of an instance as the page writes them."""
    found = contract.violations(instance.encode())
    return ", ".join(f"`{each.schema_path}`" + (f" at `{each.instance_path}`" if each.instance_path else "") for each in found)


KEYWORDS = rows("keywords.md", "Keywords")
FORMATS = rows("keywords.md", "Formats")
QUERIES = rows("jsonpath.md", "Every feature, by example")


@pytest.mark.parametrize(("keyword", "schema", "holds", "breaks", "violation"), KEYWORDS)
def test_keyword(keyword: str, schema: str, holds: str, breaks: str, violation: str) -> None:
    """The first instance is valid, and the second breaks the keyword at the place in the page."""
    contract = Contract.compile(code(schema))

    assert all(json.dumps(name) in schema for name in re.findall(r"`([^`]+)`", keyword))
    assert contract.is_valid(code(holds).encode())
    assert violations_text(contract, code(breaks)) == violation


@pytest.mark.parametrize(("name", "holds", "breaks"), FORMATS)
def test_format(name: str, holds: str, breaks: str) -> None:
    """The first text has the format, the second doesn't."""
    contract = Contract.compile({"format": code(name)})

    assert contract.is_valid(code(holds).encode())
    assert violations_text(contract, code(breaks)) == "`/format`"


@pytest.mark.parametrize(("path", "gives", "what"), QUERIES)
def test_query(path: str, gives: str, what: str) -> None:
    """The query selects the values in the page, in their order."""
    text = (PAGES / "jsonpath.md").read_text("utf-8")
    document = text.partition("```json\n")[2].partition("\n```")[0].encode()

    assert what
    assert query(code(path), document) == ([json.loads(document)] if gives == "itself" else json.loads(code(gives)))


def named(table: list[tuple[str, ...]]) -> Iterator[str]:
    """Return the names in a table's first column."""
    for row in table:
        yield from re.findall(r"`([^`]+)`", row[0])


def test_every_keyword_has_a_row() -> None:
    """Each keyword of the 2020-12 vocabularies that asserts something has a row."""
    vocabularies = [
        json.loads((VOCABULARIES / f"{name}.json").read_bytes()) for name in ("core", "applicator", "unevaluated", "validation")
    ]
    wanted = {keyword for vocabulary in vocabularies for keyword in vocabulary["properties"]}

    assert wanted - SILENT <= set(named(KEYWORDS))


def test_every_format_has_a_row() -> None:
    """Each format that the page on validation lists has a row."""
    listed = (PAGES / "contracts-validation.md").read_text("utf-8").partition("## Formats\n")[2].partition(" are asserted")[0]

    assert set(re.findall(r"`([^`]+)`", listed)) == set(named(FORMATS))
