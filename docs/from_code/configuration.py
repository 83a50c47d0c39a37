"""limits.md and configuration.md: from the configuration's own types."""

from collections.abc import Iterator
from typing import Any, cast, get_args

import msgspec

from chartly.platform.config.limits import GIB, KIB, MIB
from chartly.platform.config.load import PREFIX, leaves
from chartly.platform.config.model import Config

_LIMITS_HEAD = """# Limits

Sizes, numbers and times are bounded. Each bound is a key of the section `limits`. Set it in the file (`limits: {page_size_max: 500}`)
or by its variable. A request at the bound is accepted. A request above it is refused with a reason and, if waiting helps, with a time
to retry.

`make generate` writes this table from `services/chartly/platform/config/limits.py`; don't edit it here.

| key | default | bound and reason | variable |
|---|---:|---|---|
"""

_CONFIGURATION_HEAD = """# Configuration

A process loads its configuration once, at start: command line > environment > file (`--config chartly.yaml`) > default. Unknown keys
and unknown `CHARTLY_…` variables are refused, with file and key in the message. A secret may be a reference, `env:NAME` or
`file:/path`. The bounds are in [limits.md](limits.md).

`make generate` writes this table from `services/chartly/platform/config/model.py`; don't edit it here.

| key | default | meaning | variable |
|---|---|---|---|
"""


def pages() -> dict[str, str]:
    """Return the pages by file name."""
    limits = "".join(_row(path, hint, _size) for path, hint in leaves() if path[0] == "limits")
    others = "".join(_row(path, hint, _plain) for path, hint in leaves() if path[0] != "limits")
    return {"limits.md": _LIMITS_HEAD + limits, "configuration.md": _CONFIGURATION_HEAD + others}


def _row(path: tuple[str, ...], hint: Any, show: Any) -> str:
    key = ".".join(path[1:] if path[0] == "limits" else path)
    default = show(path[-1], _default(path))
    return f"| `{key}` | {default} | {_description(hint)} | `{PREFIX}{'_'.join(path).upper()}` |\n"


def _default(path: tuple[str, ...]) -> Any:
    value: Any = Config()
    for name in path:
        value = getattr(value, name)
    return value


def _description(hint: Any) -> str:
    return next(each.description for each in get_args(hint) if isinstance(each, msgspec.Meta) and each.description)


def _size(name: str, value: int) -> str:
    if "bytes" in name:
        for unit, size in (("GiB", GIB), ("MiB", MIB), ("KiB", KIB)):
            if value % size == 0:
                return f"{value // size} {unit}"
    return f"{value:,}"


def _plain(_: str, value: Any) -> str:
    if value is None or (isinstance(value, str | dict) and not value):
        return ""
    if isinstance(value, tuple):
        return ", ".join(f"`{each}`" for each in _escaped(cast("tuple[Any, ...]", value)))
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _escaped(values: tuple[Any, ...]) -> Iterator[str]:
    # A bar would end the table's cell.
    return (str(each).replace("|", "\\|") for each in values)
