"""How an error looks on the command line: one sentence, its reason, what is wrong with which field. Never a traceback of ours."""

import os
import re
import sys
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

from chartly.platform.errors import ChartlyError, InvalidArgument, RemoteError, error

FAILED = 1
"""The command ran, and what it asked for failed."""
REFUSED = 2
"""The input is not valid; asking again will not help."""

# Where a document breaks a rule, as compilers print it; `<document>` is what the registry calls a text that it got without a name.
_PLACE = re.compile(r"[^\n]+:\d+:\d+: ")
_NAMELESS = "<document>"


@error(reason="INVALID_REQUEST")
class FileUnreadable(InvalidArgument):
    """The file cannot be read as text."""

    path: str
    problem: str


def read_text(path: Path) -> str:
    """Read a UTF-8 file.

    Raises:
        FileUnreadable: it is none, or may not be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as refused:
        raise FileUnreadable(str(path), refused.strerror or type(refused).__name__) from refused
    except UnicodeDecodeError as invalid:
        raise FileUnreadable(str(path), f"no UTF-8 at byte {invalid.start}") from invalid


def named(failure: RemoteError, path: Path) -> RemoteError:
    """Give the error with the file's name where the registry could only say that it is a document."""
    return replace(failure, remote_message=failure.remote_message.replace(_NAMELESS, str(path)))


def report(failure: Exception) -> int:
    """Write an error to standard error and give the exit code. With CHARTLY_CLI_DEBUG set the traceback is shown as well."""
    if os.environ.get("CHARTLY_CLI_DEBUG"):
        raise failure
    if not isinstance(failure, ChartlyError):
        sys.stderr.write(f"chartly: {type(failure).__name__}: {failure}\nSet CHARTLY_CLI_DEBUG=1 for the traceback.\n")
        return FAILED
    reason = failure.remote_reason if isinstance(failure, RemoteError) else failure.reason
    if _PLACE.match(failure.message):
        # Each line stands alone, so that editors find file and line.
        sys.stderr.write(f"{failure.message}\nchartly: the document is refused [{reason}]\n")
    else:
        sys.stderr.write(f"chartly: {failure.message} [{reason}]\n")
        for violation in getattr(failure, "violations", ()):
            sys.stderr.write(f"  {violation.field}: {violation.description}\n")
    return REFUSED if _refused(failure) else FAILED


def _refused(failure: ChartlyError) -> bool:
    """Tell whether the input is at fault, here or at the edge, whose codes are HTTP's."""
    if isinstance(failure, RemoteError):
        return failure.remote_code == HTTPStatus.BAD_REQUEST
    return isinstance(failure, InvalidArgument)
