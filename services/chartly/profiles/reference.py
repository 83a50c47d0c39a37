"""References of profile versions: ``<tenant>/<project>::<kind>/<name>@<semver>``, or ``global::…``. There is no ``@latest``."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from .errors import ReferenceInvalid

SLUG = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_IDENTIFIERS = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
SEMVER = (
    r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}"
    rf"(?:-{_IDENTIFIERS}(?:\.{_IDENTIFIERS})*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
"""A version by semver.org 2.0.0: no range, no tag, no leading v."""

_REFERENCE = re.compile(
    rf"(?:(?P<global>global)|(?P<tenant>{SLUG})/(?P<project>{SLUG}))::(?P<kind>[a-z]+)/(?P<name>{SLUG})@(?P<version>{SEMVER})"
)
_CHARACTERS_MAX = 320  # two slugs, a kind, a name and a version of maximal length, with separators
_VERSION_CHARACTERS_MAX = 64
_FLOATING = re.compile(r"@(latest|stable|head|main|\*|[~^<>=].*|v?[0-9]+(\.[0-9x*]+)?)$", re.IGNORECASE)


class Kind(StrEnum):
    """The kind of a document."""

    CONNECTOR = "connector"
    NORMALIZER = "normalizer"
    STORAGE = "storage"
    ANALYTICS = "analytics"
    WORKFLOW = "workflow"


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """One version of one profile or workflow."""

    namespace: str
    """``tenant/<tenant>/project/<project>``, or ``global``."""
    kind: Kind
    name: str
    version: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the reference that a text denotes.

        Raises:
            ReferenceInvalid: names the broken rule: latest-refused, reference-kind or reference.
        """
        if len(text) > _CHARACTERS_MAX:
            raise ReferenceInvalid.of(text[:_CHARACTERS_MAX], "reference")
        found = _REFERENCE.fullmatch(text)
        if found is None or len(found["version"]) > _VERSION_CHARACTERS_MAX:
            raise ReferenceInvalid.of(text, "latest-refused" if _FLOATING.search(text) else "reference")
        if found["kind"] not in Kind.__members__.values():
            raise ReferenceInvalid.of(text, "reference-kind")
        namespace = GLOBAL if found["global"] else project_namespace(found["tenant"], found["project"])
        return cls(namespace, Kind(found["kind"]), found["name"], found["version"])

    @property
    def is_global(self) -> bool:
        """Whether it is in the global namespace."""
        return self.namespace == GLOBAL

    @property
    def precedence(self) -> tuple[object, ...]:
        """Return a sort key for versions by semver.org 2.0.0 §11: a release is above its pre-releases; build metadata doesn't count."""
        core, _, before = self.version.partition("+")[0].partition("-")
        numbers = tuple(map(int, core.split(".")))
        parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in before.split(".")) if before else ()
        return numbers, not before, parts

    def in_global(self) -> "Reference":
        """Return the reference of the same version in the global namespace."""
        return replace(self, namespace=GLOBAL)

    def __str__(self) -> str:
        owner = GLOBAL
        if not self.is_global:
            _, tenant, _, project = self.namespace.split("/")
            owner = f"{tenant}/{project}"
        return f"{owner}::{self.kind}/{self.name}@{self.version}"


GLOBAL = "global"
"""The namespace that is searched after a project's own."""


def project_namespace(tenant: str, project: str) -> str:
    """Return the name of a project's namespace."""
    return f"tenant/{tenant}/project/{project}"
