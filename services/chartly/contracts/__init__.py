"""Versioned JSON Schemas: the packaged store, validation against them, and the additive-only check. It knows nothing of profiles."""

from .column_names import column_violations
from .errors import ContractInvalid, ContractsError, ContractUnknown
from .meta_schema import check_schema
from .model import Contract, ContractName
from .store import ContractStore
from .validator import ContractValidator, InstanceViolation

__all__ = [
    "Contract",
    "ContractInvalid",
    "ContractName",
    "ContractStore",
    "ContractUnknown",
    "ContractValidator",
    "ContractsError",
    "InstanceViolation",
    "check_schema",
    "column_violations",
]
