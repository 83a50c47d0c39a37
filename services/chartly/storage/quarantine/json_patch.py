"""Edit a JSON text with RFC 6902 JSON Patch or RFC 7396 JSON Merge Patch. Numbers keep their digits: nothing is converted to a float.

It knows no record and no contract. The result goes through the plan like any raw bytes.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

# With more steps, a whole new record would be shorter.
STEPS_MAX = 1_000
# Depth of text and patch: more than any record that a plan accepts.
DEPTH_MAX = 512


class PatchRefused(ValueError):
    """The patch can't be read, or doesn't fit the record. The message names the step and the rule."""


class _Number(str):
    """A number with its digits as written."""

    __slots__ = ()


def merged(document: str, patch: str) -> str:
    """Apply a JSON Merge Patch.

    Raises:
        PatchRefused: the text or the patch is not JSON.
    """
    return _write(_merge(_read(document, "the record"), _read(patch, "the patch")))


def patched(document: str, patch: str) -> str:
    """Apply a JSON Patch, all of its steps or none.

    Raises:
        PatchRefused: the text or the patch is not JSON, the patch is not a list of steps, or a step doesn't fit.
    """
    value, steps = _read(document, "the record"), _read(patch, "the patch")
    if not isinstance(steps, list) or len(cast("list[Any]", steps)) > STEPS_MAX:
        raise PatchRefused(f"a JSON Patch is a list of at most {STEPS_MAX} steps")
    for at, step in enumerate(cast("list[Any]", steps)):
        try:
            value = _apply(value, step)
        except PatchRefused as refused:
            raise PatchRefused(f"step {at}: {refused}") from None
    return _write(value)


def _read(text: str, what: str) -> Any:
    try:
        return _bounded(json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_no_constant, object_pairs_hook=_object), 1)
    except PatchRefused:
        raise
    except (ValueError, RecursionError) as malformed:
        raise PatchRefused(f"{what} is not JSON") from malformed


def _bounded(value: Any, depth: int) -> Any:
    if depth > DEPTH_MAX:
        raise PatchRefused(f"deeper than {DEPTH_MAX} levels")
    for child in _children(value):
        _bounded(child, depth + 1)
    return value


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    return cast("list[Any]", value) if isinstance(value, list) else []


def _no_constant(name: str) -> Any:
    raise PatchRefused(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise PatchRefused("an object has a key twice: give the whole record instead")
    return found


def _write(value: Any) -> str:
    if isinstance(value, _Number):
        return str.__str__(value)
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{_write(each)}" for name, each in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_write, cast("list[Any]", value))) + "]"
    return json.dumps(value, ensure_ascii=False)


def _merge(target: Any, patch: Any) -> Any:
    members = _members(patch)
    if members is None:
        return patch
    merged_object = dict(_members(target) or {})
    for name, value in members.items():
        if value is None:
            merged_object.pop(name, None)
        else:
            merged_object[name] = _merge(merged_object.get(name), value)
    return merged_object


def _members(value: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _apply(document: Any, step: Any) -> Any:
    if not isinstance(step, dict):
        raise PatchRefused("is not an object")
    members = cast("dict[str, Any]", step)
    operation = _OPERATIONS.get(members.get("op", ""))
    if operation is None:
        raise PatchRefused("op must be add, remove, replace, move, copy or test")
    return operation(document, members)


def _pointer(step: dict[str, Any], member: str) -> list[str]:
    text = step.get(member)
    if not isinstance(text, str) or isinstance(text, _Number) or (text and not text.startswith("/")):
        raise PatchRefused(f"{member} must be a JSON Pointer")
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _value(step: dict[str, Any]) -> Any:
    if "value" not in step:
        raise PatchRefused("value is required")
    return step["value"]


def _at(document: Any, parts: list[str]) -> Any:
    for part in parts:
        if isinstance(document, dict):
            found = cast("dict[str, Any]", document)
            if part not in found:
                raise PatchRefused("the place is not there")
            document = found[part]
        elif isinstance(document, list):
            elements = cast("list[Any]", document)
            document = elements[_index(part, len(elements) - 1)]
        else:
            raise PatchRefused("the place is not there")
    return document


def _index(part: str, greatest: int) -> int:
    if not part.isascii() or not part.isdigit() or (part != "0" and part.startswith("0")) or int(part) > greatest:
        raise PatchRefused("the place is not there")
    return int(part)


def _changed(document: Any, parts: list[str], change: Callable[[Any, str], None]) -> Any:
    """Apply a change to the container of the last path part. Only the containers on the path are copied."""
    if not parts:
        raise PatchRefused("the whole record can't be the place")
    if not isinstance(document, dict | list):
        raise PatchRefused("the place is not there")
    copy: Any = dict(cast("dict[str, Any]", document)) if isinstance(document, dict) else list(cast("list[Any]", document))
    if len(parts) == 1:
        change(copy, parts[0])
    else:
        child = _at(copy, parts[:1])
        copy[parts[0] if isinstance(document, dict) else int(parts[0])] = _changed(child, parts[1:], change)
    return copy


def _added(document: Any, parts: list[str], value: Any) -> Any:
    def add(container: Any, part: str) -> None:
        if isinstance(container, list):
            elements = cast("list[Any]", container)
            elements.insert(len(elements) if part == "-" else _index(part, len(elements)), value)
        else:
            container[part] = value

    return _changed(document, parts, add) if parts else value


def _removed(document: Any, parts: list[str]) -> Any:
    def remove(container: Any, part: str) -> None:
        _at(container, [part])
        del container[int(part) if isinstance(container, list) else part]

    return _changed(document, parts, remove)


def _add(document: Any, step: dict[str, Any]) -> Any:
    return _added(document, _pointer(step, "path"), _value(step))


def _remove(document: Any, step: dict[str, Any]) -> Any:
    return _removed(document, _pointer(step, "path"))


def _replace(document: Any, step: dict[str, Any]) -> Any:
    parts, value = _pointer(step, "path"), _value(step)
    _at(document, parts)

    def put(container: Any, part: str) -> None:
        container[int(part) if isinstance(container, list) else part] = value

    return _changed(document, parts, put) if parts else value


def _move(document: Any, step: dict[str, Any]) -> Any:
    source, target = _pointer(step, "from"), _pointer(step, "path")
    value = _at(document, source)
    if target[: len(source)] == source and len(target) > len(source):
        raise PatchRefused("a place can't be moved into itself")
    return document if source == target else _added(_removed(document, source), target, value)


def _copy(document: Any, step: dict[str, Any]) -> Any:
    return _added(document, _pointer(step, "path"), _at(document, _pointer(step, "from")))


def _test(document: Any, step: dict[str, Any]) -> Any:
    if not _equal(_at(document, _pointer(step, "path")), _value(step)):
        raise PatchRefused("the test fails")
    return document


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, _Number) and isinstance(right, _Number):
        return Decimal(str.__str__(left)) == Decimal(str.__str__(right))
    one, other = _members(left), _members(right)
    if one is not None and other is not None:
        return one.keys() == other.keys() and all(_equal(one[name], other[name]) for name in one)
    if isinstance(left, list) and isinstance(right, list):
        ours, theirs = cast("list[Any]", left), cast("list[Any]", right)
        return len(ours) == len(theirs) and all(map(_equal, ours, theirs))
    return isinstance(left, _Number) == isinstance(right, _Number) and isinstance(left, bool) == isinstance(right, bool) and left == right


_OPERATIONS: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
