"""Builds the Vega-Lite specification of a chart config and its rows. Pure: equal inputs give equal output.

The caller has checked the config's contract (``reports.chart_config``); this module checks it with the data.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chartly.analytics.errors import ChartInvalid

_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_WIDTH_PX, _HEIGHT_PX = 800, 400
_CHANNELS = ("x", "y", "color")
# Colour-blind safe, distinct on white: Okabe and Ito, "Color Universal Design", 2008, without the yellow.
_PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000"]
_FONT = "sans-serif"


def vega_lite(config: Mapping[str, Any], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return the specification.

    Raises:
        ChartInvalid: a channel names a column that the data doesn't have.
    """
    channels = {name: config[name] for name in _CHANNELS if name in config}
    for name, channel in channels.items():
        if channel["field"] not in columns:
            raise ChartInvalid(f"{name}.field names no column of the data")
    wanted = [column for column in columns if any(channel["field"] == column for channel in channels.values())]
    places = [columns.index(column) for column in wanted]
    values = [{name: row[place] for name, place in zip(wanted, places, strict=True)} for row in rows]
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
        "data": {"values": values},
        "mark": _mark(config["mark"]),
        "encoding": {name: _channel(name, channel) for name, channel in channels.items()},
        "config": {
            "font": _FONT,
            "view": {"stroke": None},
            "range": {"category": _PALETTE},
            "axis": {"gridColor": "#ececec", "domainColor": "#888888", "tickColor": "#888888", "labelColor": "#444444"},
        },
    }


def _mark(mark: str) -> dict[str, Any]:
    return {"type": mark, "clip": True} if mark != "line" else {"type": mark, "clip": True, "strokeWidth": 2}


def _channel(name: str, channel: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        # A dot or bracket in a column's name would be read as a path into an object.
        "field": "".join(f"\\{letter}" if letter in ".[]\\'\"" else letter for letter in channel["field"]),
        "type": channel["type"],
        "title": channel.get("title", channel["field"]),
    }
    if channel["type"] == "temporal" and name != "color":
        # Without this scale, the chart would depend on the time zone of the machine.
        made["scale"] = {"type": "utc"}
    return made
