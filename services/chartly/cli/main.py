"""The `chartly` command: its groups, and the one place that handles errors. A command imports its modules when it runs."""

import sys
from typing import Annotated

import typer

from . import (
    audit,
    auth,
    check,
    contract,
    dataset,
    deadletter,
    drone,
    normalize,
    profile,
    push,
    quarantine,
    query,
    reprocess,
    run_,
    serve,
    source,
    status,
    up,
    workflow,
)
from .demo import command as demo
from .failure import report

app = typer.Typer(
    name="chartly",
    help="A contracts-first data platform: any feed in, validated, deduplicated, provable datasets out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("up")(up.up)
app.command("serve")(serve.serve)
app.command("drone")(drone.drone)
app.command("demo")(demo.demo)
app.command("status")(status.status)
app.command("check")(check.check)
app.command("push")(push.push)
app.command("query")(query.query)
app.command("normalize")(normalize.normalize)
app.command("reprocess")(reprocess.reprocess)
app.add_typer(auth.app, name="auth")
app.add_typer(profile.app, name="profile")
app.add_typer(contract.app, name="contract")
app.add_typer(workflow.app, name="workflow")
app.add_typer(run_.app, name="run")
app.add_typer(deadletter.app, name="deadletter")
app.add_typer(source.app, name="source")
app.add_typer(dataset.app, name="dataset")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(audit.app, name="audit")


def _version(asked: bool) -> None:  # noqa: FBT001 - typer's own form of a flag
    if asked:
        from importlib.metadata import version

        typer.echo(f"chartly {version('chartly')}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)] = False,
) -> None:
    """Read the options before the command."""
    del version  # its callback has printed the version


def run() -> None:
    """Run the command line; the console script's entry point."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as failure:  # noqa: BLE001 - the one place that turns an error into a message and an exit code
        sys.exit(report(failure))
