"""reasons.md: from the enum of reasons and the errors that carry them."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import grpc

import chartly
from chartly.platform.errors import ChartlyError

PROTO = Path(__file__).resolve().parents[2] / "proto" / "chartly" / "v1" / "error_reason.proto"
# A family starts at its number. A number is never used twice, so a reason stays in its family.
FAMILIES = {
    0: "What is wrong with a record",
    20: "What is wrong with an upstream",
    40: "What is wrong with the platform, or with the load",
    60: "What the caller may not do",
    80: "What is wrong with a request",
}
_HEAD = """# Reasons

A reason says why something was refused. Errors have it in `google.rpc.ErrorInfo.reason`, failed runs and steps in `reason`, and
quarantined records in `reasons`, with field, path and rule. Clients decide by the reason, never by a message.

The status column is the gRPC status of calls that fail for this reason; over REST it is the HTTP status of this `google.rpc.Code`. A reason
without a status is used only in quarantine, on runs, or by the edge.

`make generate` writes this page from `proto/chartly/v1/error_reason.proto`; don't edit it here.
"""
_VALUE = re.compile(r"((?:^  //[^\n]*\n)+)^  REASON_([A-Z_]+) = (\d+);", re.MULTILINE)


def reasons() -> Iterator[tuple[int, str, str]]:
    """Yield number, name and condition of each reason that is sent."""
    for comment, name, number in _VALUE.findall(PROTO.read_text(encoding="utf-8")):
        if int(number):
            yield int(number), name, " ".join(line.strip().removeprefix("//").strip() for line in comment.splitlines())


def statuses() -> dict[str, set[str]]:
    """Return the gRPC statuses of each reason's errors. What other modules this process has imported makes no difference."""
    for module in pkgutil.walk_packages(chartly.__path__, "chartly."):
        if _has_errors(module.name):
            importlib.import_module(module.name)
    names = {code.value[0]: code.name for code in grpc.StatusCode}
    found: dict[str, set[str]] = {}
    waiting = [ChartlyError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if "reason" in vars(kind) and _has_errors(kind.__module__):
            found.setdefault(kind.reason, set()).add(names[kind.code])
    return found


def _has_errors(module: str) -> bool:
    """Return whether a module has errors of calls. The command line's own errors reach no caller."""
    return module.endswith(".errors") or module.startswith("chartly.platform.")


def page() -> str:
    """Return the page."""
    lines, known, family = [_HEAD], statuses(), -1
    for number, name, condition in sorted(reasons()):
        start = max(first for first in FAMILIES if first <= number)
        if start != family:
            family = start
            lines.append(f"## {FAMILIES[family]}\n\n| reason | when | status |\n|---|---|---|")
        lines.append(f"| `{name}` | {condition} | {', '.join(f'`{code}`' for code in sorted(known.get(name, ())))} |")
    return re.sub(r"\n## ", "\n\n## ", "\n".join(lines)).replace("\n\n\n", "\n\n") + "\n"
