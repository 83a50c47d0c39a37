"""What did one process cost? CPU time, peak memory and the JSON that it printed last, pinned to one core on request."""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of one process."""

    figures: dict[str, Any]
    """The last line of its standard output."""
    process_cpu_s: float
    """User and system time of the whole process, start-up included."""
    rss_mb: int


class RunFailed(Exception):
    """The process ended with an error, or printed no JSON."""


def run(command: Sequence[str | Path], *, core: int | None, env: Mapping[str, str] | None = None) -> Measured:
    """Run a command to its end.

    Raises:
        RunFailed: with the end of its standard error.
    """
    pinned = ["taskset", "-c", str(core)] if core is not None and shutil.which("taskset") else []
    with subprocess.Popen(
        [*pinned, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **(env or {})},
    ) as process:
        stdout, stderr = _drained(process)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not stdout.strip():
        raise RunFailed(f"{command[0]} ended with {process.returncode}: {stderr.decode(errors='replace')[-400:]}")
    figures = json.loads(stdout.strip().splitlines()[-1])
    return Measured(figures, usage.ru_utime + usage.ru_stime, round(usage.ru_maxrss / 1024))


def _drained(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Read both streams without reaping the process: only ``wait4`` returns its resource usage."""
    if process.stdout is None or process.stderr is None:
        return b"", b""
    errors: list[bytes] = []
    reader = threading.Thread(target=_read_all, args=(process.stderr, errors))
    reader.start()
    output = process.stdout.read()
    reader.join()
    return output, b"".join(errors)


def _read_all(stream: IO[bytes], into: list[bytes]) -> None:
    into.append(stream.read())
