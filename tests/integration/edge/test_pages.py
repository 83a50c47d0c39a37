"""The pages that the edge serves: their headers, and what a user sees in a browser."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chartly.gateway.pages import pages

from .conftest import Installation, running

ROOT = Path(__file__).parents[3]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PROFILE = "tenant-demo/proj-sales::normalizer/sales-default@1.0.0"
LINES = "tenant-demo/proj-sales::normalizer/sales-lines@1.0.0"
LINES_DOCUMENT = """\
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {kind: normalizer, name: sales-lines, version: 1.0.0}
spec:
  canonicalEventType: sales.event
  explode: "$.lines[*]"
  requiredFields: [event_id, occurred_at, amount, currency]
  mapping: {event_id: "@.no", occurred_at: "$.timestamp", amount: "@.amount", currency: {const: EUR}}
"""
ORDER = '{"timestamp":"2026-02-02T12:00:00Z","lines":[{"no":"ö1","amount":12.5},{"no":"2","amount":"much"}]}'
GOOD = '{"id":"ä1","timestamp":"2026-02-02T13:00:00+01:00","totals":{"amount":"12.50","currency":"EUR"}}'
BAD = '{"id":"ä1","timestamp":"2026-02-30T00:00:00Z","totals":{"amount":"12.50","currency":"EURO"}}'
browsing = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def explaining(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that can explain records of the sales profile."""
    with running(tmp_path_factory.mktemp("pages"), "gateway", "auth", "registry", "normalizer", "storage", "audit") as installation:
        document = (ROOT / "profiles/domains/sales/normalizer-sales-default@1.0.0.yaml").read_text("utf-8")
        for reference, text in ((PROFILE, document), (LINES, LINES_DOCUMENT)):
            put = installation.ask("PUT", f"/v1/profiles/{reference}", json={"document": text}, headers=installation.operator)
            put.raise_for_status()
        yield installation


def use(installation: Installation, record: str, token: str | None = None, profile: str = PROFILE) -> dict[str, Any]:
    """Use the page in a browser; return what it shows."""
    assert CHROMIUM
    words = [CHROMIUM, f"{installation.edge.url}/explain", token or installation.token, profile, record]
    done = subprocess.run(
        ["node", "web/explain.check.mjs", *words],  # noqa: S607 - node from PATH, as npm's
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_page_needs_no_token_and_may_run_only_itself(explaining: Installation) -> None:
    """A page is served without a token; its policy allows only its own script, no framing and no referrer."""
    for page in pages():
        answer = explaining.ask("GET", page.path)
        assert (answer.status_code, answer.text) == (200, page.text)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'sha256-" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert explaining.ask("POST", page.path).status_code == 404


@browsing
def test_rejected_record_is_explained(explaining: Installation) -> None:
    """Each field is shown with its path, its raw value and byte range, its steps, its result and the checks that failed."""
    seen = use(explaining, BAD)

    assert seen["verdict"] == "Quarantined, for 2 reasons"
    assert seen["fields"]["amount"] == ["$.totals.amount", "\"12.50\"\nbytes 66-73 $['totals']['amount']", "toNumber → 12.5", "12.5", "✓"]
    assert seen["fields"]["occurred_at"][2:4] == ["toUtcTimestamp → toUtcTimestamp/not_a_timestamp", "toUtcTimestamp/not_a_timestamp"]
    assert "CONTRACT_VIOLATION" in seen["fields"]["currency"][-1]
    assert seen["marked"] == ['"ä1"', '"2026-02-30T00:00:00Z"', '"12.50"', '"EURO"'], "places are bytes, also after a letter of two"
    assert PROFILE in seen["profiles"]
    assert not seen["complaints"]


@browsing
def test_accepted_record_shows_its_canonical_bytes(explaining: Installation) -> None:
    """The page shows the record that would be stored, with its record id."""
    seen = use(explaining, GOOD)

    assert seen["verdict"] == "Accepted"
    record_id, canonical = seen["canonical"].split("\n")
    assert record_id.startswith("sha256:")
    assert json.loads(canonical)["occurred_at"] == "2026-02-02T12:00:00Z"


@browsing
def test_exploded_record_shows_each_child(explaining: Installation) -> None:
    """Each child record has its own heading, with the byte ranges of its values and of its record."""
    seen = use(explaining, ORDER, profile=LINES)

    assert seen["verdict"] == "1 of 2 children accepted"
    assert [name for name in seen["fields"] if name.startswith("Child")] == ["Child 1: Accepted", "Child 2: Quarantined, for 1 reason"]
    assert seen["fields"]["event_id"][:2] == ["@.no", "\"2\"\nbytes 78-81 @['no']"]
    assert seen["reasons"] == ["child 2: CONTRACT_VIOLATION · /properties/amount/type · amount"]
    assert seen["marked"] == ['"2026-02-02T12:00:00Z"', '"ö1"', "12.5", '"2"', '"much"']
    assert len(seen["canonical"].split("\n")) == 2
    assert not seen["complaints"]


@browsing
def test_refusal_is_shown(explaining: Installation) -> None:
    """For an unknown token the page shows the edge's error."""
    seen = use(explaining, GOOD, token="chartly_unknown")  # noqa: S106 - an invented token

    assert "token" in seen["verdict"].lower()
    assert not seen["fields"]
