"""`chartly profile validate` for a domain of one's own, without a server."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chartly.cli.profile import app

NORMALIZER = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {{kind: normalizer, name: tickets, version: 1.0.0, description: Tickets, owners: ["team:data"]}}
spec:
  extends: "tenant-demo/proj-sales::normalizer/house@1.0.0"
  canonicalEventType: tickets.ticket
  mapping: {{{field}: "$.id"}}
"""
HOUSE = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {kind: normalizer, name: house, version: 1.0.0, description: The base of a house, owners: ["team:data"], abstract: true}
spec: {limits: {depthMax: 8}}
"""


@pytest.fixture
def domain(tmp_path: Path) -> Path:
    """A folder with a normalizer, its base and its contract."""
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "tickets.yaml").write_text(NORMALIZER.format(field="id"))
    (tmp_path / "profiles" / "house.yaml").write_text(HOUSE)
    (tmp_path / "contract.json").write_text(json.dumps({"type": "object", "properties": {"id": {"type": "string"}}}))
    return tmp_path


def run(domain: Path, *options: str) -> Any:
    """Validate the folder's profiles."""
    return CliRunner().invoke(app, ["validate", str(domain / "profiles"), *options])


def test_own_domain_passes_with_its_contract(domain: Path) -> None:
    """The base is read from the folder, and the contract from the file."""
    done = run(domain, "--contract", f"tickets.ticket@1.0.0={domain / 'contract.json'}")

    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "2 documents read, 0 violations")


def test_without_its_contract_it_is_unknown(domain: Path) -> None:
    """The contract is neither packaged nor given; the message names the option that passes it."""
    done = run(domain)

    assert done.exit_code == 2
    assert "unknown-contract" in done.output
    assert "pass its schema with --contract TYPE@SEMVER=FILE" in done.output


def test_without_its_base_it_is_unknown(domain: Path) -> None:
    """The base is in no file that was passed; the message says to pass it beside the profile."""
    (domain / "profiles" / "house.yaml").unlink()
    done = run(domain, "--contract", f"tickets.ticket@1.0.0={domain / 'contract.json'}")

    assert done.exit_code == 2
    assert "unknown-base" in done.output
    assert "pass the file of the base beside this one" in done.output


def test_given_contract_is_checked_against(domain: Path) -> None:
    """A field that the contract's columns can't have beside it is refused at its line."""
    (domain / "profiles" / "tickets.yaml").write_text(NORMALIZER.format(field="ID"))
    done = run(domain, "--contract", f"tickets.ticket@1.0.0={domain / 'contract.json'}")

    assert done.exit_code == 2
    assert "tickets.yaml:8:" in done.output
    assert "column-case: /spec/mapping/ID" in done.output


@pytest.mark.parametrize(("option", "said"), [("contract.json", "is not <type>@<semver>=FILE"), ("a.b@1.0.0=house.yaml", "is not JSON")])
def test_option_of_another_form_is_refused(domain: Path, option: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the form, or the file."""
    monkeypatch.chdir(domain / "profiles")
    done = run(domain, "--contract", option)

    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("│", " ").split())
