"""`chartly audit`: verify the ledger in this process, without trust in the service that stores it."""

from typing import Annotated

import typer

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url

app = typer.Typer(help="The ledger: verify, events.", no_args_is_help=True)


@app.command()
def verify(
    key: Annotated[str, typer.Option("--key", help="The log's verifier key (vkey), from a source other than the log itself.")] = "",
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Read the whole log through the edge and verify it on this machine. Exit code 0 only if every hash and signature is valid.

    The last verified checkpoint is stored for this user, so that the next call detects a log that was rewritten or rolled back.
    """
    from chartly.ledger.check import check_log
    from chartly.ledger.note import NoteInvalidError, Verifier

    from .connection import Connection
    from .known_logs import KnownLogs
    from .output import console, show_json

    with Connection(data, url, project) as edge:
        try:
            verifier = Verifier.from_vkey(key or (edge.get_raw("/v1/audit/log/key") or b"").decode())
        except NoteInvalidError as invalid:
            raise typer.BadParameter(str(invalid), param_hint="--key") from invalid
        known = KnownLogs.for_user()
        report = check_log(lambda path: edge.get_raw(f"/v1/audit/log/{path}"), verifier, known.checkpoints(verifier))
    size = report.checkpoint.size if report.checkpoint else 0
    if report.checkpoint is not None and report.verified:
        known.remember(verifier, report.checkpoint)
    if output is Output.JSON:
        root = report.checkpoint.root.hex() if report.checkpoint else ""
        show_json({"verified": report.verified, "tree_size": size, "root_hash_hex": root, "faults": list(report.faults)})
    else:
        for fault in report.faults:
            console.print(f"[red]fault[/red] {fault}", soft_wrap=True)
        verdict = "[green]verified[/green]" if report.verified else "[red]not verified[/red]"
        console.print(f"{verdict}: {size} entries of {verifier.name}", soft_wrap=True)
    if not report.verified:
        raise typer.Exit(1)


@app.command()
def events(
    run: Annotated[str, typer.Option(help="Only events of this run.")] = "",
    kind: Annotated[str, typer.Option("--type", help="Only events of this type.")] = "",
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=100_000, help="Events to show.")] = 100,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """List the project's ledger entries, newest first."""
    from .advice import show_list
    from .connection import Connection

    with Connection(data, url, project) as edge:
        found, more = edge.first("/v1/audit/events", "events", count, run_id=run, type=kind, newest_first="true")
        columns = ["index", "occurred_at", "type", "subject", "principal", "run_id"]
        show_list(edge, found, columns, output, more="ask for more with --count, or for some with --run and --type" if more else "")
