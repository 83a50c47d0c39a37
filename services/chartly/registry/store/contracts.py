"""Versions of contracts that projects added; the packaged ones are never stored."""

import json
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from chartly.contracts import Contract, ContractName, ContractStore, ContractUnknown

from .tables import contracts
from .times import to_us


class StoredContracts(ContractStore):
    """The packaged contracts, and behind them one project's, read when asked for."""

    def __init__(self, packaged: ContractStore, connection: sa.Connection, namespace: str) -> None:
        super().__init__(packaged.contracts)
        self._connection = connection
        self._namespace = namespace

    def get(self, name: ContractName | str) -> Contract:
        """Give one contract.

        Raises:
            ContractUnknown: neither packaged nor the project's.
        """
        wanted = ContractName.parse(name) if isinstance(name, str) else name
        try:
            return super().get(wanted)
        except ContractUnknown:
            its = sa.and_(contracts.c.namespace == self._namespace, contracts.c.name == wanted.name, contracts.c.version == wanted.version)
            text = self._connection.execute(sa.select(contracts.c.schema_json).where(its)).scalar_one_or_none()
            if text is None:
                raise
            return Contract(wanted, json.loads(text))


def siblings(connection: sa.Connection, namespace: str, name: str) -> Iterator[Contract]:
    """Read every stored version of one name."""
    wanted = sa.select(contracts).where(contracts.c.namespace == namespace, contracts.c.name == name)
    for row in connection.execute(wanted).mappings():
        yield Contract(ContractName(row["name"], row["version"]), json.loads(row["schema_json"]))


def add(connection: sa.Connection, namespace: str, contract: Contract, schema_json: str, now: datetime) -> None:
    """Write one version that is not there yet."""
    connection.execute(
        contracts.insert().values(
            namespace=namespace,
            name=contract.name.name,
            version=contract.name.version,
            content_hash=contract.content_hash,
            schema_json=schema_json,
            created_at_us=to_us(now),
        )
    )


def listed(connection: sa.Connection, namespace: str) -> dict[ContractName, str]:
    """Tell the project's contracts and their hashes; there are as many as a project has kinds of data."""
    wanted = sa.select(contracts.c.name, contracts.c.version, contracts.c.content_hash).where(contracts.c.namespace == namespace)
    return {ContractName(name, version): content_hash for name, version, content_hash in connection.execute(wanted)}
