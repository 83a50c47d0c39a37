"""Changes within a major version: additions pass, and changes that break writers or readers don't."""

import json
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from chartly.contracts import ContractStore
from chartly.contracts.compare import compared
from chartly.contracts.compatibility import breaking_changes

OLD: dict[str, Any] = {
    "x-version": "1.0.0",
    "title": "Ticket",
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 10, "pattern": "^[a-z]+$"},
        "state": {"enum": ["open", "closed"]},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "maxItems": 3},
        "cost": {"type": "number", "minimum": 0},
        "kind": {"const": "ticket"},
    },
    "$defs": {"name": {"type": "string"}},
    "if": {"required": ["cost"]},
    "then": {"required": ["state"]},
    "dependentSchemas": {"cost": {"properties": {"id": {"minLength": 3}}}},
}
Edit = Callable[[dict[str, Any]], object]

ADDITIONS: list[Edit] = [
    lambda new: new["properties"].update(queue={"type": "string"}),
    lambda new: new["$defs"].update(more={"type": "string"}),
    lambda new: new["properties"]["state"]["enum"].append("waiting"),
    lambda new: new["properties"]["id"].update(minLength=0, maxLength=20),
    lambda new: new["properties"]["id"].pop("maxLength"),
    lambda new: new["properties"]["cost"].update(minimum=-1),
    lambda new: new["properties"]["tags"]["items"].update(maxLength=6),
    lambda new: new.update(additionalProperties=True),
    lambda new: new.update(title="A ticket", description="Words", examples=[{}]),
    lambda new: new["properties"]["id"].update(description="Words"),
]
BREAKS: list[tuple[Edit, str, str]] = [
    (lambda new: new["properties"].pop("state"), "/properties/state", "property-removed"),
    (lambda new: new["$defs"].pop("name"), "/$defs/name", "definition-removed"),
    (lambda new: new["required"].append("state"), "/required/state", "required-added"),
    (lambda new: new["required"].clear(), "/required/id", "required-removed"),
    (lambda new: new["properties"]["id"].update(type="integer"), "/properties/id/type", "changed"),
    (lambda new: new["properties"]["id"].update(type=["string", "null"]), "/properties/id/type", "changed"),
    (lambda new: new["properties"]["id"].update(minLength=2), "/properties/id/minLength", "bound-narrowed"),
    (lambda new: new["properties"]["id"].update(maxLength=9), "/properties/id/maxLength", "bound-narrowed"),
    (lambda new: new["properties"]["cost"].update(maximum=9), "/properties/cost/maximum", "bound-narrowed"),
    (lambda new: new["properties"]["id"].update(pattern="^.+$"), "/properties/id/pattern", "changed"),
    (lambda new: new["properties"]["id"].update(format="date"), "/properties/id/format", "changed"),
    (lambda new: new["dependentSchemas"]["cost"]["properties"]["id"].update(minLength=4), "/dependentSchemas", "changed"),
    (lambda new: new["properties"]["state"]["enum"].remove("open"), "/properties/state/enum", "enum-narrowed"),
    (lambda new: new["properties"]["state"].pop("enum"), "/properties/state/enum", "enum-dropped"),
    (lambda new: new["properties"]["cost"].update(enum=[1]), "/properties/cost/enum", "enum-narrowed"),
    (lambda new: new["properties"]["kind"].update(const="issue"), "/properties/kind/const", "changed"),
    (lambda new: new["properties"]["tags"].update(uniqueItems=True), "/properties/tags/uniqueItems", "bound-narrowed"),
    (lambda new: new["properties"]["tags"]["items"].update(maxLength=4), "/properties/tags/items/maxLength", "bound-narrowed"),
    (lambda new: new["properties"]["tags"].pop("items"), "/properties/tags/items", "changed"),
    (lambda new: new["if"]["required"].clear(), "/if", "condition-changed"),
    (lambda new: new["then"]["required"].append("tags"), "/then/required/tags", "required-added"),
    (lambda new: new.update(allOf=[{"required": ["cost"]}]), "/allOf", "alternatives-changed"),
    (lambda new: new.update(unevaluatedProperties=False), "/unevaluatedProperties", "changed"),
]


def rules_after(edit: Edit, *, version: str = "1.1.0") -> list[tuple[str, str]]:
    """Change the schema, and return the rules that this breaks."""
    new = deepcopy(OLD)
    edit(new)
    new["x-version"] = version
    return [(change.place, change.rule) for change in breaking_changes(OLD, new)]


@pytest.mark.parametrize("edit", ADDITIONS)
def test_additions_pass(edit: Edit) -> None:
    """A change that keeps every valid instance valid is an addition."""
    assert rules_after(edit) == []


@pytest.mark.parametrize(("edit", "place", "rule"), BREAKS)
def test_each_breaking_change_is_named(edit: Edit, place: str, rule: str) -> None:
    """A change that breaks writers or readers is reported with its place."""
    assert (place, rule) in rules_after(edit)


def test_closing_an_open_object_breaks() -> None:
    """A schema must not begin to refuse keys that it ignored."""
    assert [change.rule for change in breaking_changes({"type": "object"}, {"type": "object", "additionalProperties": False})] == ["closed"]


@pytest.mark.parametrize("version", ["1.0.0", "0.9.0", "2.0.0"])
def test_change_raises_the_version(version: str) -> None:
    """A schema with another content needs a higher version of the same major."""
    wider: Edit = lambda new: new["properties"]["id"].update(maxLength=20)  # noqa: E731 - as the edits above
    assert rules_after(wider, version=version) == [("/x-version", "version-not-raised")]


def test_other_words_need_no_version() -> None:
    """Titles and descriptions, at any depth, may change within a version."""

    def reword(new: dict[str, Any]) -> None:
        new.update(title="New")
        new["properties"]["id"].update(description="Words")
        new["properties"]["tags"]["items"].update(description="Words")
        new["if"].update(description="Words")
        new["dependentSchemas"]["cost"]["properties"]["id"].update(description="Words")

    assert rules_after(reword, version="1.0.0") == []


@pytest.mark.parametrize("contract", ContractStore.packaged().contracts, ids=lambda contract: str(contract.name))
def test_no_contract_breaks_itself(contract: Any) -> None:
    """Comparing a schema with itself finds nothing."""
    assert breaking_changes(contract.schema, deepcopy(contract.schema)) == []


def test_command_compares_with_a_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command reports a removed contract and a narrowed one against a git revision."""
    folder = tmp_path / "contracts" / "v1" / "canonical"
    folder.mkdir(parents=True)
    for name in ("ticket", "gone"):
        (folder / f"{name}.json").write_text(json.dumps(OLD))
    monkeypatch.chdir(tmp_path)
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "first"],
    ):
        subprocess.run(["git", *words], check=True)  # noqa: S607 - git from PATH, as the command itself
    (folder / "gone.json").unlink()
    (folder / "ticket.json").write_text(json.dumps({**OLD, "required": ["id", "state"]}))

    found = sorted((path, change.rule) for path, change in compared("HEAD", tmp_path / "contracts"))

    assert found == [
        ("v1/canonical/gone.json", "contract-removed"),
        ("v1/canonical/ticket.json", "required-added"),
        ("v1/canonical/ticket.json", "version-not-raised"),
    ]
