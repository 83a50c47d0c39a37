"""Errors on the command line: one sentence, the reason, and the fields that are wrong. No traceback."""

import os
import re
import sys
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

from chartly.platform.errors import ChartlyError, InvalidArgument, RemoteError, error

FAILED = 1
"""Exit code: the command ran, and its request failed."""
REFUSED = 2
"""Exit code: the input is not valid; a repetition will not help."""

# The place of a violation as compilers print it. The registry calls a text without a file name `<document>`.
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
        FileUnreadable: the file does not exist, may not be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as refused:
        raise FileUnreadable(str(path), refused.strerror or type(refused).__name__) from refused
    except UnicodeDecodeError as invalid:
        raise FileUnreadable(str(path), f"no UTF-8 at byte {invalid.start}") from invalid


def named(failure: RemoteError, path: Path) -> RemoteError:
    """Return the error with the file's name in place of the registry's `<document>`."""
    return replace(failure, remote_message=failure.remote_message.replace(_NAMELESS, str(path)))


def report(failure: Exception) -> int:
    """Write an error to standard error and return the exit code. With CHARTLY_CLI_DEBUG set, write the traceback too."""
    if os.environ.get("CHARTLY_CLI_DEBUG"):
        raise failure
    if not isinstance(failure, ChartlyError):
        sys.stderr.write(f"chartly: {type(failure).__name__}: {failure}\nSet CHARTLY_CLI_DEBUG=1 for the traceback.\n")
        return FAILED
    reason = failure.remote_reason if isinstance(failure, RemoteError) else failure.reason
    if _PLACE.match(failure.message):
        # One line for each place, so that editors find file and line.
        sys.stderr.write(f"{failure.message}\nchartly: the document is refused [{reason}]\n")
    else:
        sys.stderr.write(f"chartly: {failure.message} [{reason}]\n")
        for violation in getattr(failure, "violations", ()):
            sys.stderr.write(f"  {violation.field}: {violation.description}\n")
    return REFUSED if _refused(failure) else FAILED


def _refused(failure: ChartlyError) -> bool:
    """Return whether the input is at fault, by the error's status or the edge's HTTP status."""
    if isinstance(failure, RemoteError):
        return failure.remote_code == HTTPStatus.BAD_REQUEST
    return isinstance(failure, InvalidArgument)
