"""The contracts of a process: those packaged with Chartly and those that the caller adds. It stores nothing on disk."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Self

from . import packaged
from .errors import ContractUnknown
from .model import FIRST_VERSION, Contract, ContractName
from .validator import ContractValidator

_VERSION_KEY = "x-version"
_DOMAINS = "canonical/domains/"


class ContractStore:
    """Contracts by name and version; immutable."""

    def __init__(self, contracts: Iterable[Contract]) -> None:
        self._by_name = {contract.name: contract for contract in contracts}
        self._resources = {contract.schema_id: contract.schema for contract in self._by_name.values() if contract.schema_id}

    @classmethod
    def packaged(cls) -> Self:
        """Return the contracts that ship with Chartly."""
        return cls(_packaged())

    def with_contracts(self, contracts: Iterable[Contract]) -> "ContractStore":
        """Return a store with ``contracts`` added. A packaged name keeps its packaged content."""
        return ContractStore([*contracts, *self._by_name.values()])

    def get(self, name: ContractName | str) -> Contract:
        """Return one contract. Of a contract that ships with Chartly, version 1.0.0 stands for the newest: it only grows.

        Raises:
            ContractUnknown: no contract has this name and version.
        """
        wanted = ContractName.parse(name) if isinstance(name, str) else name
        found = self._by_name.get(wanted)
        if found is None and wanted.version == FIRST_VERSION:
            # One version of a schema ships, and a name without a version is 1.0.0.
            shipped = [contract for contract in self.contracts if contract.builtin and contract.name.name == wanted.name]
            found = shipped[-1] if shipped else None
        if found is None:
            raise ContractUnknown(str(wanted))
        return found

    @property
    def contracts(self) -> list[Contract]:
        """All contracts, sorted by name."""
        return sorted(self._by_name.values(), key=lambda contract: contract.name)

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """Every schema by its ``$id``, for references between contracts."""
        return self._resources

    def validator(self, name: ContractName | str) -> ContractValidator:
        """Return a validator of one contract, as in ``store.validator("reports.report_request")``.

        Raises:
            ContractUnknown: no contract has this name and version.
        """
        return ContractValidator(self.get(name).schema, self._resources)


def name_of(path: str, schema: Mapping[str, Any]) -> ContractName:
    """Return the name of a packaged schema: a domain's type, else folder and file, as in ``canonical.event``."""
    place = path.removeprefix("v1/").removesuffix(".json")
    name = place.removeprefix(_DOMAINS) if place.startswith(_DOMAINS) else place.replace("/", ".")
    return ContractName(name, str(schema.get(_VERSION_KEY, FIRST_VERSION)))


@cache
def _packaged() -> tuple[Contract, ...]:
    schemas = {path: json.loads(text) for path, text in packaged.read("chartly.contracts").items()}
    return tuple(Contract(name_of(path, schema), schema, builtin=True) for path, schema in schemas.items())
