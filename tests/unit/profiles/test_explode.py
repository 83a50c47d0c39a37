"""Children of a record: `explode`, and paths on `@`."""

import pytest

from chartly.contracts import Contract, ContractName, ContractStore
from chartly.profiles import text_violations

CONTRACTS = ContractStore.packaged().with_contracts([Contract(ContractName("sales.item", "1.0.0"), {"type": "object"})])
DOCUMENT = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {{kind: normalizer, name: items, version: 1.0.0, description: Items of sales, owners: ["team:tests"]}}
spec:
  canonicalEventType: sales.item
  {explode}
  mapping:
    sale_id: "$.id"
    sku: "{sku}"
"""


def rules(explode: str, sku: str) -> list[tuple[str, int]]:
    """Return the rules that a profile breaks, with their lines."""
    found = text_violations(DOCUMENT.format(explode=explode, sku=sku), CONTRACTS)
    return [(violation.rule, violation.line) for violation in found]


def test_a_child_is_mapped_by_paths_on_it_and_on_the_record() -> None:
    """With explode, paths may begin at the child (``@``) or the record (``$``)."""
    assert rules('explode: "$.items[*]"', "@.sku") == []


@pytest.mark.parametrize(
    ("explode", "sku", "rule"),
    [
        ("input: auto", "@.sku", ("missing-explode", 10)),
        ('explode: "$.["', "@.sku", ("bad-jsonpath", 7)),
        ('explode: "$.a"', "@.[", ("bad-jsonpath", 10)),
    ],
)
def test_what_is_wrong_is_named_at_its_line(explode: str, sku: str, rule: tuple[str, int]) -> None:
    """A path on a child without explode, or an invalid query, is refused at its line."""
    assert rule in rules(explode, sku)
