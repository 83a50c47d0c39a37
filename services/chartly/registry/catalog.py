"""The operations on profiles, one transaction each: read documents, ask the domain, write rows. It knows no gRPC."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chartly.contracts import ContractStore
from chartly.platform.blocking import Blocking
from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries
from chartly.profiles import (
    Document,
    Documents,
    Kind,
    ProfileInvalid,
    ProfileUnknown,
    Reference,
    ResolvedProfile,
    ValueChange,
    Violation,
    changes,
    document_violations,
    resolve,
    text_violations,
)
from chartly.profiles.packaged import global_documents

from .domain.access import check_readable, check_writable
from .domain.trace import traces
from .domain.workflow_check import Found, workflow_violations
from .errors import FrozenUnknown, PackagedChanged, ReferenceMismatch, VersionTaken
from .store import frozen, profiles
from .store.contracts import StoredContracts
from .store.frozen import FrozenRow
from .store.profiles import StoredProfile, StoredProfiles


class Catalog:
    """The profiles and workflows of all projects. Every call concerns one project."""

    def __init__(self, metadata: Metadata, clock: Clock, packaged: ContractStore, blocking: Blocking, limits: Limits) -> None:
        self._metadata = metadata
        self._blocking = blocking
        self._limits = limits
        self._clock = clock
        self._packaged = packaged

    async def seed(self) -> int:
        """Store the profiles that ship with this build in the global namespace. Return how many were new.

        Raises:
            PackagedChanged: a stored version has other content than in this build.
        """
        return await write_with_retries(self._metadata, self._seed)

    async def put(self, scope: Scope, reference: Reference, text: str) -> tuple[StoredProfile, bool]:
        """Store one version, and return whether it is new. Storing the same content twice changes nothing.

        Raises:
            NamespaceDenied, ProfileInvalid, ReferenceMismatch, VersionTaken: as their types say.
        """
        check_writable(reference.namespace, scope)
        return await write_with_retries(self._metadata, lambda connection: self._put(connection, scope, reference, text))

    async def get(self, scope: Scope, reference: Reference) -> StoredProfile:
        """Return one stored version.

        Raises:
            ProfileUnknown: it is neither the project's nor global.
        """
        check_readable(reference, scope)
        return await self._metadata.read(_stored, reference)

    async def page(self, scope: Scope, kind: str, name: str, after: tuple[str, ...] | None, count: int) -> list[StoredProfile]:
        """List the project's versions and the global ones without their texts, optionally of one kind or name."""
        return await self._metadata.read(profiles.listed, scope.namespace, kind, name, after, count)

    async def validate(self, scope: Scope, text: str) -> Sequence[Violation]:
        """Return all violations of a text, as if it were stored in the caller's project."""
        return await self._metadata.read(self._validate, scope, text)

    async def freeze(self, scope: Scope, reference: Reference) -> FrozenRow:
        """Resolve a reference and store the result. From then on this reference has the same hash in the project.

        Raises:
            ProfileUnknown, ProfileCycle, ProfileInvalid, ContractUnknown: as ``chartly.profiles.resolve`` does.
        """
        check_readable(reference, scope)
        kept = await self._metadata.read(frozen.by_reference, scope.namespace, reference)
        return kept or await write_with_retries(self._metadata, lambda connection: self._freeze(connection, scope, reference))

    async def by_hash(self, scope: Scope, digest: str) -> FrozenRow:
        """Return a resolved profile by its hash.

        Raises:
            FrozenUnknown: this project has no frozen profile with the hash.
        """
        kept = await self._metadata.read(frozen.by_hash, scope.namespace, digest)
        if kept is None:
            raise FrozenUnknown(digest)
        return kept

    async def diff(self, scope: Scope, before: Reference, after: Reference) -> list[ValueChange]:
        """Return the differences between the resolved profiles of two references."""
        for reference in (before, after):
            check_readable(reference, scope)
        return await self._metadata.read(self._diff, scope, before, after)

    async def deprecate(self, scope: Scope, reference: Reference) -> StoredProfile:
        """Mark a version so that new workflows can't name it.

        Raises:
            NamespaceDenied: the namespace is not the caller's.
            ProfileUnknown: the version does not exist.
        """
        check_writable(reference.namespace, scope)
        return await self._metadata.write(_deprecate, reference)

    async def trace(self, scope: Scope, reference: Reference, records: Sequence[str]) -> list[dict[str, Any]]:
        """Run a stored normalizer over samples and return the traces."""
        check_readable(reference, scope)
        return await self._blocking.run(traces, await self._metadata.read(self._resolve, scope, reference), records, self._limits)

    async def trace_text(self, scope: Scope, text: str, records: Sequence[str]) -> list[dict[str, Any]]:
        """Run a given normalizer text over samples and return the traces."""
        return await self._blocking.run(traces, await self._metadata.read(self._resolve_text, scope, text), records, self._limits)

    def _seed(self, connection: sa.Connection) -> int:
        added = 0
        for reference, document in global_documents().items():
            stored = profiles.get(connection, reference)
            if stored is None:
                profiles.add(connection, self._metadata, reference, document, self._clock.now())
                added += 1
            elif stored.content_hash != document.content_hash:
                raise PackagedChanged(str(reference))
        return added

    def _put(self, connection: sa.Connection, scope: Scope, reference: Reference, text: str) -> tuple[StoredProfile, bool]:
        contracts, source = self._sources(connection, scope)
        document = Document.parse(text, "", contracts)
        named = document.reference(reference.namespace)
        if named != reference:
            raise ReferenceMismatch(str(reference), str(named))
        stored = profiles.get(connection, reference)
        if stored is not None:
            if stored.content_hash != document.content_hash:
                raise VersionTaken(str(reference), stored.content_hash)
            return stored, False
        violations = document_violations([document], contracts, namespace=reference.namespace, source=source)
        if document.kind is Kind.WORKFLOW and not violations:
            violations = list(workflow_violations(document, lambda step: _found(connection, step, source)))
        if violations:
            raise ProfileInvalid.of(violations)
        pinned = frozen.by_reference(connection, reference.namespace, reference)
        if pinned is not None:
            # The project has used the global version under this reference. A version of its own now would change the reference's meaning.
            raise VersionTaken(str(reference), pinned.hash)
        return profiles.add(connection, self._metadata, reference, document, self._clock.now()), True

    def _validate(self, connection: sa.Connection, scope: Scope, text: str) -> list[Violation]:
        contracts, source = self._sources(connection, scope)
        return text_violations(text, contracts, namespace=scope.namespace, source=source)

    def _freeze(self, connection: sa.Connection, scope: Scope, reference: Reference) -> FrozenRow:
        resolved = self._resolve(connection, scope, reference)
        contract = resolved.contract
        kept = FrozenRow(
            found=str(resolved.reference),
            hash=resolved.hash,
            resolved_json=resolved.canonical.decode(),
            contract_json=contract.text if contract else "",
        )
        frozen.add(connection, self._metadata, scope.namespace, reference, kept, self._clock.now())
        return frozen.by_reference(connection, scope.namespace, reference) or kept

    def _resolve(self, connection: sa.Connection, scope: Scope, reference: Reference) -> ResolvedProfile:
        contracts, source = self._sources(connection, scope)
        return resolve(reference, source, contracts)

    def _resolve_text(self, connection: sa.Connection, scope: Scope, text: str) -> ResolvedProfile:
        contracts, source = self._sources(connection, scope)
        document = Document.parse(text, "", contracts)
        reference = document.reference(scope.namespace)
        return resolve(reference, Documents({reference: document}, source), contracts)

    def _diff(self, connection: sa.Connection, scope: Scope, before: Reference, after: Reference) -> list[ValueChange]:
        return changes(*(self._resolve(connection, scope, reference).document for reference in (before, after)))

    def _sources(self, connection: sa.Connection, scope: Scope) -> tuple[StoredContracts, StoredProfiles]:
        return StoredContracts(self._packaged, connection, scope.namespace), StoredProfiles(connection, self._packaged)


def _stored(connection: sa.Connection, reference: Reference) -> StoredProfile:
    stored = profiles.get(connection, reference)
    if stored is None:
        raise ProfileUnknown(str(reference))
    return stored


def _deprecate(connection: sa.Connection, reference: Reference) -> StoredProfile:
    profiles.deprecate(connection, reference)
    return _stored(connection, reference)


def _found(connection: sa.Connection, reference: Reference, source: StoredProfiles) -> Found | None:
    stored, document = profiles.get(connection, reference), source.find(reference)
    return (document, stored.deprecated) if stored and document else None
