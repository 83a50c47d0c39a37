"""Resolve a reference: find the profile, merge its bases, validate the result, freeze it under one hash. It reads only its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from chartly.contracts import Contract, ContractStore, ContractUnknown
from chartly.contracts.digest import canonical_json, digest

from .document import Document
from .errors import ProfileCycle, ProfileInvalid, ProfileUnknown
from .limits import EXTENDS_MAX
from .merge import merged
from .normalizer_rules import mapping_violations, plan_violations
from .reference import Kind, Reference
from .schema_rules import schema_violations
from .violation import Places, Violation


class ProfileSource(Protocol):
    """A source of documents. A version that was found once is always found, with the same content."""

    def find(self, reference: Reference) -> Document | None:
        """Return exactly this version in exactly this namespace, if it exists."""
        ...


@dataclass(frozen=True)
class ResolvedProfile:
    """A profile with its bases merged and its contract pinned. A run freezes it."""

    reference: Reference
    """The namespace in which it was found: the project's, or global."""
    bases: tuple[Reference, ...]
    """Its bases, nearest first."""
    document: Mapping[str, Any]
    """``apiVersion``, ``kind``, ``metadata`` and the merged ``spec``, in which a normalizer's contract is pinned by its hash."""
    places: Places
    contract: Contract | None
    """A normalizer's contract."""

    @cached_property
    def canonical(self) -> bytes:
        """The document's RFC 8785 bytes."""
        return canonical_json(self.document)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the canonical bytes. The namespace is not part of it: equal rules give equal plans in every project."""
        return digest(self.canonical)


def resolve(reference: Reference, source: ProfileSource, contracts: ContractStore) -> ResolvedProfile:
    """Resolve one reference.

    Raises:
        ProfileUnknown: the profile or a base is neither in its namespace nor in global.
        ProfileCycle: ``extends`` forms a circle, or the chain is too long.
        ContractUnknown: the normalizer's contract does not exist.
        ProfileInvalid: the merged profile breaks rules.
    """
    chain = list(_chain(reference, source))
    found, document = chain[0]
    value, places = _merged_value([document for _, document in chain])
    violations = resolved_violations(value, places, contracts)
    if violations:
        raise ProfileInvalid.of(violations)
    contract = _contract(value, contracts) if document.kind is Kind.NORMALIZER and not document.is_abstract else None
    return ResolvedProfile(found, tuple(base for base, _ in chain[1:]), _pinned(value, contract), places, contract)


def resolved_violations(value: Mapping[str, Any], places: Places, contracts: ContractStore) -> list[Violation]:
    """Return all violations of a merged document. An abstract document may lack keys.

    Raises:
        ContractUnknown: the normalizer's contract does not exist.
    """
    is_abstract = bool(value["metadata"].get("abstract", False))
    found = schema_violations(value, places, contracts, is_resolved=not is_abstract)
    if value["metadata"].get("kind") != Kind.NORMALIZER:
        return found
    found = found or mapping_violations(value["spec"], places)
    if found or is_abstract:
        return found
    return plan_violations(value, _contract(value, contracts), places)


def contract_name(spec: Mapping[str, Any]) -> str:
    """Return the contract of a merged normalizer spec: the named one, else version 1.0.0 of its type's contract."""
    return spec.get("contract", spec["canonicalEventType"])


def _contract(value: Mapping[str, Any], contracts: ContractStore) -> Contract:
    return contracts.get(contract_name(value["spec"]))


def _pinned(value: Mapping[str, Any], contract: Contract | None) -> dict[str, Any]:
    """Return the document with the contract's hash, so that another contract gives another profile hash."""
    if contract is None:
        return dict(value)
    pin = {"name": contract.name.name, "version": contract.name.version, "hash": contract.content_hash}
    return {**value, "spec": {**value["spec"], "contract": pin}}


def _chain(reference: Reference, source: ProfileSource) -> list[tuple[Reference, Document]]:
    """Return the profile and its bases, following ``extends``."""
    chain = [_find(reference, source)]
    while (base := chain[-1][1].extends) is not None:
        here, document = chain[-1]
        _check_base(here, base, document)
        following = _find(base, source)
        names = [str(name) for name, _ in chain]
        if str(following[0]) in names:
            raise ProfileCycle(" → ".join([*names, str(following[0])]))
        if len(chain) > EXTENDS_MAX:
            raise ProfileCycle(" → ".join([*names, str(following[0]), "…"]))
        chain.append(following)
    return chain


def _find(reference: Reference, source: ProfileSource) -> tuple[Reference, Document]:
    for candidate in dict.fromkeys((reference, reference.in_global())):
        document = source.find(candidate)
        if document is not None:
            return candidate, document
    raise ProfileUnknown(str(reference))


def _check_base(here: Reference, base: Reference, document: Document) -> None:
    path = ("spec", "extends")
    if base.kind is not here.kind:
        raise ProfileInvalid.of(
            [document.places.violation(path, "base-kind", f"must name a {here.kind}: a profile extends profiles of its own kind")]
        )
    if base.namespace not in (here.namespace, here.in_global().namespace):
        raise ProfileInvalid.of([document.places.violation(path, "foreign-namespace", "must be in the same project or in global")])


def _merged_value(documents: list[Document]) -> tuple[dict[str, Any], Places]:
    """Merge the specs, beginning with the last base. All other keys are the profile's own."""
    base, *others = reversed(documents)
    spec, places = dict(base.spec), base.places
    for document in others:
        spec, places = merged(spec, places, document.spec, document.places)
    spec.pop("extends", None)
    return {**documents[0].value, "spec": spec}, places


__all__ = ["ContractUnknown", "ProfileSource", "ResolvedProfile", "contract_name", "resolve", "resolved_violations"]
