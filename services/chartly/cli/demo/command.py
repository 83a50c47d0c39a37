"""`chartly demo`: the whole way through, once, for real."""

import typer

from chartly.cli.options import DEFAULT_DATA, Data, Port


def demo(data: Data = DEFAULT_DATA, port: Port = 8090) -> None:
    """Onboard four domains behind Envoy, run them twice, draw charts, verify the ledger; exit code 0 only if every figure adds up."""
    from .story import show, tell

    outcome = tell(data, port)
    show(outcome)
    if outcome.faults:
        raise typer.Exit(1)
