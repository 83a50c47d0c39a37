"""Builds the Vega-Lite specification of a chart config and its rows. Pure: equal inputs give equal output.

The caller has checked the config's contract (``reports.chart_config``); this module checks it with the data.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chartly.analytics.errors import ChartInvalid

from .chart_values import drawn_values
from .palette import palette

_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_WIDTH_PX, _HEIGHT_PX = 800, 400
_CHANNELS = ("x", "y", "color")
_FONT = "sans-serif"


def vega_lite(config: Mapping[str, Any], columns: Sequence[Mapping[str, str]], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return the specification.

    Args:
        config: the chart.
        columns: name and DuckDB type of each column of the data.
        rows: the data, in the form of a query's answer.

    Raises:
        ChartInvalid: a channel names no column of the data or more than one, or one whose values it can't draw.
    """
    channels = {name: config[name] for name in _CHANNELS if name in config}
    names = [column["name"] for column in columns]
    drawn: dict[str, list[Any]] = {}
    encoding: dict[str, dict[str, Any]] = {}
    series = 0
    for name, channel in channels.items():
        field = channel["field"]
        if names.count(field) != 1:
            raise ChartInvalid(f"{name}.field names {'two columns' if field in names else 'no column'} of the data")
        place = names.index(field)
        values = drawn_values(name, channel["type"], columns[place], [row[place] for row in rows])
        # Two channels may draw one column, each in its own form.
        key = field if drawn.get(field, values) == values else f"{field} ({name})"
        drawn[key] = values
        encoding[name] = _channel(name, channel, key)
        if name == "color":
            series = len(set(map(repr, values)))
    title: dict[str, Any] = {"text": config["title"], "anchor": "start", "fontSize": 18}
    if "subtitle" in config:
        title |= {"subtitle": config["subtitle"], "subtitleColor": "#555555"}
    return {
        "$schema": _SCHEMA,
        "width": config.get("width_px", _WIDTH_PX),
        "height": config.get("height_px", _HEIGHT_PX),
        "background": "white",
        "padding": 16,
        "title": title,
        "data": {"values": [dict(zip(drawn, row, strict=True)) for row in zip(*drawn.values(), strict=True)]},
        "mark": _mark(config["mark"]),
        "encoding": encoding,
        "config": {
            "font": _FONT,
            "view": {"stroke": None},
            "range": {"category": palette(series)},
            "axis": {"gridColor": "#ececec", "domainColor": "#888888", "tickColor": "#888888", "labelColor": "#444444"},
        },
    }


def _mark(mark: str) -> dict[str, Any]:
    return {"type": mark, "clip": True} if mark != "line" else {"type": mark, "clip": True, "strokeWidth": 2}


def _channel(name: str, channel: Mapping[str, Any], key: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        # A dot or bracket in a column's name would be read as a path into an object.
        "field": "".join(f"\\{letter}" if letter in ".[]\\'\"" else letter for letter in key),
        "type": channel["type"],
        "title": channel.get("title", channel["field"]),
    }
    if channel["type"] == "temporal" and name != "color":
        # Without this scale, the chart would depend on the time zone of the machine.
        made["scale"] = {"type": "utc"}
    return made
