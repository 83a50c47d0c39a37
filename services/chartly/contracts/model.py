"""A contract and its name. The content of a contract version never changes. This module does not know where contracts are stored."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from .digest import canonical_json, content_hash
from .errors import ContractUnknown

FIRST_VERSION = "1.0.0"
"""The version of a name without one. Not the newest version: a profile without a version must always mean the same contract."""

_NAME = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)"
    r"(?:@(?P<version>(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?))?"
)
# A name is part of keys, URLs and metrics; 128 is the contract's own bound for canonical types, 64 that for versions.
_NAME_CHARACTERS_MAX = 128 + 1 + 64


@dataclass(frozen=True, slots=True, order=True)
class ContractName:
    """``<type>@<semver>``, as in ``sales.event@1.0.0``."""

    name: str
    version: str = FIRST_VERSION

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``<type>@<semver>``, or ``<type>`` alone for its version 1.0.0.

        Raises:
            ContractUnknown: this is no valid name; ``latest`` is no version.
        """
        found = _NAME.fullmatch(text) if len(text) <= _NAME_CHARACTERS_MAX else None
        if found is None:
            raise ContractUnknown(text)
        return cls(found["name"], found["version"] or FIRST_VERSION)

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True)
class Contract:
    """One version of one JSON Schema."""

    name: ContractName
    schema: Mapping[str, Any]
    builtin: bool = False
    """Whether it ships with Chartly and belongs to every project."""

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over the schema's RFC 8785 bytes."""
        return content_hash(self.schema)

    @cached_property
    def text(self) -> str:
        """The schema as RFC 8785 JSON text."""
        return canonical_json(self.schema).decode()

    @property
    def schema_id(self) -> str:
        """The schema's ``$id``, empty when it has none."""
        return str(self.schema.get("$id", ""))

    @property
    def title(self) -> str:
        """The title, else the name."""
        return str(self.schema.get("title", self.name.name))
