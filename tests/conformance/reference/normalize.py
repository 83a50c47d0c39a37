"""The whole mapping: records in, canonical bytes or reasons out.

It is slow and simple. Names of rules are compared only if the documentation states them.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias, cast

import rfc8785

from . import contract, paths, records, transforms
from .numbers import Overflow, PrecisionLost, decimal_of, surviving
from .parse import MALFORMED, TOO_LARGE, Refused, parse
from .transforms import TransformFailed
from .tree import Members, Node, RawNumber, objects_within, of_python

Payload: TypeAlias = bool | str | float | list["Payload"] | dict[str, "Payload"] | None

# A field that the payload lacks; None is a null that is kept.
_ABSENT = object()
# What a failed field looks like to the contract: there, and judged no further.
_FAILED = object()

DEPTH_MAX = 64
RECORD_BYTES_MAX = 1 << 20


@dataclass(frozen=True)
class Accepted:
    """An accepted record: its place, canonical bytes and id."""

    line: int
    offset: int
    length: int
    canonical: bytes

    @property
    def record_id(self) -> str:
        """Return the id."""
        return "sha256:" + hashlib.sha256(self.canonical).hexdigest()


@dataclass(frozen=True)
class Reason:
    """A reason of a rejection; ``field`` for mapping and required, the two paths for the contract."""

    reason: str
    field: str = ""
    instance_path: str = ""
    schema_path: str = ""


@dataclass(frozen=True)
class Rejected:
    """A rejected record: its place and reasons; ``either`` are parse reasons of which any one is right."""

    line: int
    offset: int
    length: int
    reasons: tuple[Reason, ...] = ()
    either: frozenset[str] = frozenset()


@dataclass
class _Record:
    payload: dict[str, Any] = field(default_factory=dict[str, Any])
    reasons: list[Reason] = field(default_factory=list[Reason])


def utf16(name: str) -> bytes:
    """Return the key by which RFC 8785 orders names."""
    return name.encode("utf-16-be", "surrogatepass")


def _number_texts(value: Node) -> Iterator[str]:
    if isinstance(value, RawNumber):
        yield value.text
    elif isinstance(value, list):
        for child in value:
            yield from _number_texts(child)
    elif isinstance(value, Members):
        for _, child in value.pairs:
            yield from _number_texts(child)


def _payload(value: Node) -> Payload:
    """Return a value with its numbers as written; raise for a number that no double represents, an overflow before a loss of precision."""
    losses = 0
    for text in _number_texts(value):
        try:
            surviving(text)
        except PrecisionLost:
            losses += 1
    if losses:
        raise PrecisionLost
    return _plain(value)


def _plain(value: Node) -> Payload:
    match value:
        case RawNumber():
            return surviving(value.text)
        case list():
            return [_plain(child) for child in value]
        case Members():
            return {key: _plain(child) for key, child in value.pairs}
        case _:
            return value


def _selected(spec: Mapping[str, Any], root: Members) -> Node | object:
    """Return a mapped field's value before its ops, or absent."""
    if "const" in spec:
        return of_python(spec["const"])
    reading = paths.select(spec["path"], root)
    read = [*reading.objects, *(inner for node in reading.nodes for inner in objects_within(node))]
    if any(one.has_duplicates() for one in read):
        raise Refused(MALFORMED)
    if spec.get("collect"):
        return list(reading.nodes) if reading.nodes else _ABSENT
    if len(reading.nodes) > 1:
        return _FAILED
    if not reading.nodes or (reading.nodes[0] is None and not spec.get("keepNull")):
        return _ABSENT
    return reading.nodes[0]


def _over_elements(op: str, elements: list[Node]) -> list[Node]:
    """Apply an op to each element; the first failure counts, but an overflow has priority over a loss of precision."""
    results: list[Node] = []
    failures: list[Exception] = []
    for element in elements:
        try:
            results.append(None if element is None else transforms.apply(op, element))
        except (TransformFailed, Overflow, PrecisionLost) as failure:
            failures.append(failure)
    if failures and isinstance(failures[0], PrecisionLost):
        failures.sort(key=lambda failure: not isinstance(failure, Overflow))
    if failures:
        raise failures[0]
    return results


def _transformed(value: Node, ops: Sequence[str], *, collects: bool) -> Payload:
    for op in ops:
        if collects and isinstance(value, list):
            value = _over_elements(op, value)
        else:
            # A null that is kept passes every op.
            value = None if value is None else transforms.apply(op, value)
    return _payload(value)


