"""Load the configuration once: the environment overrides the file, the file overrides the defaults.

Environment: ``CHARTLY_`` and the key's path joined by ``_`` (``CHARTLY_LIMITS_PAYLOAD_BYTES_MAX``); lists and maps are JSON. A
secret may be a reference, ``env:NAME`` or ``file:/path``, and is read here.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast, get_args, get_origin, get_type_hints

import msgspec
import yaml

from chartly.platform.errors import InvalidArgument, error

from .model import Config
from .secret import Secret

PREFIX = "CHARTLY_"
# Variables that are not configuration of a server: the file's path, settings of the command line, secrets that profiles name, and
# settings of the project's tests and benchmarks, which start servers in the same environment.
_FOREIGN = (
    *("CHARTLY_CONFIG", "CHARTLY_TOKEN", "CHARTLY_SECRET_", "CHARTLY_CLI_"),
    *("CHARTLY_SUITES", "CHARTLY_PEERS", "CHARTLY_FAULT_", "CHARTLY_FUZZ_"),
)


@error(reason="INVALID_REQUEST")
class ConfigError(InvalidArgument):
    """The configuration is refused."""

    source: str
    """The file's path, or ``environment``."""
    key: str
    problem: str

    @property
    def message(self) -> str:
        """Source, key and problem, in the form of a compiler message."""
        return f"{self.source}: {self.key}: {self.problem}"


def load(path: Path | None = None, environment: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None) -> Config:
    """Load the configuration.

    Args:
        path: the file named by ``--config``; None means ``CHARTLY_CONFIG``, or no file.
        environment: the environment variables; None means the process's own.
        overrides: values of the command line by dotted key (``edge.port``); they override everything else.

    Raises:
        ConfigError: an unknown key, a value of the wrong type or range, an unreadable file or secret.
    """
    environment = os.environ if environment is None else environment
    if path is None and environment.get("CHARTLY_CONFIG"):
        path = Path(environment["CHARTLY_CONFIG"])
    tree = _read(path) if path else {}
    _convert(tree, str(path), environment)
    _merge_environment(tree, environment)
    for key, value in (overrides or {}).items():
        _put(tree, key.split("."), value)
    return _convert(tree, "environment" if path is None else f"environment over {path}", environment)


def environment_names() -> dict[str, tuple[str, ...]]:
    """Return every environment variable of the configuration, with the path of its key."""
    return {PREFIX + "_".join(path).upper(): path for path, _ in leaves()}


def leaves(cls: type[msgspec.Struct] = Config, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield all keys that are not sections: path and declared type."""
    hints = get_type_hints(cls, include_extras=True)
    for field in msgspec.structs.fields(cls):
        hint = hints[field.name]
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            yield from leaves(hint, (*above, field.name))
        else:
            yield (*above, field.name), hint


def _read(path: Path) -> dict[str, Any]:
    try:
        tree = yaml.safe_load(path.read_bytes())
    except OSError as unreadable:
        raise ConfigError(str(path), "(file)", unreadable.strerror or "unreadable") from unreadable
    except yaml.YAMLError as malformed:
        mark = getattr(malformed, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else "(file)"
        raise ConfigError(str(path), place, getattr(malformed, "problem", None) or "not YAML") from malformed
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError(str(path), "(file)", "must be a YAML map")
    return cast("dict[str, Any]", tree)


def _merge_environment(tree: dict[str, Any], environment: Mapping[str, str]) -> None:
    known = environment_names()
    types = {PREFIX + "_".join(path).upper(): hint for path, hint in leaves()}
    for name, text in sorted(environment.items()):
        if not name.startswith(PREFIX) or name.startswith(_FOREIGN):
            continue
        if name not in known:
            raise ConfigError("environment", name, "is not a configuration key: correct or unset the variable")
        _put(tree, list(known[name]), _from_text(name, text, types[name]))


def _from_text(name: str, text: str, hint: Any) -> Any:
    base = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    if get_origin(base) not in (tuple, dict):
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as malformed:
        raise ConfigError("environment", name, f"must be JSON: {malformed}") from malformed


def _put(tree: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value


def _convert(tree: dict[str, Any], source: str, environment: Mapping[str, str]) -> Config:
    def secret(kind: type, value: Any) -> Any:
        if kind is Secret and isinstance(value, str):
            return Secret(_dereference(value, environment))
        raise NotImplementedError(kind)

    try:
        # strict=False: the text "8090" of an environment variable is accepted for a number.
        return msgspec.convert(tree, Config, strict=False, dec_hook=secret)
    except msgspec.ValidationError as invalid:
        problem, at, place = str(invalid).partition(" - at `$.")
        raise ConfigError(source, place.rstrip("`") if at else "(top)", problem) from invalid


def _dereference(value: str, environment: Mapping[str, str]) -> str:
    kind, colon, name = value.partition(":")
    if colon and kind == "env":
        if name not in environment:
            raise ConfigError("environment", name, "a secret refers to this variable, which isn't set")
        return environment[name]
    if colon and kind == "file":
        try:
            return Path(name).read_text(encoding="utf-8").strip()
        except OSError as unreadable:
            raise ConfigError(name, "(file)", f"a secret refers to this file: {unreadable.strerror}") from unreadable
    return value
