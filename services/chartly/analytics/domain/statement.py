"""Checks a parsed statement: one SELECT, over plain tables, with functions that read only their arguments. Pure.

It reads the syntax tree of DuckDB's own parser (``json_serialize_sql``), so that both read the text alike. The sandbox is the second
barrier: it can reach no other file, no network and no settings.
"""

from collections.abc import Iterator
from typing import Any, cast

from chartly.analytics.errors import QueryRefused

from .refusal import refusal

_ONE_SELECT = "only one SELECT is run"
_NO_EXPRESSIONS: dict[str, Any] = {"map": []}
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


def tables_of(tree: dict[str, Any], sql: str) -> frozenset[str]:
    """Check a parsed text, and return the names of the tables that it reads.

    Args:
        tree: of ``json_serialize_sql``.
        sql: the text, for the place of a mistake in it.

    Raises:
        QueryRefused: it is not exactly one SELECT, or it names a table or function that is not allowed.
    """
    if tree.get("error"):
        # DuckDB parses statements of other kinds, but does not serialize them.
        if tree.get("error_type") == "not implemented":
            raise QueryRefused(_ONE_SELECT)
        raise refusal(str(tree.get("error_message", "")), sql, tree.get("position"))
    statements = tree["statements"]
    if len(statements) != 1:
        raise QueryRefused(_ONE_SELECT)
    tables: set[str] = set()
    for node, expressions in _nodes(statements[0]):
        _check(node)
        if node.get("type") == "BASE_TABLE" and node["table_name"].lower() not in expressions:
            tables.add(node["table_name"])
    return frozenset(tables)


def _check(node: dict[str, Any]) -> None:
    kind, function = node.get("type"), str(node.get("function_name", "")).lower()
    if kind == "BASE_TABLE" and (node.get("schema_name") or node.get("catalog_name")):
        raise QueryRefused("tables are named by their dataset alone, without a schema")
    if kind == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name", "")).lower()
        if name not in _TABLE_FUNCTIONS:
            raise QueryRefused(f"the table function {name} may not be called")
    if kind == "SHOW_REF" and not node.get("query"):
        raise QueryRefused(_ONE_SELECT)
    if node.get("class") == "FUNCTION" and function in _HIDDEN_FUNCTIONS:
        raise QueryRefused(f"the function {function} may not be called")


def _nodes(root: Any) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """Yield every object of the tree, with the names of the common table expressions that are visible in it, in lower case.

    It works without recursion, because the text may nest deeper than Python's stack.
    """
    waiting: list[tuple[Any, frozenset[str]]] = [(root, frozenset())]
    while waiting:
        value, visible = waiting.pop()
        if isinstance(value, dict):
            node = cast("dict[str, Any]", value)
            yield node, visible
            waiting.extend(_members(node, visible))
        elif isinstance(value, list):
            waiting.extend((item, visible) for item in cast("list[Any]", value))


def _members(node: dict[str, Any], visible: frozenset[str]) -> Iterator[tuple[Any, frozenset[str]]]:
    """Yield a node's members with the names that are visible in them, as DuckDB's binder resolves them.

    An expression sees those before it in its WITH. It sees itself only in the part of a recursive expression after UNION.
    """
    for entry in node.get("cte_map", _NO_EXPRESSIONS)["map"]:
        yield entry["value"], visible
        visible |= {entry["key"].lower()}
    for name, member in node.items():
        if name == "right" and node.get("type") == "RECURSIVE_CTE_NODE":
            yield member, visible | {node["cte_name"].lower()}
        elif name != "cte_map":
            yield member, visible
