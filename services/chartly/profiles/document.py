"""A profile or workflow as written: its text, its value, the places of its parts. It is not merged with its base."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from chartly.contracts import ContractStore
from chartly.contracts.digest import content_hash

from .errors import ProfileInvalid
from .reference import Kind, Reference
from .schema_rules import schema_violations
from .secrets import secret_violations
from .violation import Places
from .yaml_reader import read_yaml


@dataclass(frozen=True)
class Document:
    """One version, read and validated without its base."""

    text: str
    value: Mapping[str, Any]
    places: Places

    @classmethod
    def parse(cls, text: str, file: str, contracts: ContractStore) -> Self:
        """Read a document and validate it against the schema of its kind.

        Keys that a base may have are not required here. Resolving the profile requires them.

        Raises:
            ProfileInvalid: with every violation.
        """
        value, places = read_yaml(text, file)
        found = [*secret_violations(text, value, places), *schema_violations(value, places, contracts)]
        if found:
            raise ProfileInvalid.of(found)
        return cls(text, value, places)

    @property
    def file(self) -> str:
        """The file name that the caller gave."""
        return self.places.file

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The document's ``metadata``."""
        return self.value["metadata"]

    @property
    def spec(self) -> Mapping[str, Any]:
        """The document's ``spec`` as written, without its base."""
        return self.value["spec"]

    @property
    def kind(self) -> Kind:
        """The document's kind."""
        return Kind.WORKFLOW if self.value["kind"] == "Workflow" else Kind(self.metadata["kind"])

    @property
    def is_abstract(self) -> bool:
        """Whether other profiles may only extend it."""
        return bool(self.metadata.get("abstract", False))

    @property
    def extends(self) -> Reference | None:
        """The reference of its base, if it has one."""
        base = self.spec.get("extends")
        return None if base is None else Reference.parse(base)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over the RFC 8785 bytes of the document, before ``extends`` is resolved: comments and layout don't count."""
        return content_hash(self.value)

    def reference(self, namespace: str) -> Reference:
        """Return this version's reference in a namespace."""
        return Reference(namespace, self.kind, self.metadata["name"], self.metadata["version"])
