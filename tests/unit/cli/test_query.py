"""What `chartly query` prints."""

from collections.abc import Callable
from typing import Any, Self

import orjson
import pytest
from typer.testing import CliRunner

from chartly.cli import connection
from chartly.cli.main import app
from chartly.cli.output import distinct

ANSWER = {"columns": [{"name": "n_max"}, {"name": "n_max"}, {"name": "ok"}], "rows": [[17, 42, True]]}


class AnsweringEdge:
    """An edge that gives every request the same answer."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def post(self, path: str, body: Any) -> Any:
        """Return a fixed answer to the query ``SELECT``."""
        assert (path, body["sql"]) == ("/v1/query", "SELECT")
        return ANSWER


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that runs the command and returns its output."""
    monkeypatch.setattr(connection, "Connection", AnsweringEdge)

    def invoke(*options: str) -> str:
        return CliRunner().invoke(app, ["query", "SELECT", *options]).output

    return invoke


def test_two_columns_with_one_name_are_printed(run: Callable[..., str], capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The table has both under their name; the JSON names the second one as DuckDB names it in a table."""
    table = run()
    assert table.split()[:3] == ["n_max", "n_max", "ok"]
    assert table.split()[3:] == ["17", "42", "true"]
    assert orjson.loads(run("--output", "json") or capfdbinary.readouterr().out) == [{"n_max": 17, "n_max_1": 42, "ok": True}]


@pytest.mark.parametrize(
    ("names", "made"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a_1", "a_2"]),
        (["a", "a", "a_1"], ["a", "a_2", "a_1"]),
        (["a_1", "a", "a"], ["a_1", "a", "a_2"]),
        (["", ""], ["", "_1"]),
    ],
)
def test_names_become_distinct(names: list[str], made: list[str]) -> None:
    """A repeated name gets a number that no other column has; the others stay."""
    assert distinct(names) == made
