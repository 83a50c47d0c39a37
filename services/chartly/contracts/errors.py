"""The errors of this package, each with its facts. They know no transport.

ContractsError
├── ContractUnknown   NOT_FOUND         CONTRACT_UNKNOWN
└── ContractInvalid   INVALID_ARGUMENT  PROFILE_INVALID
"""

from chartly.platform.errors import ChartlyError, InvalidArgument, NotFound, error


class ContractsError(ChartlyError):
    """Base of this package's errors."""


@error(reason="CONTRACT_UNKNOWN")
class ContractUnknown(ContractsError, NotFound):
    """No contract has this name and version."""

    contract: str


@error(reason="PROFILE_INVALID")
class ContractInvalid(ContractsError, InvalidArgument):
    """The document is not a valid contract; the violations name each broken rule."""

    contract: str
