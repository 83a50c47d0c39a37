"""Invalid documents are refused with file, line and rule."""

import pytest

from chartly.contracts import ContractStore
from chartly.profiles import Document, document_violations, text_violations
from chartly.profiles.packaged import global_source, texts

NORMALIZER = texts()["domains/sales/normalizer-sales-default@1.0.0.yaml"]
CONNECTOR = texts()["domains/sales/connector-sales-http@1.0.0.yaml"]
STORAGE = texts()["domains/sales/storage-sales-events@1.0.0.yaml"]
ANALYTICS = texts()["domains/sales/analytics-sales-daily-rollup@1.0.0.yaml"]


def found_in(text: str, contracts: ContractStore) -> list[tuple[str, str, int]]:
    """Return path, rule and line of each violation of a text."""
    violations = text_violations(text, contracts, file="profile.yaml", source=global_source())
    assert {violation.file for violation in violations} <= {"profile.yaml"}
    return [(violation.path, violation.rule, violation.line) for violation in violations]


@pytest.mark.parametrize(
    ("text", "old", "new", "path", "rule"),
    [
        (NORMALIZER, 'customer_id: "$.customer.id"', 'Type: "$.kind"', "/spec/mapping/Type", "column-case"),
        (NORMALIZER, 'amount: "$.totals.amount"', 'Amount: "$.a"\n    amount: "$.b"', "/spec/mapping/amount", "column-case"),
        (NORMALIZER, "  mapping:\n", '  mapping:\n    _id: "$._id"\n', "/spec/mapping/_id", "column-name"),
        (NORMALIZER, "  mapping:\n", '  mapping:\n    RAW_LINE: "$.l"\n', "/spec/mapping/RAW_LINE", "reserved-column"),
        (NORMALIZER, "  mapping:\n", '  mapping:\n    Occurred_At: "$.t"\n', "/spec/mapping/Occurred_At", "reserved-column"),
        (NORMALIZER, "  requiredFields:", "  colour: red\n  requiredFields:", "/spec/colour", "unknown-key"),
        (NORMALIZER, 'amount: "$.totals.amount"', 'amount: "$.totals["', "/spec/mapping/amount", "bad-jsonpath"),
        (NORMALIZER, 'amount: "$.totals.amount"', 'amount: "totals.amount"', "/spec/mapping/amount", "pattern"),
        (NORMALIZER, 'customer_id: "$.customer.id"', 'type: "$.kind"', "/spec/mapping/type", "reserved-field"),
        (
            NORMALIZER,
            'currency: "$.totals.currency"',
            'currency: "$.totals.currency"\n    amount: "$.a"',
            "/spec/mapping/amount",
            "duplicate-key",
        ),
        (NORMALIZER, "      field: occurred_at", "      field: occurred", "/spec/transforms/1/field", "unmapped-field"),
        (NORMALIZER, "    - currency\n", "    - price\n", "/spec/requiredFields/3", "unmapped-field"),
        (NORMALIZER, "op: toNumber", "op: toNumbr", "/spec/transforms/0/op", "unknown-op"),
        (NORMALIZER, "op: toNumber", "op: toNumber\n      precision: 2", "/spec/transforms/0/precision", "option"),
        (NORMALIZER, "canonicalEventType: sales.event", "canonicalEventType: sales.refund", "/spec/canonicalEventType", "unknown-contract"),
        (NORMALIZER, "  mapping:", "  contract: sales.event@9.0.0\n  mapping:", "/spec/contract", "unknown-contract"),
        (NORMALIZER, "  mapping:", '  extends: "global::normalizer/base@latest"\n  mapping:', "/spec/extends", "latest-refused"),
        (NORMALIZER, "  mapping:", '  extends: "global::normalizer/none@1.0.0"\n  mapping:', "/spec/extends", "unknown-base"),
        (NORMALIZER, "  mapping:", '  extends: "global::normalizer/sales-default@1.0.0"\n  mapping:', "/spec/extends", "cyclic-extends"),
        (NORMALIZER, "version: 1.0.0", "version: latest", "/metadata/version", "pattern"),
        (NORMALIZER, "version: 1.0.0", "version: 1.0", "/metadata/version", "type"),
        (NORMALIZER, "kind: normalizer", "kind: dashboard", "/metadata/kind", "kind"),
        (NORMALIZER, "kind: Profile", "kind: Deployment", "/kind", "kind"),
        (CONNECTOR, "      key: token", "      key: token\n    token: s3cr3t-value", "/spec/auth/token", "secret-in-clear"),
        (CONNECTOR, 'Accept: "application/json"', 'Authorization: "Token 123"', "/spec/transport/headers/Authorization", "secret-in-clear"),
        (CONNECTOR, "https://api.example.invalid", "https://u:p@api.example.invalid", "/spec/transport/baseUrl", "secret-in-clear"),
        (CONNECTOR, "timeoutMs: 10000", "timeoutMs: 0", "/spec/transport/timeoutMs", "too-small"),
        (STORAGE, "dataset: sales-events", "dataset: Sales Events", "/spec/dataset", "pattern"),
        (STORAGE, "  dataset: sales-events\n", "", "/spec", "missing-key"),
        (STORAGE, "retentionDays: 30", "retentionDays: 2026-01-01", "/spec/retentionDays", "unquoted-timestamp"),
        (STORAGE, "granularity: day", "granularity: no", "/spec/partitioning/granularity", "enum"),
        (ANALYTICS, "window: P1D", "window: daily", "/spec/inputs/window", "pattern"),
    ],
)
def test_each_violation_has_place_and_rule(text: str, old: str, new: str, path: str, rule: str, contracts: ContractStore) -> None:
    """The rule is reported at the line that breaks it."""
    broken = text.replace(old, new, 1)
    assert broken != text

    found = {(place, name): line for place, name, line in found_in(broken, contracts)}

    assert (path, rule) in found
    changed = [number for number, line in enumerate(broken.splitlines(), 1) if line not in text.splitlines()]
    # What is missing has no line of its own: it is missed where it should be.
    assert found[path, rule] in (changed or [broken.splitlines().index("spec:") + 2])


