"""The operations on contracts, one transaction each. It knows no gRPC."""

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from chartly.contracts import Contract, ContractInvalid, ContractName, ContractStore
from chartly.contracts.json_value import is_object
from chartly.platform.clock import Clock
from chartly.platform.errors import FieldViolation
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries

from .domain.contract_change import check_contract
from .errors import VersionTaken
from .store import contracts


class ListedContract(NamedTuple):
    """A contract without its schema."""

    name: ContractName
    content_hash: str
    builtin: bool


_NUMBER_CHARACTERS_MAX = 60


class ContractCatalog:
    """The packaged contracts and those of the projects."""

    def __init__(self, metadata: Metadata, clock: Clock, packaged: ContractStore) -> None:
        self._metadata = metadata
        self._clock = clock
        self._packaged = packaged

    async def put(self, scope: Scope, name: str, schema_json: str) -> tuple[Contract, bool]:
        """Store one version, and return whether it is new. Storing the same content twice changes nothing.

        Raises:
            ContractInvalid: it is not a contract, or changes more than an addition would, compared with neighbouring versions.
            VersionTaken: other content has this name and version.
        """
        contract = Contract(ContractName.parse(name), _schema(name, schema_json))
        return await write_with_retries(self._metadata, lambda connection: self._put(connection, scope, contract))

    async def get(self, scope: Scope, name: str) -> Contract:
        """Return a packaged contract or one of the project.

        Raises:
            ContractUnknown: the contract is neither packaged nor the project's.
        """
        return await self._metadata.read(self._get, scope, ContractName.parse(name))

    async def page(self, scope: Scope, after: str, count: int) -> list[ListedContract]:
        """List the packaged contracts and those of the project, by name and version."""
        stored = await self._metadata.read(contracts.listed, scope.namespace)
        builtin = [ListedContract(found.name, found.content_hash, builtin=True) for found in self._packaged.contracts]
        own = [ListedContract(name, content_hash, builtin=False) for name, content_hash in stored.items()]
        listed = sorted([*builtin, *own], key=lambda found: str(found.name))
        return [found for found in listed if str(found.name) > after][:count]

    def _put(self, connection: sa.Connection, scope: Scope, contract: Contract) -> tuple[Contract, bool]:
        own = list(contracts.siblings(connection, scope.namespace, contract.name.name))
        known = [*(found for found in self._packaged.contracts if found.name.name == contract.name.name), *own]
        taken = next((found for found in known if found.name == contract.name), None)
        if taken is not None:
            if taken.content_hash != contract.content_hash:
                raise VersionTaken(str(contract.name), taken.content_hash)
            return taken, False
        check_contract(contract, known, self._packaged.resources)
        contracts.add(connection, self._metadata, scope.namespace, contract, self._clock.now())
        return contract, True

    def _get(self, connection: sa.Connection, scope: Scope, name: ContractName) -> Contract:
        return contracts.StoredContracts(self._packaged, connection, scope.namespace).get(name)


def _schema(name: str, schema_json: str) -> Mapping[str, Any]:
    try:
        schema = json.loads(schema_json, parse_int=_whole, parse_float=_fraction, parse_constant=_no_number)
    except _NumberRefusedError as refused:
        raise _invalid(name, str(refused)) from refused
    except ValueError as malformed:
        raise _invalid(name, "must be JSON") from malformed
    if not is_object(schema):
        raise _invalid(name, "must be a JSON object")
    return schema


class _NumberRefusedError(Exception):
    """A number would be stored as another number."""


def _whole(text: str) -> int:
    _fraction(text)
    return int(text)


def _fraction(text: str) -> float:
    """Return a number that a double holds exactly: the canonical form of a contract, which is stored, has no other number."""
    double = float(text)
    if not math.isfinite(double):
        raise _NumberRefusedError(f"has the number {text[:_NUMBER_CHARACTERS_MAX]}, which is beyond the range of a double")
    if Decimal(text) != Decimal(repr(double)):
        nearest = f"{Decimal(repr(double)):f}"
        shown = text[:_NUMBER_CHARACTERS_MAX]
        raise _NumberRefusedError(f"has the number {shown}, which would be stored as {nearest}: write a number that a double holds")
    return double


def _no_number(text: str) -> float:
    raise _NumberRefusedError(f"has {text}, which JSON doesn't have")


def _invalid(name: str, rule: str) -> ContractInvalid:
    return ContractInvalid(name, violations=(FieldViolation("schema_json", rule, "malformed-json"),))
