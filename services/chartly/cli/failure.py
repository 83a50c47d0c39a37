"""How an error looks on the command line: one sentence, its reason, what is wrong with which field. Never a traceback of ours."""

import os
import sys

from chartly.platform.errors import ChartlyError, InvalidArgument, RemoteError

FAILED = 1
"""The command ran, and what it asked for failed."""
REFUSED = 2
"""The input is not valid; asking again will not help."""


def report(failure: Exception) -> int:
    """Write an error to standard error and give the exit code. With CHARTLY_CLI_DEBUG set the traceback is shown as well."""
    if os.environ.get("CHARTLY_CLI_DEBUG"):
        raise failure
    if not isinstance(failure, ChartlyError):
        sys.stderr.write(f"chartly: {type(failure).__name__}: {failure}\nSet CHARTLY_CLI_DEBUG=1 for the traceback.\n")
        return FAILED
    reason = failure.remote_reason if isinstance(failure, RemoteError) else failure.reason
    sys.stderr.write(f"chartly: {failure.message} [{reason}]\n")
    for violation in getattr(failure, "violations", ()):
        sys.stderr.write(f"  {violation.field}: {violation.description}\n")
    return REFUSED if isinstance(failure, InvalidArgument) else FAILED
