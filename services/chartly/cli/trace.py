"""Print a record's trace: one row for each field, with path, raw value, each step and the result."""

from typing import Any

import orjson

from .options import Output
from .output import console, show_rows

_COLUMNS = ("field", "path", "raw", "steps", "result", "checks")


def samples_of(text: str) -> list[str]:
    """Return the records of a text: the whole text if it is one JSON value, else its lines, which only a line feed ends."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return [line for line in text.split("\n") if line.strip()]
    return [text]


def show_trace(trace: dict[str, Any]) -> None:
    """Print a trace from ``explain``: that of a record, or those of the children that it is exploded into; and count those left out."""
    _show_record(trace)
    if left_out := trace.get("records_left_out"):
        console.print(f"and {left_out:.0f} more records")


def _show_record(trace: dict[str, Any]) -> None:
    if "children" not in trace:
        _show_one(trace)
        return
    if not trace["children"] and trace["accepted"]:
        console.print("[yellow]no record tested[/yellow]: explode selects no children of this record")
        return
    children: list[dict[str, Any]] = trace["children"]
    shown = "children" if "children_left_out" not in trace else "children shown"
    console.print(f"{sum(child['accepted'] for child in children)} of {len(children)} {shown} accepted")
    for number, child in enumerate(children, start=1):
        console.print(f"child {number}:", end=" ")
        _show_one(child)
    if left_out := trace.get("children_left_out"):
        console.print(f"and {left_out} more children")


def _show_one(trace: dict[str, Any]) -> None:
    reasons: list[dict[str, Any]] = trace["reasons"]
    if trace["accepted"]:
        console.print("[green]accepted[/green]", trace.get("record_id", ""))
    else:
        console.print("[yellow]quarantined[/yellow]", "; ".join(_reason(reason) for reason in reasons), soft_wrap=True)
    show_rows([_row(field) for field in trace["fields"]], _COLUMNS, Output.TABLE)
    console.print()


def _row(field: dict[str, Any]) -> dict[str, str]:
    raw = [f"{_text(place['value'])} at {place['offset']}" for place in field.get("raw", ())]
    if left_out := field.get("raw_left_out"):
        raw.append(f"and {left_out} more")
    return {
        "field": field["field"],
        "path": field.get("path", ""),
        "raw": ", ".join(raw) or ("absent" if field.get("path") else ""),
        "steps": " → ".join(f"{step['op']} {_outcome(step)}" for step in field["steps"]),
        "result": _outcome(field["result"]),
        "checks": "; ".join(_reason(violation) for violation in field["violations"]) or "ok",
    }


def _outcome(step: dict[str, Any]) -> str:
    if step["state"] == "value":
        return _text(step["value"])
    return step["reason"]["rule"] if step["state"] == "failed" else step["state"]


def _reason(reason: dict[str, Any]) -> str:
    return " ".join(part for part in (reason["reason"], reason["rule"], reason["field"] or reason["path"]) if part)


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
