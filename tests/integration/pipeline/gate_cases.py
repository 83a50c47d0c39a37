"""Generates normalizers, contracts and records, within and beyond what a table can hold."""

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

Json = Any


@dataclass(frozen=True)
class Field:
    """A mapped field: its name, its schema, its transforms, and values of which some meet the schema."""

    name: str
    schema: dict[str, Json]
    transforms: tuple[dict[str, Json], ...]
    values: tuple[Json, ...]
    source: dict[str, Json]
    """Options of the mapping beside the path."""


@dataclass(frozen=True)
class Case:
    """A profile, a contract, and records."""

    fields: tuple[Field, ...]
    unmapped: dict[str, dict[str, Json]]
    """Properties of the contract that no field is mapped to."""
    records: tuple[dict[str, Json], ...]
    partition_by: tuple[str, ...]
    index_fields: tuple[str, ...]

    @property
    def contract(self) -> str:
        """The contract as JSON."""
        properties = {**self.unmapped, **{field.name: field.schema for field in self.fields}}
        return json.dumps({"type": "object", "properties": {"type": {"type": "string"}, **properties}})

    def profile(self, name: str) -> str:
        """Return the normalizer as JSON, which is YAML."""
        mapping = {field.name: {"path": f"$.f{place}", **field.source} for place, field in enumerate(self.fields)}
        transforms = [{**step, "field": field.name} for field in self.fields for step in field.transforms]
        spec = {"canonicalEventType": f"gate.{name}", "contract": f"gate.{name}@1.0.0", "mapping": mapping, "transforms": transforms}
        return document("normalizer", name, spec if transforms else {key: spec[key] for key in spec if key != "transforms"})

    def storage(self, name: str) -> str:
        """Return the storage profile as JSON."""
        spec: dict[str, Json] = {"dataset": name, "retentionDays": 30}
        if self.partition_by:
            spec["partitioning"] = {"by": list(self.partition_by), "granularity": "day"}
        if self.index_fields:
            spec["indexing"] = {"fields": list(self.index_fields)}
        return document("storage", name, spec)

    @property
    def raw(self) -> bytes:
        """The records as NDJSON."""
        return b"".join(json.dumps(record).encode() + b"\n" for record in self.records)


def document(kind: str, name: str, spec: dict[str, Json]) -> str:
    """Return a profile as JSON."""
    metadata = {"kind": kind, "name": name, "version": "1.0.0", "description": "A generated profile", "owners": ["team:data"]}
    return json.dumps({"apiVersion": "chartly.io/v1alpha1", "kind": "Profile", "metadata": metadata, "spec": spec})


_LETTERS = st.characters(min_codepoint=0x20, max_codepoint=0x2FFF, exclude_categories=("Cs", "Cc"))
_HARD_NAMES = (
    *("id", "ID", "Id", "É", "é", "ß", "SS", "İ", "Type", "RAW_LINE", "raw_line", "Occurred_At", "occurred_at", "ingested_at", "_id", "_"),
    *("a.b", ".", "[0]", "a b", '"', "'", "`", "\\", "/", "a/b", "~1", "%41", "=", "a=b", "filename", "file_row_number", "select", "*"),
    *(
        "element",
        "list",
        "key",
        "rowid",
        "type ",
        " v",
        "record_id",
        "payload",
        "offset",
        "reasons",
        "line",
        "count(*)",
        "{{dataset}}",
        "$1",
    ),
)
names = st.one_of(st.sampled_from(_HARD_NAMES), st.text(_LETTERS, min_size=1, max_size=12))

_TIMES = (
    *("2026-02-02T12:00:00Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z"),
    *("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59-01:00"),
    *("0001-01-01T00:00:00+01:00", "0000-02-29T00:00:00Z", "0999-12-31T23:59:59.999Z"),
    *("2026-06-30T23:59:60Z", "2026-02-02T12:00:00.1234567+05:30", "2026-02-30T00:00:00Z", "yesterday"),
)
_DAYS = ("2026-02-02", "0001-01-01", "9999-12-31", "1969-12-31", "2026-02-30", "0000-02-29", "0999-06-30")
_WHOLE = (0, -1, 2**53 - 1, 2**53, -(2**53), 2**53 + 1, 2**62, 2**63, -(2**63), 10**20, 1.0, 1.5)
_NUMBERS = (0, -0.0, 1.5, 0.1, 1e308, 5e-324, -1e-7, 1e21, 123456789.123, 2**53, 10**30, 0.30000000000000004)
_TEXTS = ("", "a", "é", "\U0001f600", "a\nb", "\0", '"', "x" * 300, "null", "\\", "\u2028")
_DECIMALS = ("0", "-0.00", "1.5", "0.01", "12345678.90", "1e3", "99999999999999999999.99", "1.005", 7, 0.5)
_NESTED: tuple[Json, ...] = ([], {}, [1, None, "a"], {"a": {"b": [1]}}, {"_id": 1, "ID": 2, "id": 3}, "text", 5, True, None)


