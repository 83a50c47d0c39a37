"""`chartly normalize`: run one plan over one file, without a server. The compiled core does the work."""

import signal
import sys
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from .failure import FAILED, REFUSED


class OutputFormat(StrEnum):
    """Which files a run writes."""

    NDJSON = "ndjson"
    PARQUET = "parquet"
    BOTH = "both"
    NONE = "none"


class StatsForm(StrEnum):
    """The form in which a run prints its counts and times."""

    TEXT = "text"
    JSON = "json"


def normalize(
    *,
    profile: Annotated[
        Path, typer.Option("--profile", help="Normalizer profile (YAML). Profiles that it extends are read from the same folder.")
    ],
    contract: Annotated[Path, typer.Option("--contract", help="Contract (JSON Schema 2020-12, as JSON or YAML).")],
    source: Annotated[
        str, typer.Option("--in", help="File of records: NDJSON, a JSON array, or a JSON page of a source; - is standard input.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for accepted.ndjson, accepted.parquet and rejected.ndjson.")],
    threads: Annotated[int, typer.Option("--threads", min=1, max=256, help="Threads; the files don't depend on it.")] = 1,
    form: Annotated[OutputFormat, typer.Option("--format", help="Which files to write.")] = OutputFormat.NDJSON,
    stats: Annotated[StatsForm, typer.Option("--stats", help="Counts and times: a sentence, or JSON as the last line.")] = StatsForm.TEXT,
    lookup: Annotated[
        list[str] | None,
        typer.Option(
            "--lookup",
            metavar="NAME=FILE",
            help="File with the rows of a dataset that the profile looks up: NDJSON, CSV or Parquet; may be repeated.",
        ),
    ] = None,
    fail_on_reject: Annotated[bool, typer.Option("--fail-on-reject", help="Exit with 1 when a record was rejected.")] = False,
) -> None:
    """Run a profile over a file: accepted records with their ids, rejected ones with their places and reasons.

    Exit codes: 0 if the run finished; 1 if records were rejected and --fail-on-reject is set; 2 if a document or file can't be used.
    """
    from chartly.native import InputUnusable, OutputUnusable, Plan, PlanError, run_files
    from chartly.profiles.errors import LookupRefused
    from chartly.profiles.local import read_normalizer

    from .lookup_files import tables_from

    if source == "-" and sys.stdin is None:
        # A process that was started with standard input closed has no such stream. Reading on would look like an empty input.
        sys.stderr.write("chartly: standard input: cannot be read: it is closed\n")
        raise typer.Exit(REFUSED)
    given = read_normalizer(profile, contract)
    _end_tidily()
    try:
        plan = Plan.compile(given.with_tables(tables_from(lookup or ())), given.contract_json)
        with _progress(source):
            counted = run_files(plan, None if source == "-" else source, out, format=form.value, threads=threads)
    except LookupRefused as failure:
        sys.stderr.write(f"chartly: {profile}: lookup of {failure.dataset} at version {failure.version}: {failure.problem}\n")
        raise typer.Exit(REFUSED) from failure
    except PlanError as failure:
        # Errors of profile and contract that show only once the lookup tables are loaded.
        sys.stderr.write(f"chartly: {profile}: {failure}\n")
        raise typer.Exit(REFUSED) from failure
    except (InputUnusable, OutputUnusable) as failure:
        sys.stderr.write(f"chartly: {failure}\n")
        raise typer.Exit(REFUSED) from failure
    if stats is StatsForm.JSON:
        import json

        typer.echo(json.dumps(counted))
    else:
        typer.echo(
            f"{counted['records']:,} records: {counted['accepted']:,} accepted, {counted['rejected']:,} rejected, "
            f"{counted['blank_lines']:,} blank lines, {counted['wall_seconds']:.2f} s"
        )
    if fail_on_reject and counted["rejected"]:
        raise typer.Exit(FAILED)


def _end_tidily() -> None:
    """Stop the run on SIGINT and SIGTERM, so that it removes its partial output files. Ignored signals stay ignored."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end_on_signal)


def _end_on_signal(number: int, _: FrameType | None) -> None:
    raise typer.Exit(128 + number)


def _progress(source: str) -> AbstractContextManager[None]:
    """Show a progress bar of the bytes read. Without a terminal, import and show nothing."""
    if not sys.stderr.isatty():
        return nullcontext()
    from .output import errors_console
    from .reading import shown_reading

    return shown_reading(None if source == "-" else Path(source), errors_console)
