"""The operator's how-to pages, followed in one installation: their commands with the real ids."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .reader import PAGES, Reader, page, shell_blocks

ROOT = Path(__file__).parents[2]
PROJECT = "tenant-demo/proj-sales"
# One sale with a time, and an amount, that the profile takes; and some without.
GOOD = [{"id": f"sale_{n:03d}", "timestamp": "2026-02-02T12:00:00Z", "totals": {"amount": "1.50", "currency": "USD"}} for n in range(5)]
LATE = [{**GOOD[0], "id": f"sale_1{n:02d}", "timestamp": "yesterday"} for n in range(2)]
COMMA = [{**GOOD[0], "id": "sale_200", "totals": {"amount": "1,50", "currency": "USD"}}]
CONNECTOR = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {{kind: connector, name: {name}, version: 2.0.0}}
spec:
  extends: "global::connector/loopback@1.0.0"
  transport: {{baseUrl: "http://127.0.0.1:8077", path: "/{path}"}}
"""
STEPS = """
  steps:
    - {{type: connector_sync, connector_profile: "tenant-demo/proj-sales::connector/{connector}@2.0.0"}}
    - {{type: normalize, normalizer_profile: "tenant-demo/proj-sales::normalizer/sales-default@1.1.0"}}
    - {{type: write_dataset, storage_profile: "tenant-demo/proj-sales::storage/sales-events@1.0.0"}}
"""
WORKFLOW = "apiVersion: chartly.io/v1alpha1\nkind: Workflow\nmetadata: {{name: {name}, version: 2.0.0}}\nspec:{schedule}{steps}"
# Takes amounts with a comma; times stay as they were.
NEWER = '  mapping: {amount: {const: "1.50"}}\n'


class Operator(Reader):
    """A reader with the sales domain, a source with one page of it, and one that does not answer any more."""

    def prepare(self) -> None:
        """Write the files, start source and platform, store profiles and workflows."""
        (self.folder / "profiles").symlink_to(ROOT / "profiles")
        self.write("source/sales.json", json.dumps({"items": [*GOOD, *LATE, *COMMA]}))
        self.write("own/connector-sales-http@2.0.0.yaml", CONNECTOR.format(name="sales-http", path="sales.json"))
        self.write("own/connector-orders@2.0.0.yaml", CONNECTOR.format(name="orders", path="gone.json"))
        older = (ROOT / "profiles/domains/sales/normalizer-sales-default@1.1.0.yaml").read_text("utf-8").replace("1.1.0", "1.2.0")
        self.write("normalizer-sales-default@1.2.0.yaml", older + NEWER)
        daily = re.search(r"  schedule:\n(?:    .*\n)+", page("schedule-a-workflow.md"))
        assert daily is not None
        hook = "\n  schedule: {on: {webhook: nightly-load}}"
        for name, connector, schedule in (
            ("sales-onboard", "sales-http", "\n" + daily.group(0).rstrip()),
            ("nightly", "sales-http", hook),
            ("orders", "orders", ""),
        ):
            steps = STEPS.format(connector=connector)
            self.write(f"{name}.yaml", WORKFLOW.format(name=name, schedule=schedule, steps=steps))
        self.serve_folder("source", until="sales.json")
        self.start_platform()
        self.follow(
            "chartly profile put profiles/domains/sales; chartly profile put own\n"
            "for each in sales-onboard nightly orders; do chartly workflow apply $each.yaml; done"
        )

    def asked(self, command: str) -> list[dict[str, Any]]:
        """Return a command's JSON output."""
        return json.loads(self.follow(f"{command} --output json"))

    def run(self, workflow: str, *, fails: bool = False) -> str:
        """Run a workflow to its end; return the run's id."""
        received = self.follow(f"chartly workflow run {workflow}" + (" || true" if fails else ""))
        found = re.search(r"run_[0-9a-z]{26}", received)
        assert found is not None, received
        return found.group(0)


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """One installation for all pages, which are followed in order."""
    found = Operator(tmp_path_factory.mktemp("operator"))
    try:
        found.prepare()
        yield found
    finally:
        found.stop()


def test_push_records(operator: Operator) -> None:
    """The pushed file is committed, one record of two, and a second push returns the same answer."""
    profile, push = shell_blocks(page("push-records.md"))
    operator.follow(profile)
    answer = json.loads(operator.follow(push).splitlines()[-1])
    assert (answer["state"], answer["repeated"]) == ("committed", True)
    assert (answer["counts"]["canonical"], answer["counts"]["quarantined"]) == ("1", "1")


