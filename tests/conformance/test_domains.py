"""The packaged domains: the same fixture and the same profiles give the same canonical bytes and the same resolved hashes."""

import json
from decimal import Decimal
from hashlib import sha256

import domains as packaged
import pytest
from rfc8785 import dumps

from chartly.cli.demo.tables import FILES, rows
from chartly.profiles import Kind, Workflow
from chartly.profiles.packaged import texts
from chartly.profiles.validation import Documents, document_violations

SALES = packaged.ROOT / "domains" / "sales"
SAMPLE = (SALES / "fixtures" / "sales.sample.json").read_bytes()
EXPECTED = json.loads((SALES / "fixtures" / "sales.expected.canonical.json").read_text("utf-8"))
# SHA-256 of the onboarding guide's own files: they define the format, so not even a space of them may change.
GUIDE = {
    "connector-sales-http@1.0.0.yaml": "734d1bf6674669c1be23f68456d3b8a514cebbab7fa4a219a7b1f17bbda28b26",
    "normalizer-sales-default@1.0.0.yaml": "33fe87af03859aca1d1e4104125fbcb41f592996c29000cfc30746bb301fd2be",
    "storage-sales-events@1.0.0.yaml": "01e9bb85983b2a04e6124b9144eb1620dbf43f6b0140abdc5df664fca22852bb",
    "analytics-sales-daily-rollup@1.0.0.yaml": "fcf865f92059a03a66ac154b586e87fa969ddded5a53d432ae4498c7fbe25baf",
    "workflows/sales-onboard@1.0.0.yaml": "881f3328bed15f47ba02e42439b97375d60cff721ee45a948d86af43cfa13516",
    "fixtures/sales.sample.json": "57772ec6b88b9911d29f388b78d8a6a97b4963841486b31e8efa89fb9a26db7c",
    "fixtures/sales.expected.canonical.json": "6027540eb9e577720ba850678cab1b90d100b179bce52934d962f1a31a83b88b",
}


def test_sales_fixture_becomes_the_expected_payload() -> None:
    """The onboarding guide's fixture becomes its expected payload, with the bytes of an independent RFC 8785 writer."""
    (line,) = packaged.accepted(packaged.sales("1.0.0"), SAMPLE)

    assert line.startswith(f'{{"record":{dumps(EXPECTED).decode()},"record_id":"sha256:')


def test_sales_page_means_the_same_as_its_records() -> None:
    """The demo's profile for pages makes the same records as the profile for single records."""
    whole_page = b'{"items":[' + SAMPLE + b'],"next_cursor":null}'

    assert list(packaged.accepted(packaged.sales("1.1.0"), whole_page)) == list(packaged.accepted(packaged.sales("1.0.0"), SAMPLE))


def test_resolved_hashes_are_the_golden_ones() -> None:
    """A changed hash would make stored data stale; `make goldens` records a new hash."""
    assert packaged.hashes() == json.loads(packaged.HASHES.read_text("utf-8"))


@pytest.mark.parametrize("domain", FILES)
@pytest.mark.parametrize("kind", ["accepted", "rejected"])
def test_fixture_gives_its_golden_output(domain: str, kind: str) -> None:
    """A real domain's fixture gives the recorded bytes; its broken record has all of its reasons."""
    run = packaged.accepted if kind == "accepted" else packaged.rejected
    lines = run(packaged.domains().normalizer(domain), packaged.fixture(domain).read_bytes())

    assert "".join(f"{line}\n" for line in lines) == packaged.golden(domain, kind).read_text("utf-8")


@pytest.mark.parametrize("domain", FILES)
def test_every_real_row_is_accepted(domain: str) -> None:
    """The contracts of the shipped tables accept each of their rows."""
    table = rows(domain)
    outcome = packaged.plan(packaged.domains().normalizer(domain)).run(packaged.page(table).encode())

    assert (outcome.stats["records"], outcome.stats["rejected"]) == (len(table), 0)


@pytest.mark.parametrize("domain", FILES)
def test_every_real_number_survives(domain: str) -> None:
    """Each number of a table equals, as a decimal, the number in the canonical record."""
    profile = packaged.domains().normalizer(domain)
    numbers = {step["field"] for step in profile.document["spec"]["transforms"] if step["op"] == "toNumber"}
    sources = {field: profile.document["spec"]["mapping"][field].removeprefix("$.") for field in numbers}
    table = rows(domain)
    canonical = [json.loads(line, parse_float=Decimal)["record"] for line in packaged.accepted(profile, packaged.page(table).encode())]

    assert numbers
    for row, record in zip(table, canonical, strict=True):
        assert {field: Decimal(record[field]) for field in numbers} == {field: Decimal(row[sources[field]]) for field in numbers}


def test_idempotency_keys_of_a_real_table_are_unique() -> None:
    """The dedupe keys are unique in each table, so a second load adds nothing and no row replaces another."""
    for domain in FILES:
        keys = packaged.domains().normalizer(domain).document["spec"]["dedupe"]["keys"]
        profile = packaged.domains().normalizer(domain)
        records = [json.loads(line)["record"] for line in packaged.accepted(profile, packaged.page(rows(domain)).encode())]
        found = {tuple(record[key] for key in keys) for record in records}

        assert len(found) == len(records)


@pytest.mark.parametrize("name", GUIDE)
def test_guide_documents_are_as_the_guide_has_them(name: str) -> None:
    """The sales documents, fixture and expected output equal those of the onboarding guide, byte for byte."""
    assert sha256((SALES / name).read_bytes()).hexdigest() == GUIDE[name]


def test_package_holds_the_documents_of_the_repository() -> None:
    """The wheel has the files of profiles/."""
    here = {path.relative_to(packaged.ROOT).as_posix(): path.read_text("utf-8") for path in packaged.ROOT.rglob("*.yaml")}

    assert texts() == here


def test_every_packaged_document_is_valid() -> None:
    """No packaged document breaks a rule of the profile language."""
    every = packaged.domains()
    found = document_violations(every.documents.values(), every.contracts, namespace=packaged.NAMESPACE, source=packaged.global_source())

    assert found == []


def test_workflows_name_profiles_that_ship() -> None:
    """Each step of a packaged workflow resolves."""
    every = packaged.domains()
    known = Documents(every.documents)
    workflows = [Workflow.of_document(document) for reference, document in every.documents.items() if reference.kind is Kind.WORKFLOW]

    assert len(workflows) == 7
    for workflow in workflows:
        assert all(known.find(step.profile) for step in workflow.steps)
