"""Values of every DuckDB type, for tests of all that a query's result goes through."""

from typing import Any, NamedTuple


class TypedValue(NamedTuple):
    """An SQL expression, and the JSON value that a query returns for it."""

    sql: str
    json: Any


EVERY_TYPE: dict[str, list[TypedValue]] = {
    "BOOLEAN": [TypedValue("true", json=True)],
    "TINYINT": [TypedValue("(-128)::TINYINT", -128)],
    "SMALLINT": [TypedValue("(-32768)::SMALLINT", -32768)],
    "INTEGER": [TypedValue("(-2147483648)::INTEGER", -2147483648)],
    "BIGINT": [
        TypedValue("9007199254740992", 9007199254740992),
        TypedValue("9007199254740993", "9007199254740993"),
        TypedValue("(-9223372036854775808)::BIGINT", "-9223372036854775808"),
    ],
    "UTINYINT": [TypedValue("255::UTINYINT", 255)],
    "USMALLINT": [TypedValue("65535::USMALLINT", 65535)],
    "UINTEGER": [TypedValue("4294967295::UINTEGER", 4294967295)],
    "UBIGINT": [TypedValue("18446744073709551615::UBIGINT", "18446744073709551615"), TypedValue("1::UBIGINT", 1)],
    "HUGEINT": [
        TypedValue("170141183460469231731687303715884105727::HUGEINT", "170141183460469231731687303715884105727"),
        TypedValue("sum(1)", 1),
    ],
    "UHUGEINT": [TypedValue("340282366920938463463374607431768211455::UHUGEINT", "340282366920938463463374607431768211455")],
    "BIGNUM": [TypedValue(f"'{10**50}'::BIGNUM", str(10**50)), TypedValue("1::BIGNUM", 1)],
    "FLOAT": [TypedValue("0.5::FLOAT", 0.5), TypedValue("'-inf'::FLOAT", "-Infinity")],
    "DOUBLE": [TypedValue("0.1::DOUBLE", 0.1), TypedValue("'nan'::DOUBLE", "NaN"), TypedValue("'inf'::DOUBLE", "Infinity")],
    "DECIMAL": [
        TypedValue("0::DECIMAL(18,9)", "0.000000000"),
        TypedValue("123456789012345678901234567890::DECIMAL(38,0)", "123456789012345678901234567890"),
        TypedValue("(-0.10)::DECIMAL(4,2)", "-0.10"),
    ],
    "VARCHAR": [TypedValue("'é\"'", 'é"'), TypedValue("'{\"a\": 1}'::JSON", '{"a": 1}')],
    "ENUM": [TypedValue("'a'::ENUM('a', 'b')", "a")],
    "UUID": [TypedValue("'86DA715B-E76B-4A5F-8C89-6042C3F7A2FB'::UUID", "86da715b-e76b-4a5f-8c89-6042c3f7a2fb")],
    "BLOB": [TypedValue("'\\xAA\\x00'::BLOB", "aa00")],
    "BIT": [TypedValue("'0101'::BIT", "0101")],
    "DATE": [
        TypedValue("DATE '2026-03-29'", "2026-03-29"),
        TypedValue("DATE '5000000-01-01'", "+5000000-01-01"),
        TypedValue("DATE '44-03-15 (BC)'", "-000043-03-15"),
        TypedValue("DATE '1-12-31 (BC)'", "0000-12-31"),
        TypedValue("DATE 'infinity'", "infinity"),
    ],
    "TIME": [TypedValue("TIME '12:00:00.5'", "12:00:00.5"), TypedValue("TIME '24:00:00'", "24:00:00")],
    "TIME_NS": [TypedValue("'12:00:00.123456789'::TIME_NS", "12:00:00.123456789")],
    "TIME WITH TIME ZONE": [
        TypedValue("'12:00:00+02'::TIMETZ", "12:00:00+02:00"),
        TypedValue("'12:00:00.5-02:30'::TIMETZ", "12:00:00.5-02:30"),
    ],
    "TIMESTAMP": [
        TypedValue("TIMESTAMP '2026-03-29 01:30:00'", "2026-03-29T01:30:00"),
        TypedValue("TIMESTAMPTZ '2026-03-29 00:30:00+00' AT TIME ZONE 'Europe/Berlin'", "2026-03-29T01:30:00"),
        TypedValue("TIMESTAMP 'infinity'", "infinity"),
    ],
    "TIMESTAMP_S": [TypedValue("TIMESTAMP_S '2026-03-29 01:30:00'", "2026-03-29T01:30:00")],
    "TIMESTAMP_MS": [TypedValue("TIMESTAMP_MS '2026-03-29 01:30:00.120'", "2026-03-29T01:30:00.12")],
    "TIMESTAMP_NS": [TypedValue("TIMESTAMP_NS '2026-03-29 01:30:00.123456789'", "2026-03-29T01:30:00.123456789")],
    "TIMESTAMP WITH TIME ZONE": [
        TypedValue("TIMESTAMPTZ '2026-03-29 01:30:00.5+01'", "2026-03-29T00:30:00.5Z"),
        TypedValue("TIMESTAMPTZ '10000-01-01 00:00:00+00'", "+010000-01-01T00:00:00Z"),
        TypedValue("TIMESTAMPTZ '44-03-15 (BC) 12:00:00+00'", "-000043-03-15T12:00:00Z"),
        TypedValue("TIMESTAMPTZ '-infinity'", "-infinity"),
    ],
    "TIMESTAMPTZ_NS": [TypedValue("'2026-03-29 01:30:00.123456789+01'::TIMESTAMPTZ_NS", "2026-03-29T00:30:00.123456789Z")],
    "INTERVAL": [
        TypedValue("INTERVAL '1 year 2 days 3 seconds'", "1 year 2 days 00:00:03"),
        TypedValue("INTERVAL '9000000 hours'", "9000000:00:00"),
    ],
    "LIST": [
        TypedValue("[1, NULL]", [1, None]),
        TypedValue("[INTERVAL '1 day', NULL]", ["1 day", None]),
        TypedValue("[[9007199254740993], NULL, []]", [["9007199254740993"], None, []]),
    ],
    "ARRAY": [TypedValue("[DATE '2026-03-29']::DATE[1]", ["2026-03-29"])],
    "STRUCT": [
        TypedValue("{'a b': 1, 'at': TIMESTAMPTZ '2026-03-29 00:00:00+00'}", {"a b": 1, "at": "2026-03-29T00:00:00Z"}),
        TypedValue("{'a': NULL::INTEGER, 'b': 'nan'::DOUBLE}", {"a": None, "b": "NaN"}),
    ],
    "TUPLE": [TypedValue("row(1, '12:00:00+02'::TIMETZ)", [1, "12:00:00+02:00"])],
    "MAP": [TypedValue("MAP {'a': 1::HUGEINT, 'b': NULL}", [["a", 1], ["b", None]])],
    "UNION": [
        TypedValue("union_value(n := 1)::UNION(n INTEGER, day DATE)", {"n": 1}),
        TypedValue("(DATE 'infinity')::UNION(n INTEGER, day DATE)", {"day": "infinity"}),
    ],
    "VARIANT": [TypedValue("{'a': [1, NULL]}::VARIANT", '{"a":[1,null]}')],
    "GEOMETRY": [TypedValue("'POINT(1 2)'::GEOMETRY", "POINT (1 2)")],
    "TYPE": [TypedValue("get_type(1)", "INTEGER")],
    "NULL": [TypedValue("NULL", None)],
}
"""By the id of the type in ``duckdb_types()``."""

CASES = [value for values in EVERY_TYPE.values() for value in values]
