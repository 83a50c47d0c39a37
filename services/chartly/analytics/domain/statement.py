"""Checks a parsed statement: one SELECT, over plain tables, with functions that read only their arguments. Pure.

It reads the syntax tree of DuckDB's own parser (``json_serialize_sql``), so that both read the text alike. The sandbox is the second
barrier: it can reach no other file, no network and no settings.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from chartly.analytics.errors import QueryRefused

# These table functions read only their arguments. All others read files, settings or catalogs, or run text as SQL.
_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree", "repeat", "repeat_row"})
# Scalar functions that show facts of the process, or pass values from one query to the next.
_HIDDEN_FUNCTIONS = frozenset(
    {
        "current_setting", "current_database", "current_schema", "current_schemas", "current_user", "current_catalog", "getenv",
        "getvariable",
        "pg_my_temp_schema", "version", "txid_current", "nextval", "currval", "in_search_path", "query", "query_table", "write_log",
        "parse_duckdb_log_message", "current_connection_id", "current_query_id", "current_transaction_id", "json_execute_serialized_sql",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that a statement names."""

    required: frozenset[str]
    optional: frozenset[str]
    """Names that a common table expression has as well: within the expression, the name means the table."""


def judge(tree: dict[str, Any]) -> Tables:
    """Return the tables that a statement reads.

    Raises:
        QueryRefused: it is not exactly one SELECT, or it names a table or function that is not allowed.
    """
    if tree.get("error"):
        # DuckDB parses statements of other kinds, but does not serialize them.
        kind = tree.get("error_type")
        problem = "only one SELECT is run" if kind == "not implemented" else str(tree.get("error_message", "")).splitlines()[0]
        raise QueryRefused(problem)
    statements = tree["statements"]
    if len(statements) != 1:
        raise QueryRefused("only one SELECT is run")
    tables: set[str] = set()
    expressions: set[str] = set()
    for node in _nodes(statements[0]):
        _check(node)
        if node.get("type") == "BASE_TABLE":
            tables.add(node["table_name"])
        if "cte_map" in node:
            expressions |= {entry["key"] for entry in node["cte_map"]["map"]}
    return Tables(frozenset(tables - expressions), frozenset(tables & expressions))


def _check(node: dict[str, Any]) -> None:
    kind, function = node.get("type"), str(node.get("function_name", "")).lower()
    if kind == "BASE_TABLE" and (node.get("schema_name") or node.get("catalog_name")):
        raise QueryRefused("tables are named by their dataset alone, without a schema")
    if kind == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name", "")).lower()
        if name not in _TABLE_FUNCTIONS:
            raise QueryRefused(f"the table function {name} may not be called")
    if kind == "SHOW_REF" and not node.get("query"):
        raise QueryRefused("only one SELECT is run")
    if node.get("class") == "FUNCTION" and function in _HIDDEN_FUNCTIONS:
        raise QueryRefused(f"the function {function} may not be called")


def _nodes(root: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of the tree; without recursion, because the text may nest deeper than Python's stack."""
    waiting: list[Any] = [root]
    while waiting:
        value: Any = waiting.pop()
        if isinstance(value, dict):
            node = cast("dict[str, Any]", value)
            yield node
            waiting.extend(node.values())
        elif isinstance(value, list):
            waiting.extend(cast("list[Any]", value))
