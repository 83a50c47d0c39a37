"""Builds the SQL of a report's request. Pure; every name is quoted, and no text of a request becomes SQL."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartly.platform.errors import FieldViolation
from chartly.reporter.errors import ReportRequestInvalid

COLUMNS_MAX = 64
"""Columns of a result, as its contract says."""
NAME_CHARACTERS_MAX = 256
"""Characters of a column's name in a result, as its contract says."""
Request = Mapping[str, Any]
Columns = Mapping[str, Sequence[str]]
"""The columns of each input, by alias."""


def statement(request: Request, columns: Columns) -> str:
    """Return the SELECT of a report.

    Args:
        request: as contracts/v1/reports/report_request.json describes it.
        columns: the columns of each input.

    Raises:
        ReportRequestInvalid: an alias or a column does not exist, or an input is in no join.
    """
    problems = list(_problems(request, columns))
    if problems:
        raise ReportRequestInvalid(violations=tuple(problems))
    wanted = _wanted(request, columns)
    selected = ", ".join(f"{_expression(column)} AS {quoted(_name(column))}" for column in wanted)
    groups = [str(at) for at, column in enumerate(wanted, 1) if "aggregate" not in column]
    folds = len(groups) < len(wanted)
    # All columns order the rows, so that the same inputs give the same bytes.
    order = ", ".join(str(at) for at in range(1, len(wanted) + 1))
    group = f" GROUP BY {', '.join(groups)}" if folds and groups else ""
    return f"SELECT {selected} FROM {_from(request)}{group} ORDER BY {order}"  # noqa: S608 - names are quoted, see above


def count_statement(select: str) -> str:
    """Return the SELECT that counts the rows of another SELECT."""
    return f"SELECT count(*) FROM ({select}) AS result"  # noqa: S608 - a statement of ours


def rows_statement(dataset: str) -> str:
    """Return the SELECT that counts a dataset's rows."""
    return f"SELECT count(*) FROM {quoted(dataset)}"  # noqa: S608 - the name is quoted


def correlation_statement(select: str, x: str, y: str, method: str) -> str:
    """Return the SELECT of the correlation of two result columns, and of the number of rows that have finite numbers in both.

    Equal values have their mean rank, as in Spearman's coefficient.
    """
    both = f"SELECT {quoted(x)}::DOUBLE AS x, {quoted(y)}::DOUBLE AS y FROM ({select}) AS result"  # noqa: S608 - as above
    rows = f"SELECT * FROM ({both}) AS read WHERE isfinite(x) AND isfinite(y)"  # noqa: S608 - as above
    if method == "spearman":
        rows = f"SELECT {_rank('x')} AS x, {_rank('y')} AS y FROM ({rows}) AS present"  # noqa: S608 - as above
    return f"SELECT corr(x, y), count(*) FROM ({rows}) AS pairs"  # noqa: S608 - as above


def quoted(name: str) -> str:
    """Return a quoted identifier."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _rank(column: str) -> str:
    return f"rank() OVER (ORDER BY {column}) + (count(*) OVER (PARTITION BY {column}) - 1) / 2.0"


def _wanted(request: Request, columns: Columns) -> list[Mapping[str, Any]]:
    if "columns" in request:
        return list(request["columns"])
    first = request["inputs"][0]["alias"]
    return [{"input": first, "field": field} for field in columns[first]]


def _name(column: Mapping[str, Any]) -> str:
    return str(column.get("as", column["field"]))


def _expression(column: Mapping[str, Any]) -> str:
    reference = f"{quoted(column['input'])}.{quoted(column['field'])}"
    return f"{column['aggregate']}({reference})" if "aggregate" in column else reference


def _from(request: Request) -> str:
    datasets = {given["alias"]: _input(given["dataset"], request.get("window")) for given in request["inputs"]}
    first = request["inputs"][0]["alias"]
    text = f"{datasets[first]} AS {quoted(first)}"
    for join in request.get("joins", []):
        pairs = " AND ".join(_equal(join, pair) for pair in join["on"])
        text += f" {join.get('kind', 'inner').upper()} JOIN {datasets[join['right']]} AS {quoted(join['right'])} ON {pairs}"
    return text


def _input(dataset: str, window: Mapping[str, str] | None) -> str:
    if window is None:
        return quoted(dataset)
    # The contract allows RFC 3339 instants only, which hold no quote.
    inside = f"occurred_at >= TIMESTAMPTZ '{window['start']}' AND occurred_at < TIMESTAMPTZ '{window['end']}'"
    return f"(SELECT * FROM {quoted(dataset)} WHERE {inside})"  # noqa: S608 - as above


def _equal(join: Mapping[str, Any], pair: Mapping[str, str]) -> str:
    left, right = f"{quoted(join['left'])}.{quoted(pair['left'])}", f"{quoted(join['right'])}.{quoted(pair['right'])}"
    if "granularity" in join:
        cut = join["granularity"]
        return f"date_trunc('{cut}', {left}) = date_trunc('{cut}', {right})"
    return f"{left} = {right}"


def _problems(request: Request, columns: Columns) -> Iterator[FieldViolation]:
    aliases = [given["alias"] for given in request["inputs"]]
    if len(set(aliases)) < len(aliases):
        yield FieldViolation("request.inputs", "an alias is given twice")
    yield from _join_problems(request, columns, aliases)
    unknown = [
        FieldViolation(f"request.columns.{at}", "no such column")
        for at, column in enumerate(request.get("columns", []))
        if column["field"] not in columns.get(column["input"], ())
    ]
    yield from unknown or _result_problems(request, columns)


def _join_problems(request: Request, columns: Columns, aliases: Sequence[str]) -> Iterator[FieldViolation]:
    joined = {aliases[0]}
    for at, join in enumerate(request.get("joins", [])):
        if join["left"] not in joined:
            yield FieldViolation(f"request.joins.{at}.left", "must be the first input or one that an earlier join adds")
        if join["right"] not in aliases or join["right"] in joined:
            yield FieldViolation(f"request.joins.{at}.right", "must be an input that is not joined yet")
        joined.add(join["right"])
        for number, pair in enumerate(join["on"]):
            for side in ("left", "right"):
                if pair[side] not in columns.get(join[side], ()):
                    yield FieldViolation(f"request.joins.{at}.on.{number}.{side}", "no such column")
    if set(aliases) - joined:
        yield FieldViolation("request.joins", "every input but the first must be joined")


def _result_problems(request: Request, columns: Columns) -> Iterator[FieldViolation]:
    names = [_name(column) for column in _wanted(request, columns)]
    if len(names) > COLUMNS_MAX:
        yield FieldViolation("request.columns", f"must name at most {COLUMNS_MAX} columns; without it, all {len(names)} of the first input")
    if any(not 0 < len(name) <= NAME_CHARACTERS_MAX for name in names):
        yield FieldViolation(
            "request.columns", f"a name must have 1 to {NAME_CHARACTERS_MAX} characters; give the column another one with as"
        )
    if len(set(names)) < len(names):
        yield FieldViolation("request.columns", "two columns of the result have one name")
    for at, pair in enumerate(request.get("correlations", [])):
        if not {pair["x"], pair["y"]} <= set(names):
            yield FieldViolation(f"request.correlations.{at}", "must name two columns of the result")