def _map_field(name: str, spec: Mapping[str, Any], ops: Sequence[str], root: Members, record: _Record) -> None:
    value = _selected(spec, root)
    if value is _ABSENT:
        if spec.get("default") is None:
            return
        value = of_python(spec["default"])
    reason = "TRANSFORM_FAILED" if value is _FAILED else None
    try:
        if reason is None:
            record.payload[name] = _transformed(cast("Node", value), ops, collects=bool(spec.get("collect")))
    except (TransformFailed, Overflow):
        reason = "TRANSFORM_FAILED"
    except PrecisionLost:
        reason = "PRECISION_LOSS"
    if reason is not None:
        record.payload[name] = _FAILED
        record.reasons.append(Reason(reason, name))


def _with_decimals(value: Any) -> Any:
    match value:
        case bool():
            return value
        case float():
            return decimal_of(value)
        case list():
            return [_with_decimals(child) for child in value]  # pyright: ignore[reportUnknownVariableType]
        case dict():
            return {key: _with_decimals(child) for key, child in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value


def _outside_of_columns(schema: Mapping[str, Any], payload: Mapping[str, Any]) -> Iterator[contract.Violation]:
    """Yield the instants and dates that no column holds."""
    for name, rules in cast("Mapping[str, Any]", schema.get("properties", {})).items():
        value = payload.get(name)
        if not isinstance(rules, dict) or not isinstance(value, str):
            continue
        schema_of = cast("dict[str, Any]", rules)
        kinds = schema_of.get("type", [])
        types = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind != "null"]
        kind = schema_of.get("format")
        if types == ["string"] and kind in {"date-time", "date"} and "$ref" not in schema_of and not contract.fits_column(value, kind):
            yield contract.Violation(contract.pointer([name]), contract.pointer(["properties", name, "format"]))


def _contract_reasons(schema: Mapping[str, Any], payload: Mapping[str, Any]) -> Iterable[Reason]:
    failed = {contract.pointer([name]) for name, value in payload.items() if value is _FAILED}
    instance = {name: Decimal(0) if value is _FAILED else _with_decimals(value) for name, value in payload.items()}
    found = [one for one in contract.violations(schema, instance) if "/".join(one.instance_path.split("/")[:2]) not in failed]
    found += _outside_of_columns(schema, payload)
    for one in sorted(found, key=lambda one: (utf16(one.instance_path), utf16(one.schema_path))):
        yield Reason("CONTRACT_VIOLATION", "", one.instance_path, one.schema_path)


def _normalize_one(spec: Mapping[str, Any], schema: Mapping[str, Any], data: bytes) -> _Record:
    limits = spec.get("limits", {})
    if len(data) > limits.get("recordBytesMax", RECORD_BYTES_MAX):
        raise Refused(TOO_LARGE)
    root = parse(data, depth_max=limits.get("depthMax", DEPTH_MAX))
    if not isinstance(root, Members) or root.has_duplicates():
        raise Refused(MALFORMED)
    record = _Record()
    for name in sorted(spec["mapping"], key=utf16):
        written: str | Mapping[str, Any] = spec["mapping"][name]
        long_form = {"path": written} if isinstance(written, str) else written
        own = [op["op"] for op in cast("list[dict[str, str]]", long_form.get("transforms", []))]
        shared = [op["op"] for op in spec.get("transforms", []) if op["field"] == name]
        _map_field(name, long_form, own + shared, root, record)
    missing = [name for name in spec.get("requiredFields", []) if name not in record.payload and name != "type"]
    record.reasons += [Reason("REQUIRED_FIELD_MISSING", name) for name in sorted(missing, key=utf16)]
    record.payload["type"] = spec["canonicalEventType"]
    record.reasons += _contract_reasons(schema, record.payload)
    return record


def _decide(spec: Mapping[str, Any], schema: Mapping[str, Any], one: records.Slice) -> Accepted | Rejected:
    place = (one.line, one.offset, len(one.data))
    try:
        record = _normalize_one(spec, schema, one.data)
    except Refused as refused:
        return Rejected(*place, either=refused.reasons)
    if record.reasons:
        return Rejected(*place, tuple(record.reasons))
    return Accepted(*place, rfc8785.dumps(record.payload))


def normalize(spec: Mapping[str, Any], schema: Mapping[str, Any], data: bytes) -> tuple[list[Accepted | Rejected], int]:
    """Run a profile's spec over NDJSON, or over the elements of a well-formed array when ``input`` is ``json``.

    Returns:
        The outcome of each record in input order, and the number of blank lines.
    """
    slices = list(records.of_array(data)) if spec.get("input") == "json" else list(records.of_lines(data))
    decided = [_decide(spec, schema, one) for one in slices if one is not None]
    return decided, sum(one is None for one in slices)
