"""`chartly push`: send the records of a file or of standard input to a source."""

from typing import Annotated

import typer

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url

MIB = 1024 * 1024


def push(
    source: Annotated[str, typer.Argument(help="The source: the name of its connector profile.")],
    file: Annotated[str, typer.Argument(help="NDJSON, or one JSON array or object in a file that ends in .json; - is standard input.")],
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the commit of the records and print their counts.")] = False,
    piece_bytes: Annotated[int, typer.Option("--piece-bytes", min=1024, max=16 * MIB, help="Target size of the pieces of NDJSON.")] = 4
    * MIB,
    from_byte: Annotated[int, typer.Option("--from-byte", min=0, help="Continue an earlier push at this byte, which it printed.")] = 0,
    parallel: Annotated[int, typer.Option("--parallel", min=1, max=16, help="Pieces that are sent at the same time.")] = 2,
    patience_s: Annotated[int, typer.Option("--patience", min=0, help="Seconds without progress after which the push stops.")] = 300,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Push a file in pieces that end at line ends. When the platform is full, wait and retry. Pushing the same file twice adds nothing.

    With --wait, the exit code is 1 if every record went to quarantine.
    """
    from .advice import advise
    from .connection import Connection
    from .output import show_json, show_rows
    from .pushing import Pusher, content_type_of, pieces, size_of

    with Connection(data, url, project) as edge:
        pusher = Pusher(edge, source, content_type_of(file), wait=wait, parallel=parallel, patience_s=patience_s)
        totals = pusher.push(pieces(file, source, piece_bytes, from_byte), from_byte, size_of(file))
    if output is Output.JSON:
        show_json(totals)
    else:
        show_rows([totals], list(totals), output)
    if not wait:
        advise(f"Stored, not yet committed. Next: chartly source show {source}, or push with --wait")
        return
    held, taken = totals["quarantined"], totals["canonical"] + totals["duplicates"] + totals["replayed"]
    if held:
        advise(f"{held:,} of {totals['records']:,} records are in quarantine. Next: chartly quarantine list --source {source}")
    if held and not taken:
        raise typer.Exit(1)