def _field(schema: dict[str, Json], values: st.SearchStrategy[Json], *transforms: dict[str, Json]) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(schema), st.just(transforms), st.lists(values, min_size=1, max_size=5))


def _kinds() -> st.SearchStrategy[Any]:
    texts = st.one_of(st.sampled_from(_TEXTS), st.text(max_size=8))
    return st.one_of(
        _field({"type": "string"}, texts),
        _field({"type": ["string", "null"]}, st.one_of(st.none(), texts)),
        _field({"type": "string", "maxLength": 5}, texts),
        _field({"enum": ["a", "", "é"]}, texts),
        _field({"const": "a"}, texts),
        _field({"type": "string", "format": "date-time"}, st.sampled_from(_TIMES)),
        _field({"type": "string", "format": "date-time"}, st.sampled_from(_TIMES), {"op": "toUtcTimestamp"}),
        _field(
            {"type": ["null", "string"], "format": "date-time"}, st.one_of(st.none(), st.datetimes().map(lambda at: at.isoformat() + "Z"))
        ),
        _field({"type": "string", "format": "date"}, st.sampled_from(_DAYS)),
        _field({"type": "string", "format": "time"}, st.sampled_from(("12:00:00Z", "12:00:00.5+01:00", "x"))),
        _field({"type": "integer"}, st.one_of(st.sampled_from(_WHOLE), st.integers(-(2**70), 2**70))),
        _field({"type": "integer", "minimum": -(2**40), "exclusiveMaximum": 10}, st.integers(-(2**41), 20)),
        _field({"type": "integer", "maximum": 2**63 - 1}, st.sampled_from(_WHOLE)),
        _field({"type": "number"}, st.one_of(st.sampled_from(_NUMBERS), st.floats(allow_nan=False, allow_infinity=False))),
        _field({"type": "number", "minimum": 0, "multipleOf": 0.01}, st.sampled_from((0, 0.01, 1.5, 1.005, -1, 1e20))),
        _field({"type": "boolean"}, st.sampled_from((True, False, None, "true"))),
        _field({"type": ["integer", "string"]}, st.sampled_from((1, "1", "a", None, 2**53))),
        _field({"type": "null"}, st.sampled_from((None, 1))),
        _field({}, st.sampled_from(_NESTED)),
        _field({"type": "array", "items": {"type": "integer"}}, st.sampled_from(([], [1, 2], [2**53], ["a"], None))),
        _field({"type": "object", "properties": {"_id": {}, "ID": {}, "id": {}}}, st.sampled_from(_NESTED)),
        _field({"type": "string"}, st.sampled_from(_DECIMALS), {"op": "toDecimal", "precision": 10, "scale": 2}),
        _field({"type": "string"}, st.sampled_from(_DECIMALS), {"op": "toDecimal", "precision": 38, "scale": 18}),
        _field({"type": "number"}, st.sampled_from(("1", "1.5", "-0", "1e400", "x", 3)), {"op": "toNumber"}),
    )


@st.composite
def fields(draw: st.DrawFn) -> Field:
    """Return a field."""
    schema, transforms, values = draw(_kinds())
    source = draw(st.sampled_from(({}, {"keepNull": True})))
    return Field(draw(names), schema, transforms, tuple(values), source)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Return a case of one to four fields. A name is used once, as keys of an object are."""
    chosen = draw(st.lists(fields(), min_size=1, max_size=4, unique_by=lambda field: field.name))
    taken = {"type", *(field.name for field in chosen)}
    unmapped = draw(st.dictionaries(names.filter(lambda name: name not in taken), st.sampled_from(({"type": "integer"}, {})), max_size=1))
    count = draw(st.integers(1, 6))
    records = tuple(
        {f"f{place}": field.values[row % len(field.values)] for place, field in enumerate(chosen) if (row + place) % 5 != 4}
        for row in range(count)
    )
    columns = [field.name for field in chosen]
    partition_by = draw(st.lists(st.sampled_from([*columns, "occurred_at"]), max_size=1))
    index_fields = draw(st.lists(st.sampled_from(columns), max_size=2, unique=True))
    return Case(tuple(chosen), unmapped, records, tuple(partition_by), tuple(index_fields))
