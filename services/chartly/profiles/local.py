"""Read a normalizer profile and its contract from two files, and resolve and validate them without a registry.

The base that ``extends`` names is searched among the YAML files next to the profile, in any namespace, then among the global profiles
that ship with Chartly. The given contract is used, whatever contract the profile names.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chartly import native
from chartly.contracts import Contract, ContractName, ContractStore
from chartly.contracts.json_value import is_object

from .document import Document
from .errors import ProfileInvalid
from .lookups import Lookup, Table, expanded, lookups_of
from .packaged import global_source
from .reference import GLOBAL, Kind, Reference
from .resolution import ProfileSource, resolve
from .secret_references import secret_places
from .validation import document_violations
from .violation import Violation, path_of
from .yaml_reader import read_yaml

_META_SCHEMAS = "profiles."


@dataclass(frozen=True)
class LocalNormalizer:
    """A resolved profile and its contract, from which a plan is compiled."""

    profile_json: str
    """The resolved profile as RFC 8785 JSON."""
    contract_json: str
    """The contract as RFC 8785 JSON."""

    def with_tables(self, table_of: Callable[[Lookup], Table]) -> str:
        """Return the profile with its lookup tables in place, from which a plan is compiled.

        Raises:
            LookupRefused: a table's hash differs from the one that the profile pins.
        """
        document = json.loads(self.profile_json)
        return json.dumps(expanded(document, table_of)) if lookups_of(document["spec"]) else self.profile_json


def read_normalizer(profile: Path, contract: Path) -> LocalNormalizer:
    """Read, resolve and validate a profile and its contract.

    Raises:
        ProfileInvalid: with every violation of either, each with file, line and rule.
    """
    contracts = _OneContract(_schema(contract))
    document = Document.parse(_text(profile), str(profile), contracts)
    if document.kind is not Kind.NORMALIZER:
        raise ProfileInvalid.of(
            [document.places.violation(("metadata", "kind"), "kind", "must be normalizer: no other kind can run over a file")]
        )
    # A base belongs to the profile's namespace or to global. A single file has no namespace.
    namespace = document.extends.namespace if document.extends else GLOBAL
    source = Siblings(profile.parent, contracts, global_source())
    found = document_violations([document], contracts, namespace=namespace, source=source)
    if document.is_abstract:
        found.append(
            document.places.violation(("metadata", "abstract"), "abstract", "is abstract: extend it, and run the profile that extends it")
        )
    if found:
        raise ProfileInvalid.of(found)
    reference = document.reference(namespace)
    resolved = resolve(reference, _Itself(reference, document, source), contracts)
    secrets = [
        resolved.places.violation(path, "secret-out-of-reach", f"needs the secret {name}/{key}, which only a server has")
        for path, (name, key) in secret_places(resolved.document)
    ]
    if secrets:
        raise ProfileInvalid.of(secrets)
    return LocalNormalizer(resolved.canonical.decode(), contracts.get("canonical.given").text)


class Siblings:
    """The documents in the folder of a file, searched before another source."""

    def __init__(self, folder: Path, contracts: ContractStore, beneath: ProfileSource) -> None:
        self._folder = folder
        self._contracts = contracts
        self._beneath = beneath

    def find(self, reference: Reference) -> Document | None:
        """Return a document by kind, name and version. The namespace is not compared: the folder replaces it."""
        for file in sorted([*self._folder.glob("*.yaml"), *self._folder.glob("*.yml")]):
            if (text := _text_of_version(file, reference)) is not None:
                return Document.parse(text, str(file), self._contracts)
        return self._beneath.find(reference)


class _Itself:
    """One document, searched before another source."""

    def __init__(self, reference: Reference, document: Document, beneath: ProfileSource) -> None:
        self._reference = reference
        self._document = document
        self._beneath = beneath

    def find(self, reference: Reference) -> Document | None:
        return self._document if reference == self._reference else self._beneath.find(reference)


class _OneContract(ContractStore):
    """The packaged contracts, except that every canonical type has the given contract."""

    def __init__(self, schema: Any) -> None:
        super().__init__(ContractStore.packaged().contracts)
        self._schema = schema

    def get(self, name: ContractName | str) -> Contract:
        """Return the packaged contract for a profile's kind, and the given contract for any other name."""
        wanted = ContractName.parse(name) if isinstance(name, str) else name
        return super().get(wanted) if wanted.name.startswith(_META_SCHEMAS) else Contract(wanted, self._schema)


def _schema(file: Path) -> Any:
    """Read a contract (JSON or YAML) and compile it."""
    schema, places = read_yaml(_text(file), str(file))
    try:
        native.Contract.compile(json.dumps(schema))
    except native.ContractError as refused:
        raise ProfileInvalid.of([places.violation(path_of(refused.pointer, schema), refused.rule, refused.problem)]) from refused
    return schema


def _text_of_version(file: Path, reference: Reference) -> str | None:
    try:
        text = _text(file)
        value, _ = read_yaml(text, str(file))
    except ProfileInvalid:
        # A broken file in the folder of the profile is ignored, unless its name is that of the searched base.
        if reference.name in file.name and reference.version in file.name:
            raise
        return None
    metadata = value.get("metadata") if is_object(value) else None
    if not is_object(metadata):
        return None
    wanted = {"kind": reference.kind, "name": reference.name, "version": reference.version}
    return text if all(metadata.get(key) == part for key, part in wanted.items()) else None


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as failure:
        raise ProfileInvalid.of([_unreadable(file, failure.strerror or type(failure).__name__)]) from failure
    except UnicodeDecodeError as failure:
        raise ProfileInvalid.of([_unreadable(file, f"is not UTF-8 at byte {failure.start}")]) from failure


def _unreadable(file: Path, problem: str) -> Violation:
    return Violation(str(file), 0, 0, "", "unreadable", problem)
