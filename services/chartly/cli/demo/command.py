"""`chartly demo`: load real data, run it twice, compare."""

import typer

from chartly.cli.options import DEFAULT_DATA, Data, Port


def demo(data: Data = DEFAULT_DATA, port: Port = 8090) -> None:
    """Load four domains through Envoy, run them twice, draw charts, verify the ledger. Exit code 0 only if every figure adds up."""
    from .story import run_demo, show

    outcome = run_demo(data, port)
    show(outcome)
    if outcome.faults:
        raise typer.Exit(1)
