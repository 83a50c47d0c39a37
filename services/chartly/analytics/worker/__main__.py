"""The child process: reads frames from standard input, answers on standard output, ends with its parent. Only ``Workers`` starts it."""

import contextlib
import os
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from chartly.platform.errors import ChartlyError

from . import frames
from .sandbox import QueryBounds
from .tasks import run

# When memory runs out the kernel ends this process first: a query can be repeated, a service must stay.
_OOM_SCORE = "1000"


def main() -> None:
    """Serve until the parent closes the pipe."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:  # noqa: PTH123 - a kernel's file
        score.write(_OOM_SCORE)
    # Output of libraries must not mix with the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # The parent names the folder and removes it: this process may be ended at any moment.
    spill = Path(sys.argv[1])
    spill.mkdir(parents=True)
    while (frame := frames.read(sys.stdin.buffer)) is not None:
        message, _ = frame
        bounds = QueryBounds(message["memory_bytes_max"], message["spill_bytes_max"], str(spill))
        try:
            answer, content = run(message["task"], message, bounds)
        except ChartlyError as refused:
            answer, content = {"error": type(refused).__name__, "facts": _facts(refused)}, b""
        except Exception as failure:  # noqa: BLE001 - the parent logs it, and this process goes on
            answer, content = {"error": "", "problem": repr(failure)[:2_000]}, b""
        answers.write(frames.pack(answer, content))
        answers.flush()


def _facts(refused: ChartlyError) -> dict[str, Any]:
    if not is_dataclass(refused):
        return {}
    names = (field.name for field in fields(refused) if field.name not in ("violations", "retry_after_s"))
    return {name: getattr(refused, name) for name in names}


if __name__ == "__main__":
    main()
