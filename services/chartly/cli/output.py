"""Tables for people, JSON for programs. rich shows colours and progress only on a terminal, and obeys NO_COLOR."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from .options import Output

# A pipe or a file has no width, so rich would wrap every table at 80 columns.
_WIDTH_WITHOUT_TERMINAL = 200

console = Console(highlight=False)
if not console.is_terminal and "COLUMNS" not in os.environ:
    console = Console(highlight=False, width=_WIDTH_WITHOUT_TERMINAL)
errors_console = Console(stderr=True)
"""Standard error: for progress of commands that write their result to standard output."""

STATE_STYLES = {
    "SUCCEEDED": "green",
    "FAILED": "red",
    "QUARANTINED": "yellow",
    "CANCELLED": "yellow",
    "RUNNING": "cyan",
    "serving": "green",
}


def show_json(value: Any) -> None:
    """Write a value as indented JSON."""
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def show_done(answer: Any, sentence: str, output: Output) -> None:
    """Print what a command did: as a sentence, or the platform's whole answer as JSON."""
    if output is Output.JSON:
        show_json(answer)
    else:
        console.print(sentence, soft_wrap=True, markup=False)


def show_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], output: Output, titles: Sequence[str] | None = None) -> None:
    """Print rows as a table of the named columns, or as a JSON array of all columns.

    ``titles`` are the heads of the table; without them, the columns' names with spaces.
    """
    kept = list(rows)
    if output is Output.JSON:
        show_json(kept)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    heads = titles or [column.replace("_", " ") for column in columns]
    for column, head in zip(columns, heads, strict=True):
        numeric = all(isinstance(row.get(column), int | float) for row in kept if row.get(column) is not None) and bool(kept)
        table.add_column(head.replace("[", r"\["), justify="right" if numeric else "left", overflow="fold")
    for row in kept:
        table.add_row(*(cell(row.get(column)) for column in columns))
    console.print(table)


def distinct(names: Sequence[str]) -> list[str]:
    """Return names of which none occurs twice, as DuckDB names the columns of a table: the second ``a`` is ``a_1``.

    Names that differ in case only are kept. A name that occurs once is never changed.
    """
    used, made = set(names), list[str]()
    for name in names:
        chosen, number = name, 0
        while chosen in made or (number and chosen in used):
            number += 1
            chosen = f"{name}_{number}"
        made.append(chosen)
    return made


def cell(value: Any) -> str:
    """Return a value as the text of a table's cell."""
    if value is None:
        return ""
    if isinstance(value, dict | list | bool):
        return orjson.dumps(value).decode()
    text = str(value)
    style = STATE_STYLES.get(text)
    return f"[{style}]{text}[/{style}]" if style else text.replace("[", r"\[")


def state(name: str) -> str:
    """Return an enum's name without its prefix: SUCCEEDED for RUN_STATE_SUCCEEDED."""
    return name.rpartition("STATE_")[2]


def count(value: Any) -> int:
    """Return an int64; JSON has it as a string."""
    return int(value or 0)
