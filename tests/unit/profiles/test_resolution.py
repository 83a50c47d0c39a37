"""Resolution of profiles: fallback, merging, cycles, contracts, hashes."""

import json
from hashlib import sha256

import pytest

from chartly.contracts import Contract, ContractName, ContractStore, ContractUnknown
from chartly.profiles import (
    Document,
    Documents,
    ProfileCycle,
    ProfileInvalid,
    ProfileUnknown,
    Reference,
    ResolvedProfile,
    project_namespace,
    resolve,
)
from chartly.profiles.limits import EXTENDS_MAX

PROJECT = project_namespace("a", "b")
NORMALIZER = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {kind: normalizer, name: NAME, version: 1.0.0}
spec: SPEC
"""
STORAGE = NORMALIZER.replace("normalizer", "storage")
MAPPING = '{canonicalEventType: sales.event, mapping: {event_id: "$.id"}}'


def document(text: str, name: str, spec: str, contracts: ContractStore) -> Document:
    """Return a document of a template."""
    return Document.parse(text.replace("NAME", name).replace("SPEC", spec), f"{name}.yaml", contracts)


def resolved(reference: str, documents: dict[str, Document], contracts: ContractStore) -> ResolvedProfile:
    """Resolve among documents by reference."""
    return resolve(Reference.parse(reference), Documents({Reference.parse(name): value for name, value in documents.items()}), contracts)


def test_project_wins_over_global(contracts: ContractStore) -> None:
    """A version in the project's namespace has priority over the global one."""
    here, there = (document(STORAGE, "x", f"{{dataset: {name}}}", contracts) for name in ("here", "there"))

    both = resolved("a/b::storage/x@1.0.0", {"a/b::storage/x@1.0.0": here, "global::storage/x@1.0.0": there}, contracts)
    fallback = resolved("a/b::storage/x@1.0.0", {"global::storage/x@1.0.0": there}, contracts)

    assert both.document["spec"]["dataset"] == "here"
    assert fallback.document["spec"]["dataset"] == "there"
    assert fallback.reference.is_global


def test_other_version_is_no_answer(contracts: ContractStore) -> None:
    """Only the exact version is found."""
    with pytest.raises(ProfileUnknown):
        resolved("a/b::storage/x@1.0.1", {"a/b::storage/x@1.0.0": document(STORAGE, "x", "{dataset: d}", contracts)}, contracts)


def test_base_is_merged_and_extends_is_gone(contracts: ContractStore) -> None:
    """The frozen spec is the merged one without extends."""
    documents = {
        "global::storage/base@1.0.0": document(STORAGE, "base", "{dataset: d, retentionDays: 10}", contracts),
        "a/b::storage/x@1.0.0": document(STORAGE, "x", '{extends: "global::storage/base@1.0.0", retentionDays: 20}', contracts),
    }

    found = resolved("a/b::storage/x@1.0.0", documents, contracts)

    assert found.document["spec"] == {"dataset": "d", "retentionDays": 20}
    assert [str(base) for base in found.bases] == ["global::storage/base@1.0.0"]


def test_hash_is_over_the_canonical_bytes(contracts: ContractStore) -> None:
    """The hash does not depend on layout, comments, order or namespace."""
    plain = document(STORAGE, "x", "{dataset: d, retentionDays: 10}", contracts)
    other = document("# comment\n" + STORAGE, "x", "{retentionDays: 10, 'dataset': \"d\"}", contracts)

    first = resolved("a/b::storage/x@1.0.0", {"a/b::storage/x@1.0.0": plain}, contracts)
    second = resolved("global::storage/x@1.0.0", {"global::storage/x@1.0.0": other}, contracts)

    assert first.hash == second.hash == f"sha256:{sha256(first.canonical).hexdigest()}"


@pytest.mark.parametrize("circle", [["x"], ["x", "y"], ["x", "y", "z"]])
def test_circle_is_refused_with_its_chain(circle: list[str], contracts: ContractStore) -> None:
    """A circle of ``extends`` of any length is refused with its members."""
    following = dict(zip(circle, [*circle[1:], circle[0]], strict=True))
    documents = {
        f"a/b::storage/{name}@1.0.0": document(STORAGE, name, f'{{extends: "a/b::storage/{base}@1.0.0"}}', contracts)
        for name, base in following.items()
    }

    with pytest.raises(ProfileCycle) as refused:
        resolved("a/b::storage/x@1.0.0", documents, contracts)

    assert refused.value.chain == " → ".join(f"a/b::storage/{name}@1.0.0" for name in [*circle, "x"])