def test_get_records_back(operator: Operator) -> None:
    """One record is retried with a newer profile, one is released with a correction, one is discarded; the counts agree."""
    run_id = operator.run("sales-onboard")
    held = operator.asked("chartly quarantine list --dataset sales-events")
    late = sorted(record["quarantine_id"] for record in held if any(each["field"] == "occurred_at" for each in record["violations"]))
    assert (len(held), len(late)) == (3, 2)
    look, retry, release, discard = shell_blocks(page("get-records-back-out-of-quarantine.md"))
    instead = {"q-2c624232cdd221771294dfbb310aca00-1042": late[0], "run_01": run_id}
    assert "TRANSFORM_FAILED" in operator.follow(look, **instead)
    operator.follow(retry + release + discard, **instead)
    dataset = operator.follow("chartly dataset show sales-events --output json")
    assert json.loads(dataset)["quarantine"] == {"open": "0", "retried": "0", "released": "2", "discarded": "1"}


def test_reprocess_a_dataset(operator: Operator) -> None:
    """A reprocess keeps corrected and discarded records; a rollback restores the former content."""
    look, apply, back = shell_blocks(page("reprocess-a-dataset.md"))
    before = json.loads(operator.follow("chartly dataset show sales-events --output json"))
    assert "Nothing was changed" in operator.follow(look)
    assert "is at version" in operator.follow(apply)
    after = json.loads(operator.follow("chartly dataset show sales-events --output json"))
    # What a retry had let in never was in quarantine as the rebuild has it.
    assert after["quarantine"] == before["quarantine"] | {"released": "1"}
    assert after["rows"] == before["rows"]
    operator.follow(back, **{f"--{option} 41": f"--{option} {before['version']}" for option in ("version", "to")})
    assert json.loads(operator.follow("chartly dataset show sales-events --output json"))["content_hash"] == before["content_hash"]


def test_keep_a_dataset_in_order(operator: Operator) -> None:
    """Nothing is too old and nothing is damaged, before and after; there is no commit to set aside, and the command says so."""
    before = json.loads(operator.follow("chartly dataset show sales-events --output json"))
    retain, check, set_aside = shell_blocks(page("keep-a-dataset-in-order.md"))
    operator.follow(retain + check)
    # tests/integration/storage/test_storage_set_aside.py has a commit that can't be finished.
    refused = operator.run_block(set_aside)
    assert (refused.returncode, "nothing to set aside" in refused.stderr) == (2, True), refused.stderr
    assert json.loads(operator.follow("chartly dataset show sales-events --output json"))["content_hash"] == before["content_hash"]


def test_retry_what_failed(operator: Operator) -> None:
    """Dead letters are shown, retried by run and by id, and discarded."""
    show, again, letters, discard = shell_blocks(page("retry-what-failed.md"))
    runs = [operator.run("orders", fails=True) for _ in range(4)]
    dead = {letter["run_id"]: letter["dead_letter_id"] for letter in operator.asked("chartly deadletter list")}
    first, second, third, fourth = ({"run_…": run_id, "dead_…": dead[run_id]} for run_id in runs)
    assert "UPSTREAM_BAD_RESPONSE" in operator.follow(show, **first)
    # The source is still away: the new run fails like the old one.
    operator.follow(again.replace("chartly run retry run_…", "chartly run retry run_… || true"), **first)
    operator.follow(letters, **{"dead_… dead_…": f"{second['dead_…']} {third['dead_…']}"})
    operator.follow(discard, **fourth)
    states = {letter["dead_letter_id"]: letter["state"] for letter in operator.asked("chartly deadletter list")}
    assert states.get(first["dead_…"]) != "DEAD_LETTER_STATE_DEAD"
    assert states.get(fourth["dead_…"]) != "DEAD_LETTER_STATE_DEAD"


def test_schedule_a_workflow(operator: Operator) -> None:
    """The page's schedule is stored; a paused workflow has no next time; the hook returns the run that it starts."""
    rest, hook = shell_blocks(page("schedule-a-workflow.md"))
    shown = operator.follow(rest.replace("chartly workflow resume", "chartly workflow show sales-onboard\nchartly workflow resume"))
    assert "paused" in shown
    received = json.loads(operator.follow(f'TOKEN="$(chartly auth token)"\n{hook.replace("curl", "curl -sS")}'))
    assert "run_" in json.dumps(received)


def test_verify_a_run(operator: Operator) -> None:
    """A run whose records are unchanged is equal in every part."""
    [verify] = shell_blocks(page("verify-a-run.md"))
    run_id = next(run["run_id"] for run in operator.asked("chartly run list") if run["workflow_name"] == "devices-onboard")
    assert "equal" in operator.follow(verify, **{"run_…": run_id})


def test_every_page_is_followed() -> None:
    """Each how-to page with commands is followed by a test of this folder."""
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    with_commands = {path.name for path in PAGES.glob("*.md") if shell_blocks(path.read_text("utf-8"))}
    assert {name for name in with_commands if f'page("{name}")' not in tests} == set()
