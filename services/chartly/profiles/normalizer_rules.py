"""Rules of a normalizer beyond its schema: queries parse, transformed fields are mapped, the plan compiles.

This module checks queries and fields, and reports all violations with their places. The compiled core checks the options of an op.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chartly import native
from chartly.contracts import Contract

from .lookups import stand_in
from .secret_references import STAND_IN, secret_names
from .violation import Path, Places, Violation, path_of

SPEC: Path = ("spec",)
_RESERVED_FIELD = "type"


def mapping_violations(spec: Mapping[str, Any], places: Places) -> list[Violation]:
    """Return the violations in queries and fields of a merged normalizer spec."""
    mapping: Mapping[str, Any] = spec.get("mapping", {})
    found = [*_query_violations(spec, places)]
    if _RESERVED_FIELD in mapping:
        message = "type can't be mapped: its value is canonicalEventType"
        found.append(places.violation((*SPEC, "mapping", _RESERVED_FIELD), "reserved-field", message, at_key=True))
    for path, name in _named_fields(spec):
        if name not in mapping and not (name == _RESERVED_FIELD and path[1] != "transforms"):
            found.append(places.violation(path, "unmapped-field", f"the required field {name!r} is not mapped"))
    return found


def plan_violations(document: Mapping[str, Any], contract: Contract, places: Places) -> list[Violation]:
    """Return why the compiled core refuses the plan; empty when it compiles."""
    # The value of a secret doesn't matter for validation, which happens where secrets are not available.
    secrets = dict.fromkeys(secret_names(document["spec"]), STAND_IN)
    try:
        native.Plan.compile(stand_in(document), contract.text, secrets=secrets)
    except native.PlanError as refused:
        if refused.document == "contract":
            message = f"the contract {contract.name} does not compile at {refused.pointer or '/'}: {refused.detail}"
            return [places.violation((*SPEC, "contract"), "contract-refused", message)]
        return [places.violation(path_of(refused.pointer, document), _kebab(refused.rule), refused.detail)]
    return []


def _kebab(rule: str) -> str:
    """Return the core's rule name in the form of the others: ``unknown-option`` for ``unknownOption``."""
    return re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", rule)


def _query_violations(spec: Mapping[str, Any], places: Places) -> Iterator[Violation]:
    for path, query in _queries(spec):
        try:
            # In a path below an exploded child, ``$`` is the child.
            native.query("$" + query[1:], b"null")
        except native.PathError as refused:
            yield places.violation(path, "bad-jsonpath", f"must be an RFC 9535 query: {refused}")


def _queries(spec: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for name in ("recordsPath", "explode"):
        if name in spec:
            yield (*SPEC, name), spec[name]
    for name, source in spec.get("mapping", {}).items():
        if isinstance(source, str):
            yield (*SPEC, "mapping", name), source
        elif "path" in source:
            yield (*SPEC, "mapping", name, "path"), source["path"]


def _named_fields(spec: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for position, name in enumerate(spec.get("requiredFields", [])):
        yield (*SPEC, "requiredFields", position), name
    for position, step in enumerate(spec.get("transforms", [])):
        yield (*SPEC, "transforms", position, "field"), step["field"]
    for position, name in enumerate(spec.get("dedupe", {}).get("keys", [])):
        yield (*SPEC, "dedupe", "keys", position), name
