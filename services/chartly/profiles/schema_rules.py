"""Validate a document against the contract of its kind, with messages in the words of the profile language."""

from collections.abc import Iterator, Mapping
from typing import Any

from chartly.contracts import ContractStore, InstanceViolation
from chartly.contracts.json_value import is_array, is_object

from .errors import ReferenceInvalid
from .reference import Reference
from .violation import Path, Places, Violation

_KINDS = ("connector", "normalizer", "storage", "analytics")
_REFERENCE_KEYS = frozenset(
    {
        "extends",
        "connector_profile",
        "normalizer_profile",
        "storage_profile",
        "analytics_profile",
        "connector_id",
        "dataset_id",
        "query_ref",
    }
)
_REFERENCE_MESSAGES = {
    "latest-refused": "must name a fixed version, such as @1.0.0",
    "reference": "must be <tenant>/<project>::<kind>/<name>@<semver>, or global::<kind>/<name>@<semver>",
    "reference-kind": "must name a connector, normalizer, storage, analytics or workflow",
}
# Rules about a key, not about its value.
_AT_KEY = frozenset({"unknown-key", "bad-key", "not-allowed"})
# Rules of the schema about a value that reference_violations explains better.
_SUPERSEDED = frozenset({"pattern", "too-long", "type"})


def schema_violations(value: Any, places: Places, contracts: ContractStore, *, is_resolved: bool = False) -> list[Violation]:
    """Return every violation of the contract of the document's kind.

    Args:
        value: the document.
        places: the places of its parts in the text.
        contracts: the packaged contracts.
        is_resolved: whether the base is merged. If not, keys that a base may have are not required.
    """
    if not is_object(value):
        return [places.violation((), "type", "must be a map with apiVersion, kind, metadata and spec")]
    name = _contract_name(value)
    if name is None:
        return [_unknown_kind(value, places)]
    references = list(reference_violations(value, places))
    explained = {violation.path for violation in references}
    may_miss = not is_resolved and _has_base(value)
    found = [
        places.violation(broken.path, broken.rule, _message(broken), at_key=broken.rule in _AT_KEY)
        for broken in contracts.validator(name).violations(value)
        if not (may_miss and broken.rule == "missing-key" and broken.path[:1] == ("spec",))
        and not (broken.pointer in explained and broken.rule in _SUPERSEDED)
    ]
    return [*references, *found]


def reference_violations(value: Any, places: Places, path: Path = ()) -> Iterator[Violation]:
    """Return a violation for every invalid reference to a profile, such as one without a fixed version."""
    if is_object(value):
        for key, part in value.items():
            if isinstance(part, str) and _is_reference(key, part):
                yield from _broken_reference(part, (*path, key), places)
            else:
                yield from reference_violations(part, places, (*path, key))
    elif is_array(value):
        for position, part in enumerate(value):
            yield from reference_violations(part, places, (*path, position))


def _is_reference(key: str, text: str) -> bool:
    return key in _REFERENCE_KEYS or (key == "profile" and "::" in text)


def _broken_reference(text: str, path: Path, places: Places) -> Iterator[Violation]:
    try:
        Reference.parse(text)
    except ReferenceInvalid as refused:
        yield places.violation(path, refused.rule, _REFERENCE_MESSAGES[refused.rule])


def _contract_name(value: Mapping[str, Any]) -> str | None:
    if value.get("kind") == "Workflow":
        return "profiles.workflow"
    metadata = value.get("metadata")
    kind = metadata.get("kind") if is_object(metadata) else None
    return f"profiles.{kind}" if value.get("kind") == "Profile" and kind in _KINDS else None


def _unknown_kind(value: Mapping[str, Any], places: Places) -> Violation:
    if value.get("kind") != "Profile":
        return places.violation(("kind",), "kind", "must be Profile or Workflow")
    return places.violation(("metadata", "kind"), "kind", f"must be one of {', '.join(_KINDS)}")


def _has_base(value: Mapping[str, Any]) -> bool:
    spec, metadata = value.get("spec"), value.get("metadata")
    extends = is_object(spec) and "extends" in spec
    return extends or (is_object(metadata) and metadata.get("abstract") is True)


def _message(broken: InstanceViolation) -> str:
    if broken.rule == "pattern" and broken.schema_path[-2:] == ("query", "pattern"):
        return "must be an RFC 9535 query: it begins with $"
    return broken.message
