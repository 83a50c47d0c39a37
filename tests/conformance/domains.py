"""The packaged domains, resolved and run over their fixtures. ``python tests/conformance/domains.py`` rewrites fixtures and goldens.

Only this command rewrites them: a changed golden changes the meaning of stored data, and is reviewed in the diff.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from chartly import native
from chartly.cli.demo.tables import FILES, rows
from chartly.contracts import ContractStore
from chartly.profiles import Document, Documents, Kind, Reference, ResolvedProfile, project_namespace, resolve
from chartly.profiles.packaged import global_documents, global_source

ROOT = Path(__file__).parents[2] / "profiles"
HASHES = ROOT / "domains" / "hashes.json"
# One project holds all four, so that a report can join weather with sales.
NAMESPACE = project_namespace("tenant-demo", "proj-sales")
# Rows of a real table that make its fixture: enough to see every field vary, few enough to read.
FIXTURE_ROWS = 8

NORMALIZERS = {
    "weather": Reference(NAMESPACE, Kind.NORMALIZER, "weather-daily", "1.0.0"),
    "market": Reference(NAMESPACE, Kind.NORMALIZER, "market-price", "1.0.0"),
    "employment": Reference(NAMESPACE, Kind.NORMALIZER, "employment-month", "1.0.0"),
}
# What each fixture has besides real rows: one record that breaks a rule.
BROKEN_ROWS: dict[str, dict[str, str]] = {
    "weather": {"date": "2012/02/30", "precipitation": "0.0", "temp_max": "9.4", "temp_min": "2.2", "wind": "1.9", "weather": "hail"},
    "market": {"symbol": "msft", "date": "Jan 1 2000", "price": "n/a"},
    "employment": {"month": "2006-13-01", "nonfarm": "135450"},
}


@dataclass(frozen=True)
class Domains:
    """Every packaged document, by reference."""

    documents: dict[Reference, Document]
    contracts: ContractStore

    def resolve(self, reference: Reference) -> ResolvedProfile:
        """Resolve one document."""
        return resolve(reference, Documents(self.documents, global_source()), self.contracts)

    def normalizer(self, domain: str) -> ResolvedProfile:
        """Resolve a real domain's normalizer."""
        return self.resolve(NORMALIZERS[domain])


@cache
def domains() -> Domains:
    """Read the domains from the repository, not from the package: the packaged copy is compared elsewhere."""
    contracts = ContractStore.packaged()
    found: dict[Reference, Document] = {}
    for path in sorted(ROOT.glob("domains/**/*.yaml")):
        document = Document.parse(path.read_text("utf-8"), str(path.relative_to(ROOT)), contracts)
        found[document.reference(NAMESPACE)] = document
    return Domains(found, contracts)


def sales(version: str) -> ResolvedProfile:
    """Resolve the sales normalizer."""
    return domains().resolve(Reference(NAMESPACE, Kind.NORMALIZER, "sales-default", version))


def accepted(profile: ResolvedProfile, data: bytes) -> Iterator[str]:
    """Run a normalizer over bytes, and return the lines of ``accepted.ndjson``."""
    for record in _table(plan(profile).run(data, canonical=True).accepted).select(["_canonical", "record_id"]).to_pylist():
        yield f'{{"record":{record["_canonical"]},"record_id":"{record["record_id"]}"}}'


def rejected(profile: ResolvedProfile, data: bytes) -> Iterator[str]:
    """Run a normalizer over bytes, and return the lines of ``rejected.ndjson``."""
    for record in _table(plan(profile).run(data).rejected).to_pylist():
        yield json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _table(stream: object) -> Any:
    return pa.RecordBatchReader.from_stream(stream).read_all()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - untyped


def plan(profile: ResolvedProfile) -> native.Plan:
    """Compile a resolved normalizer."""
    assert profile.contract is not None
    return native.Plan.compile(profile.canonical.decode(), profile.contract.text)


def hashes() -> dict[str, str]:
    """Return the resolved hash of every packaged profile, abstract ones included."""
    everything = [*domains().documents, *global_documents()]
    return {str(reference): domains().resolve(reference).hash for reference in sorted(everything) if reference.kind is not Kind.WORKFLOW}


def fixture(domain: str) -> Path:
    """Return the path of a real domain's fixture: a page as its source sends it."""
    return ROOT / "domains" / domain / "fixtures" / f"{domain}.page.json"


def golden(domain: str, kind: str) -> Path:
    """Return the path of a domain's golden output; ``kind`` is accepted or rejected."""
    return ROOT / "domains" / domain / "fixtures" / f"{domain}.{kind}.ndjson"


def page(items: list[Any]) -> str:
    """Return a page with one record a line, so that a diff shows the changed record."""
    lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in items)
    return f'{{"items": [\n{lines}\n], "next_cursor": null}}\n'


def main() -> None:
    """Rewrite every fixture and golden."""
    for domain in FILES:
        real = [row for row, _ in zip(rows(domain), range(FIXTURE_ROWS), strict=False)]
        fixture(domain).parent.mkdir(exist_ok=True)
        fixture(domain).write_text(page([*real, BROKEN_ROWS[domain]]), "utf-8")
        profile, data = domains().normalizer(domain), fixture(domain).read_bytes()
        golden(domain, "accepted").write_text("".join(f"{line}\n" for line in accepted(profile, data)), "utf-8")
        golden(domain, "rejected").write_text("".join(f"{line}\n" for line in rejected(profile, data)), "utf-8")
    HASHES.write_text(json.dumps(hashes(), indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
