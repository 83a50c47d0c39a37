"""Normalizer specs, contracts for them, and records that mostly fit.

They are drawn together, since records with random keys would not have the fields of a random profile.
"""

from dataclasses import dataclass
from typing import Any, cast

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from . import leaves, paths, schemas, texts
from .named import named

FIELDS = ("amount", "at", "b", "id", "é", "\ue000", "😀", "x/y", "x~y", "tags")
"""Canonical fields; of the last but four, UTF-16 orders the emoji before U+E000 and code points the other way round."""


@dataclass(frozen=True)
class Case:
    """A spec, a contract, and NDJSON for them."""

    spec: dict[str, Any]
    contract: dict[str, Any]
    data: bytes


@dataclass(frozen=True)
class Aim:
    """The place of a mapped value in a record, and the op that it should pass."""

    keys: tuple[str, ...]
    op: str


@named
def _long_form() -> SearchStrategy[dict[str, Any]]:
    ops = st.lists(st.sampled_from([{"op": "toNumber"}, {"op": "toUtcTimestamp"}]), max_size=2)
    default = st.sampled_from([None, 0, 1.5, "x", "19.99", "2026-02-02T12:00:00+01:00", [], [1], {"k": True}])
    stands_in = default.filter(lambda value: value is not None)
    forms: list[SearchStrategy[dict[str, Any]]] = [
        st.fixed_dictionaries({"path": paths.queries()}, optional={"transforms": ops, "default": stands_in, "keepNull": st.booleans()}),
        st.fixed_dictionaries({"path": paths.queries(), "collect": st.just(value=True)}, optional={"transforms": ops}),
        st.fixed_dictionaries({"const": default}, optional={"transforms": ops}),
    ]
    return st.one_of(forms)


@st.composite
def specs(draw: st.DrawFn) -> tuple[dict[str, Any], list[Aim]]:
    """Draw the spec of a normalizer profile, and the places of the values that its records should have."""
    names = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=5, unique=True))
    mapping: dict[str, Any] = {}
    shared: list[dict[str, str]] = []
    aims: list[Aim] = []
    for name in names:
        op = draw(st.sampled_from(["toNumber", "toUtcTimestamp", "", "", "wild"]))
        if op == "wild":
            mapping[name] = draw(st.one_of(paths.singular(), paths.queries(), _long_form()))
            continue
        keys = draw(st.lists(st.sampled_from(paths.NAMES), min_size=1, max_size=2))
        aims.append(Aim(tuple(keys), op))
        mapping[name] = "$" + "".join(draw(paths.spelled(key)) for key in keys)
        if op and draw(st.booleans()):
            mapping[name] = {"path": mapping[name], "transforms": [{"op": op}]}
        elif op:
            shared.append({"op": op, "field": name})
    if draw(st.integers(0, 9)) == 0:
        shared.append({"op": draw(st.sampled_from(["toNumber", "toUtcTimestamp"])), "field": draw(st.sampled_from(names))})
    spec: dict[str, Any] = {"canonicalEventType": "generated.event", "input": "ndjson", "mapping": mapping, "transforms": shared}
    spec["requiredFields"] = draw(st.one_of(st.just([]), st.lists(st.sampled_from(names), max_size=2, unique=True)))
    if draw(st.integers(0, 19)) == 0:
        spec["limits"] = {"depthMax": draw(st.integers(1, 5)), "recordBytesMax": draw(st.integers(1, 80))}
    return spec, aims


@st.composite
def contracts(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    """Draw a contract over some of the fields."""
    contract: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}
    mild = st.sampled_from([{}, {"type": ["string", "number", "boolean"]}, {"minLength": 1}, {"minimum": 0}, {"format": "date-time"}])
    one = st.one_of(mild, mild, mild, schemas.schemas())
    contract["properties"] = {name: draw(one) for name in names if draw(st.booleans())}
    if draw(st.integers(0, 4)) == 0:
        contract["required"] = draw(st.lists(st.sampled_from([*names, "type", "other"]), max_size=3, unique=True))
    if draw(st.integers(0, 4)) == 0:
        contract["additionalProperties"] = False
        contract["properties"]["type"] = {"const": "generated.event"}
    return contract


@st.composite
def _fitting(draw: st.DrawFn, aims: list[Aim]) -> str:
    """Draw a record that mostly has a value at each aim, and other members in between."""
    members: dict[str, Any] = {}
    for aim in aims:
        *way, last = aim.keys
        inner: Any = members
        for key in way:
            # A leaf on the way is a string, which has no members: this aim is missed.
            inner = cast("dict[str, Any]", inner).setdefault(key, {}) if isinstance(inner, dict) else None
        if isinstance(inner, dict) and last not in inner and draw(st.integers(0, 9)):
            inner[last] = draw(leaves.aimed(aim.op))
    return draw(_written(members))


@st.composite
def _written(draw: st.DrawFn, members: dict[str, Any]) -> str:
    texts_of: dict[str, str] = {}
    for key, inner in members.items():
        texts_of[key] = draw(_written(cast("dict[str, Any]", inner))) if isinstance(inner, dict) else str(inner)
    for key in draw(st.lists(st.sampled_from(paths.NAMES), max_size=2)):
        texts_of.setdefault(key, draw(texts.values(scalar=leaves.written(), key=texts.string_texts(st.sampled_from(paths.NAMES)))))
    pairs = draw(st.permutations([(draw(texts.string_texts(st.just(key))), text) for key, text in texts_of.items()]))
    space = draw(st.sampled_from(["", "", " ", "\t"]))
    return f"{{{space}{f'{space},'.join(f'{key}{space}:{text}' for key, text in pairs)}{space}}}"


@named
def _others(*, may_repeat: bool) -> SearchStrategy[bytes]:
    """Draw a line with any members, some repeated, or one that is no record."""
    keys = texts.string_texts(st.sampled_from(paths.NAMES))
    inner = texts.values(scalar=leaves.written(), key=keys, may_repeat=may_repeat)
    return st.one_of(
        texts.encoded(texts.objects(keys, inner, may_repeat=may_repeat)),
        texts.encoded(texts.objects(keys, inner)),
        texts.encoded(texts.values()),
        st.sampled_from([b"", b" ", b"\t\r"]),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a spec, a contract for it, and a few lines: records, malformed lines and blank ones."""
    spec, aims = draw(specs())
    fitting = texts.encoded(_fitting(aims))
    broken = texts.broken(fitting).map(lambda line: line.replace(b"\n", b" "))
    line = st.one_of(fitting, fitting, fitting, broken, _others(may_repeat=False), _others(may_repeat=True))
    lines = draw(st.lists(line, min_size=1, max_size=5))
    end = draw(st.sampled_from([b"\n", b"\n", b"\r\n"]))
    data = end.join(lines) + draw(st.sampled_from([end, b""]))
    return Case(spec, draw(contracts(list(spec["mapping"]))), data)