def test_chain_is_bounded(contracts: ContractStore) -> None:
    """A chain with the bound's number of bases resolves; one more is refused."""

    def chain(bases: int) -> ResolvedProfile:
        documents = {f"a/b::storage/x{bases}@1.0.0": document(STORAGE, f"x{bases}", "{dataset: d}", contracts)}
        for number in range(bases):
            base = f"a/b::storage/x{number + 1}@1.0.0"
            documents[f"a/b::storage/x{number}@1.0.0"] = document(STORAGE, f"x{number}", f'{{extends: "{base}"}}', contracts)
        return resolved("a/b::storage/x0@1.0.0", documents, contracts)

    assert len(chain(EXTENDS_MAX).bases) == EXTENDS_MAX
    with pytest.raises(ProfileCycle):
        chain(EXTENDS_MAX + 1)


def test_base_of_another_project_is_refused(contracts: ContractStore) -> None:
    """A base must be in the same project or global."""
    documents = {
        "c/d::storage/x@1.0.0": document(STORAGE, "x", "{dataset: d}", contracts),
        "a/b::storage/y@1.0.0": document(STORAGE, "y", '{extends: "c/d::storage/x@1.0.0"}', contracts),
    }

    with pytest.raises(ProfileInvalid) as refused:
        resolved("a/b::storage/y@1.0.0", documents, contracts)

    assert [(found.path, found.rule) for found in refused.value.found] == [("/spec/extends", "foreign-namespace")]


def test_base_of_another_kind_is_refused(contracts: ContractStore) -> None:
    """A base must have the same kind."""
    documents = {
        "a/b::normalizer/x@1.0.0": document(NORMALIZER, "x", MAPPING, contracts),
        "a/b::storage/y@1.0.0": document(STORAGE, "y", '{dataset: d, extends: "a/b::normalizer/x@1.0.0"}', contracts),
    }

    with pytest.raises(ProfileInvalid) as refused:
        resolved("a/b::storage/y@1.0.0", documents, contracts)

    assert [found.rule for found in refused.value.found] == ["base-kind"]


def test_key_that_neither_gives_is_missed_in_the_profile(contracts: ContractStore) -> None:
    """A required key that neither the profile nor its base has is reported at the profile."""
    documents = {
        "a/b::storage/base@1.0.0": document(STORAGE, "base", "{dataset: d, indexing: {fields: [a]}}", contracts),
        "a/b::analytics/x@1.0.0": document(STORAGE.replace("storage", "analytics"), "x", '{extends: "a/b::analytics/y@1.0.0"}', contracts),
        "a/b::analytics/y@1.0.0": document(
            STORAGE.replace("storage", "analytics").replace("1.0.0}", "1.0.0, abstract: true}"), "y", "{outputs: {dataset: o}}", contracts
        ),
    }

    with pytest.raises(ProfileInvalid) as refused:
        resolved("a/b::analytics/x@1.0.0", documents, contracts)

    assert {(found.file, found.path, found.rule) for found in refused.value.found} == {("x.yaml", "/spec", "missing-key")}


def test_normalizer_without_contract_means_the_first_version_of_its_type(contracts: ContractStore) -> None:
    """The default contract is version 1.0.0 of the type, never the newest."""
    newer = Contract(ContractName("sales.event", "1.1.0"), {**contracts.get("sales.event").schema, "title": "Newer"})
    documents = {"a/b::normalizer/x@1.0.0": document(NORMALIZER, "x", MAPPING, contracts)}

    found = resolved("a/b::normalizer/x@1.0.0", documents, contracts.with_contracts([newer]))

    assert found.contract is not None
    assert str(found.contract.name) == "sales.event@1.0.0"


def test_contract_is_part_of_the_hash(contracts: ContractStore) -> None:
    """The same profile with another contract has another hash."""
    spec = '{canonicalEventType: sales.event, contract: sales.event@1.1.0, mapping: {event_id: "$.id"}}'
    documents = {"a/b::normalizer/x@1.0.0": document(NORMALIZER, "x", spec, contracts)}
    name, schema = ContractName("sales.event", "1.1.0"), contracts.get("sales.event").schema

    hashes = {
        resolved("a/b::normalizer/x@1.0.0", documents, contracts.with_contracts([Contract(name, {**schema, "title": title})])).hash
        for title in ("one", "two")
    }

    assert len(hashes) == 2


def test_pinned_contract_is_named_by_its_hash(contracts: ContractStore) -> None:
    """The frozen document has name, version and hash of the contract."""
    documents = {"a/b::normalizer/x@1.0.0": document(NORMALIZER, "x", MAPPING, contracts)}

    found = json.loads(resolved("a/b::normalizer/x@1.0.0", documents, contracts).canonical)

    assert found["spec"]["contract"] == {
        "name": "sales.event",
        "version": "1.0.0",
        "hash": contracts.get("sales.event").content_hash,
    }


def test_missing_contract_is_refused(contracts: ContractStore) -> None:
    """A normalizer of a type without a contract is refused."""
    spec = '{canonicalEventType: no.such, mapping: {event_id: "$.id"}}'

    with pytest.raises(ContractUnknown) as refused:
        resolved("a/b::normalizer/x@1.0.0", {"a/b::normalizer/x@1.0.0": document(NORMALIZER, "x", spec, contracts)}, contracts)

    assert refused.value.contract == "no.such@1.0.0"
