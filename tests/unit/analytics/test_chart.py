"""The specification of a chart, and the bytes of its picture."""

import re
from pathlib import Path
from typing import Any

import pytest
import vl_convert

from chartly.analytics.domain.chart import vega_lite
from chartly.analytics.domain.palette import palette
from chartly.analytics.domain.svg import with_own_ids
from chartly.analytics.errors import ChartInvalid
from chartly.analytics.worker.sandbox import QueryBounds
from chartly.analytics.worker.tasks import chart

from .every_type import CASES, TypedValue

CONFIG = {
    "mark": "bar",
    "title": "Weather",
    "x": {"field": "month", "type": "temporal"},
    "y": {"field": "days.count", "type": "quantitative", "title": "Days"},
}
MONTH, DAYS, SECRET = ({"name": name, "type": kind} for name, kind in (("month", "DATE"), ("days.count", "BIGINT"), ("secret", "VARCHAR")))
NOTHING_TO_DRAW = (None, "NaN", "Infinity", "-Infinity", "infinity", "-infinity")
DRAWN = {
    "quantitative": "TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT HUGEINT UHUGEINT BIGNUM FLOAT DOUBLE DECIMAL",
    "temporal": "DATE TIMESTAMP TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS TIMESTAMP WITH TIME ZONE TIMESTAMPTZ_NS",
}


def quantities(*values: Any) -> list[Any]:
    """Return the values of a quantitative channel as they are drawn."""
    made = vega_lite(CONFIG, [MONTH, DAYS], [["2026-03-01", value] for value in values])
    return [row["days.count"] for row in made["data"]["values"]]


def instants(*values: Any) -> list[Any]:
    """Return the values of a temporal channel as they are drawn."""
    return [row["month"] for row in vega_lite(CONFIG, [MONTH, DAYS], [[value, 1] for value in values])["data"]["values"]]


def draw(tmp_path: Path, sql: str, config: dict[str, Any]) -> str:
    """Return the SVG of a statement without datasets."""
    bounds = QueryBounds(memory_bytes_max=64 << 20, spill_bytes_max=1 << 20, spill_folder=str(tmp_path / "spill"))
    message = {"sql": sql, "parameters": list[Any](), "datasets": dict[str, Any](), "rows_max": 100, "bytes_max": 1 << 20}
    return chart({**message, "config": config, "format": "svg"}, bounds)[1].decode()


def test_chart_draws_only_what_it_names() -> None:
    """Columns that no channel names stay out of the picture's data."""
    made = vega_lite(CONFIG, [MONTH, DAYS, SECRET], [["2012-01-01T00:00:00Z", 3, "x"]])

    assert made["data"]["values"] == [{"month": "2012-01-01T00:00:00Z", "days.count": 3}]
    assert made["encoding"]["x"]["scale"] == {"type": "utc"}
    assert made["encoding"]["y"] == {"field": "days\\.count", "type": "quantitative", "title": "Days"}


@pytest.mark.parametrize("columns", [[MONTH], [MONTH, DAYS, DAYS]])
def test_channel_names_exactly_one_column(columns: list[dict[str, str]]) -> None:
    """A channel that names no column of the data, or two of them, is refused."""
    with pytest.raises(ChartInvalid):
        vega_lite(CONFIG, columns, [])


def test_quantities_are_numbers() -> None:
    """Text of decimals and large integers is drawn as a number; what is not finite is left out."""
    assert quantities(1, "0.20", "123456789012345678901", "NaN", "-Infinity", None) == [1, 0.2, 123456789012345678901.0, None, None, None]


def test_instants_do_not_depend_on_the_zone_of_the_machine() -> None:
    """A wall time is drawn as in UTC; an infinite one is left out."""
    assert instants("2026-03-29T01:30:00", "2026-03-29", "2026-03-29T00:30:00.5Z", "+010000-01-01T00:00:00Z", "infinity") == [
        "2026-03-29T01:30:00Z",
        "2026-03-29",
        "2026-03-29T00:30:00.5Z",
        "+010000-01-01T00:00:00Z",
        None,
    ]


def test_two_channels_draw_one_column_in_two_forms() -> None:
    """The same decimals are names on one channel and numbers on another."""
    config = CONFIG | {"x": {"field": "days.count", "type": "nominal"}}
    made = vega_lite(config, [DAYS], [["0.20"]])
    assert made["data"]["values"] == [{"days.count": "0.20", "days.count (y)": 0.2}]
    assert made["encoding"]["y"]["field"] == "days\\.count (y)"