def test_documents_may_extend_each_other(contracts: ContractStore) -> None:
    """Files that are checked together can be each other's bases, in any order."""
    derived = STORAGE.replace("name: sales-events", "name: derived").replace(
        "  dataset: sales-events", '  extends: "global::storage/sales-events@1.0.0"\n  dataset: other'
    )
    documents = [Document.parse(text, name, contracts) for name, text in (("derived.yaml", derived), ("base.yaml", STORAGE))]

    assert document_violations(documents, contracts) == []


def test_circle_over_files_is_reported_in_each(contracts: ContractStore) -> None:
    """A circle of files is reported in each of them."""
    one, two = (
        STORAGE.replace("name: sales-events", f"name: {name}").replace(
            "  dataset:", f'  extends: "global::storage/{base}@1.0.0"\n  dataset:'
        )
        for name, base in (("one", "two"), ("two", "one"))
    )
    documents = [Document.parse(one, "one.yaml", contracts), Document.parse(two, "two.yaml", contracts)]

    found = document_violations(documents, contracts)

    assert [(violation.file, violation.rule) for violation in found] == [("one.yaml", "cyclic-extends"), ("two.yaml", "cyclic-extends")]


def test_violation_has_the_format_of_compilers(contracts: ContractStore) -> None:
    """A violation is one line: file, line, column, rule, path."""
    (violation,) = text_violations(NORMALIZER.replace('"$.id"', '"$.."'), contracts, file="profile.yaml")

    assert str(violation).startswith("profile.yaml:18:15: bad-jsonpath: /spec/mapping/event_id must be an RFC 9535 query")
    assert violation.json_path == "$['spec']['mapping']['event_id']"
