"""Rows of the projects' contracts. Packaged contracts are not stored."""

import json
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from chartly.contracts import Contract, ContractName, ContractStore, ContractUnknown
from chartly.contracts.digest import digest
from chartly.platform.metadata import Metadata
from chartly.registry.errors import StoredDamaged

from .tables import contracts
from .times import to_us


class StoredContracts(ContractStore):
    """The packaged contracts, then those of one project, read on request."""

    def __init__(self, packaged: ContractStore, connection: sa.Connection, namespace: str) -> None:
        super().__init__(packaged.contracts)
        self._connection = connection
        self._namespace = namespace

    def get(self, name: ContractName | str) -> Contract:
        """Return one contract.

        Raises:
            ContractUnknown: the contract is neither packaged nor the project's.
        """
        wanted = ContractName.parse(name) if isinstance(name, str) else name
        try:
            return super().get(wanted)
        except ContractUnknown:
            its = sa.and_(contracts.c.namespace == self._namespace, contracts.c.name == wanted.name, contracts.c.version == wanted.version)
            row = self._connection.execute(sa.select(contracts.c.schema_json, contracts.c.content_hash).where(its)).one_or_none()
            if row is None:
                raise
            return _read(wanted, *row)


def siblings(connection: sa.Connection, namespace: str, name: str) -> Iterator[Contract]:
    """Return every stored version of one name."""
    wanted = sa.select(contracts).where(contracts.c.namespace == namespace, contracts.c.name == name)
    for row in connection.execute(wanted).mappings():
        yield _read(ContractName(row["name"], row["version"]), row["schema_json"], row["content_hash"])


def add(connection: sa.Connection, metadata: Metadata, namespace: str, contract: Contract, now: datetime) -> None:
    """Insert one version. Concurrent writers are handled as for profiles."""
    row = {
        "namespace": namespace,
        "name": contract.name.name,
        "version": contract.name.version,
        "content_hash": contract.content_hash,
        "schema_json": contract.text,
        "created_at_us": to_us(now),
    }
    connection.execute(metadata.insert(contracts).values(row).on_conflict_do_nothing())


def listed(connection: sa.Connection, namespace: str) -> dict[ContractName, str]:
    """Return the project's contracts and their hashes. A project has one for each kind of data."""
    wanted = sa.select(contracts.c.name, contracts.c.version, contracts.c.content_hash).where(contracts.c.namespace == namespace)
    return {ContractName(name, version): content_hash for name, version, content_hash in connection.execute(wanted)}


def _read(name: ContractName, text: str, content_hash: str) -> Contract:
    """Return a stored contract, after a check of its RFC 8785 text against its hash.

    Raises:
        StoredDamaged: the text doesn't have the hash.
    """
    if digest(text.encode()) != content_hash:
        raise StoredDamaged(str(name), content_hash)
    return Contract(name, json.loads(text))