@pytest.mark.parametrize("kind", ["quantitative", "temporal", "nominal", "ordinal"])
@pytest.mark.parametrize("case", CASES, ids=[case.sql for case in CASES])
def test_value_of_every_type_is_drawn_or_refused_with_its_column(case: TypedValue, kind: str, tmp_path: Path) -> None:
    """A channel of each type draws each value without an invalid place in the picture, or names the column that it can't draw."""
    config = {"mark": "point", "title": "All", "x": {"field": "v", "type": kind}, "y": {"field": "n", "type": "quantitative"}}
    sql = f"SELECT {case.sql} AS v, 1 AS n UNION ALL SELECT NULL, 2 ORDER BY n"
    try:
        picture, refusal = draw(tmp_path, sql, config), ""
    except ChartInvalid as refused:
        picture, refusal = "", refused.problem
    places = re.findall(r' (?:d|transform|[xy][12]?|width|height)="([^"]*)"', picture)
    if refusal:
        assert kind in ("quantitative", "temporal")
        assert "x.field names the column v of type" in refusal
    elif case.json not in NOTHING_TO_DRAW:
        # Without any value to draw there is no scale.
        assert places
        assert not any("NaN" in place for place in places)


@pytest.mark.parametrize("kind", DRAWN)
def test_numbers_and_times_are_drawn(kind: str, tmp_path: Path) -> None:
    """All number types fit a quantitative channel, all timestamps a temporal one."""
    values = {"quantitative": "1", "temporal": "TIMESTAMP '2026-03-29 01:30:00'"}
    config = {"mark": "line", "title": "All", "x": {"field": "v", "type": kind}, "y": {"field": "n", "type": "quantitative"}}
    for name in re.findall(r"TIMESTAMP WITH TIME ZONE|\w+", DRAWN[kind]):
        assert "<svg" in draw(tmp_path, f"SELECT CAST({values[kind]} AS {name}) AS v, 1 AS n", config)


def test_line_with_a_gap_is_drawn(tmp_path: Path) -> None:
    """A NaN leaves a gap in its line; the rest of the line is drawn."""
    config = {"mark": "line", "title": "Gap", "x": {"field": "n", "type": "quantitative"}, "y": {"field": "v", "type": "quantitative"}}
    picture = draw(tmp_path, "SELECT n, CASE n WHEN 2 THEN 'nan'::DOUBLE ELSE n END AS v FROM range(5) t(n)", config)
    (line,) = re.findall(r'd="(M[^"]*)"[^>]*stroke-width="2"', picture)
    assert line.count("M") == 2
    assert "NaN" not in line


@pytest.mark.parametrize("series", [1, 7, 8, 9, 50, 500])
def test_series_have_colours_of_their_own(series: int) -> None:
    """No two series have the same colour; the first seven are always the same."""
    colours = palette(series)
    assert len(colours) >= series
    assert len(set(colours)) == len(colours)
    assert colours[:7] == palette(1)


def test_nine_lines_have_nine_colours(tmp_path: Path) -> None:
    """The picture has a colour for each series."""
    config = {
        "mark": "line",
        "title": "Nine",
        "x": {"field": "n", "type": "quantitative"},
        "y": {"field": "n", "type": "quantitative"},
        "color": {"field": "c", "type": "nominal"},
    }
    picture = draw(tmp_path, "SELECT n, 'c' || c AS c FROM range(3) t(n), range(9) s(c)", config)
    assert len(set(re.findall(r'stroke="(#[0-9A-F]{6})" stroke-width="2"', picture))) == 9


def test_same_chart_has_the_same_bytes(tmp_path: Path) -> None:
    """The ids of an SVG depend on the picture alone, not on those that were drawn before; a gradient and clips included."""
    config = {
        "mark": "line",
        "title": 'id="clip7"',
        "x": {"field": "n", "type": "quantitative"},
        "y": {"field": "n", "type": "quantitative"},
        "color": {"field": "n", "type": "quantitative"},
    }
    first, second = (draw(tmp_path, "SELECT n FROM range(3) t(n)", config) for _ in range(2))
    assert first == second
    assert "clip7" in first
    defined, used = set(re.findall(r' id="([^"]+)"', first)), set(re.findall(r'"url\(#([^)]+)\)"', first))
    assert used <= defined


def test_renderer_counts_ids_on() -> None:
    """The renderer numbers the ids of all pictures in one sequence, so they are renamed."""
    specification = vega_lite(CONFIG, [MONTH, DAYS], [["2026-03-01", 1]])
    first, second = (vl_convert.vegalite_to_svg(specification) for _ in range(2))
    assert first != second
    assert with_own_ids(first) == with_own_ids(second)
