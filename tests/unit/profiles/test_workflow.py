"""Workflows: YAML and the API's compact form have one internal form."""

from typing import Any

import pytest

from chartly.contracts import ContractStore
from chartly.profiles import Document, ProfileInvalid, Workflow
from chartly.profiles.packaged import texts

ONBOARD = "domains/sales/workflows/sales-onboard@1.0.0.yaml"
COMPACT: dict[str, Any] = {
    "name": "sales-onboard",
    "spec": {
        "steps": [
            {"type": "connector_sync", "connector_id": "tenant-demo/proj-sales::connector/sales-http@1.0.0"},
            {"type": "normalize", "profile": "tenant-demo/proj-sales::normalizer/sales-default@1.0.0"},
            {"type": "write_dataset", "dataset_id": "tenant-demo/proj-sales::storage/sales-events@1.0.0"},
            {"type": "analytics_query", "query_ref": "tenant-demo/proj-sales::analytics/sales-daily-rollup@1.0.0"},
        ]
    },
}
STORAGE = "global::storage/base@1.0.0"


def write(**step: Any) -> dict[str, Any]:
    """Return a step of the compact form."""
    return {"type": "write_dataset", "dataset_id": STORAGE, **step}


def of(steps: list[dict[str, Any]], contracts: ContractStore) -> Workflow:
    """Return a workflow of compact steps."""
    return Workflow.of_request({"name": "w", "spec": {"steps": steps}}, contracts)


def rules(steps: list[dict[str, Any]], contracts: ContractStore) -> list[tuple[str, str]]:
    """Return place and rule of each violation of the steps."""
    with pytest.raises(ProfileInvalid) as refused:
        of(steps, contracts)
    return [(found.path, found.rule) for found in refused.value.found]


def test_both_forms_have_one_contract(contracts: ContractStore) -> None:
    """The guide's YAML and its API call are the same workflow with the same hash."""
    readable = Workflow.of_document(Document.parse(texts()[ONBOARD], ONBOARD, contracts))
    compact = Workflow.of_request(COMPACT, contracts)

    assert readable.contract == compact.contract
    assert readable.content_hash == compact.content_hash
    assert readable.steps == compact.steps


def test_steps_follow_each_other_by_default(contracts: ContractStore) -> None:
    """Without dependsOn a step depends on the step before it; an empty list is no dependency."""
    workflow = of([write(), write(), write(id="c", dependsOn=[]), write(id="d", dependsOn=["write_dataset", "c"])], contracts)

    assert {step.name: step.depends_on for step in workflow.steps} == {
        "write_dataset": (),
        "write_dataset-2": ("write_dataset",),
        "c": (),
        "d": ("write_dataset", "c"),
    }


def test_step_can_be_left_out(contracts: ContractStore) -> None:
    """Only when.enabled false disables a step."""
    workflow = of([write(when={"enabled": False}), write(when={}), write()], contracts)

    assert [step.enabled for step in workflow.steps] == [False, True, True]


def test_unknown_and_duplicate_steps_are_refused(contracts: ContractStore) -> None:
    """Step names are unique, and each dependency names a step."""
    assert rules([write(id="a"), write(id="a")], contracts) == [("/spec/steps/1", "duplicate-step")]
    assert rules([write(id="a", dependsOn=["b"])], contracts) == [("/spec/steps/0/dependsOn/0", "unknown-step")]


def test_circle_of_steps_is_refused_with_its_names(contracts: ContractStore) -> None:
    """A circle of dependencies is reported with its steps."""
    with pytest.raises(ProfileInvalid) as refused:
        of(
            [write(id="x", dependsOn=[]), write(id="a", dependsOn=["c"]), write(id="b", dependsOn=["a"]), write(id="c", dependsOn=["b"])],
            contracts,
        )

    (found,) = refused.value.found
    assert found.rule == "cyclic-steps"
    assert "a → c → b → a" in found.message


def test_latest_is_refused(contracts: ContractStore) -> None:
    """A workflow needs fixed versions, in either form."""
    assert rules([write(dataset_id="global::storage/base@latest")], contracts) == [("/spec/steps/0/dataset_id", "latest-refused")]


def test_tenant_in_the_body_is_refused(contracts: ContractStore) -> None:
    """A document with a tenant is refused, since the token has it."""
    with pytest.raises(ProfileInvalid) as refused:
        Workflow.of_request({**COMPACT, "tenant_id": "tenant-other"}, contracts)

    assert [found.rule for found in refused.value.found] == ["unknown-key"]
    assert str(refused.value.found[0]).startswith("unknown-key: /")
    assert [violation.description.startswith("line") for violation in refused.value.violations] == [False]
