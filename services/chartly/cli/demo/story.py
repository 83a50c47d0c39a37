"""The demonstration from start to end, through the public REST API only: onboard, run, show, run again, compare."""

import contextlib
import uuid
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from chartly.cli.connection import Connection
from chartly.cli.output import console, state

from . import processes
from .domains import DOMAINS, SOURCE_PORT, Domain, onboard
from .figures import DemoCounts, Result, faults_of_first, faults_of_second

PROJECT = "tenant-demo/proj-sales"
ROLLUP_ROWS = 12


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the demonstration found."""

    results: list[Result]
    again: list[Result]
    ledger: dict[str, Any]
    charts: list[Path]
    faults: list[str]


def run_demo(data: Path, port: int) -> Outcome:
    """Run the demonstration on the platform at ``port``; start one if none answers."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    columns = (TextColumn("{task.description:<44}"), BarColumn(), TimeElapsedColumn())
    with contextlib.ExitStack() as stack, Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        bar = shown.add_task("starting", total=4 + 2 * len(DOMAINS) + len(DOMAINS))

        def step(text: str) -> None:
            shown.update(bar, advance=1, description=text)
            if not console.is_terminal:
                console.print(f"· {text}")

        url = stack.enter_context(_platform(data, port, step))
        source_port = stack.enter_context(_source(data, step))
        served = httpx.get(f"http://127.0.0.1:{source_port}/health", trust_env=False).json()
        edge = stack.enter_context(Connection(data, url, PROJECT))
        workflows: dict[str, str] = {}
        for domain in DOMAINS:
            step(f"onboarding {domain.name}")
            workflows[domain.name] = onboard(edge, domain, PROJECT, source_port)
        results = [_run(edge, domain, workflows[domain.name], served[domain.name], step) for domain in DOMAINS]
        step("drawing charts")
        charts = [_chart(edge, domain, data / "demo") for domain in DOMAINS]
        _show_rollup(edge, DOMAINS[0], shown)
        again = [_run(edge, domain, workflows[domain.name], served[domain.name], step) for domain in DOMAINS]
        step("verifying the ledger")
        ledger = edge.post("/v1/audit:verify")
        check = edge.post("/v1/checks:run")
    faults = [fault for result in results for fault in faults_of_first(result)]
    faults += [fault for first, second in zip(results, again, strict=True) for fault in faults_of_second(first, second)]
    faults += [f"ledger: {fault}" for fault in ledger.get("faults", [])] + check.get("faults", [])
    if not check.get("complete"):
        faults.append("the consistency check did not read everything")
    if not ledger.get("verified"):
        faults.append("the ledger does not verify")
    return Outcome(results, again, ledger, charts, faults)


@contextlib.contextmanager
def _platform(data: Path, port: int, step: Any) -> Generator[str]:
    """Yield the URL of the platform at the port. If none answers, start one and stop it at the end."""
    url = f"http://127.0.0.1:{port}"
    if port and processes.answers(f"{url}/health"):
        step(f"using the platform at {url}")
        yield url
        return
    step("starting the platform")
    port = port or processes.free_port(0)
    url = f"http://127.0.0.1:{port}"
    arguments = ["chartly.cli", "up", "--quiet", "--data", str(data), "--port", str(port)]
    with processes.running("platform", arguments, f"{url}/ready", data / "logs" / "up.log"):
        yield url


@contextlib.contextmanager
def _source(data: Path, step: Any) -> Generator[int]:
    step("starting the local HTTP source")
    port = processes.free_port(SOURCE_PORT)
    arguments = ["chartly.cli.demo.source", "--port", str(port)]
    with processes.running("source", arguments, f"http://127.0.0.1:{port}/health", data / "logs" / "source.log"):
        yield port


def _run(edge: Connection, domain: Domain, workflow_id: str, served: int, step: Any) -> Result:
    step(f"running {domain.name}")
    run = edge.post(f"/v1/workflows/{workflow_id}:run", idempotency_key=str(uuid.uuid4()))
    while True:
        for message in edge.stream(f"/v1/runs/{run['run_id']}:watch"):
            run = message["run"]
            if message.get("last"):
                return _result(edge, domain, run, served)


def _result(edge: Connection, domain: Domain, run: dict[str, Any], served: int) -> Result:
    for failed in run.get("steps", []):
        if failed.get("reason"):
            console.print(f"[red]{domain.name}: {failed['name']}: {failed['reason']}: {failed.get('message', '')}[/red]")
    dataset = edge.get(f"/v1/datasets/{domain.dataset}")
    return Result(
        domain=domain.name,
        state=state(run["state"]),
        served=served,
        counts=DemoCounts.of(run),
        reasons={found["reason"]: int(found["records"]) for found in run.get("quarantine_reasons", [])},
        rows=int(dataset["rows"]),
        content_hash=dataset["content_hash"],
        chunk_totals=DemoCounts.of(dataset),
    )


def _chart(edge: Connection, domain: Domain, folder: Path) -> Path:
    """Draw the chart of the domain's analytics profile, and write the PNG."""
    profiles = edge.get("/v1/profiles", kind="analytics", page_size=1000)["profiles"]
    references = sorted(profile["ref"] for profile in profiles if f"/{domain.name}-" in profile["ref"])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{domain.rollup}.png"
    path.write_bytes(edge.post_raw("/v1/charts:render", {"analytics_ref": references[-1], "format": "png"}))
    return path


def _show_rollup(edge: Connection, domain: Domain, shown: Progress) -> None:
    sql = f'SELECT * FROM "{domain.rollup}" ORDER BY 1, 2'  # noqa: S608 - a name of ours
    answer = edge.post("/v1/query", {"sql": sql, "rows_max": ROLLUP_ROWS})
    table = Table(title=f"{domain.rollup} (first {ROLLUP_ROWS} rows)", title_justify="left", box=None)
    for column in answer["columns"]:
        table.add_column(column["name"])
    for row in answer.get("rows", []):
        table.add_row(*("" if value is None else str(value) for value in row))
    shown.console.print(table)


def show(outcome: Outcome) -> None:
    """Print what the demonstration found."""
    table = Table(title="records", title_justify="left", box=None)
    for name in ("domain", "run", "in", "canonical", "duplicates", "quarantined", "replayed", "rows", "content hash"):
        table.add_column(name, justify="left" if name in ("domain", "run", "content hash") else "right", no_wrap=True)
    for label, results in (("first", outcome.results), ("again", outcome.again)):
        for result in results:
            counts = result.counts
            numbers = (counts.records_in, counts.canonical, counts.duplicates, counts.quarantined, counts.replayed, result.rows)
            table.add_row(result.domain, label, *(f"{number:,}" for number in numbers), result.content_hash[:23] + "…")
    console.print(table)
    for result in outcome.results:
        by_reason = sorted(result.reasons.items(), key=lambda found: -found[1])
        if by_reason:
            reasons = ", ".join(f"{reason} {records:,}" for reason, records in by_reason)
            console.print(f"{result.domain}: quarantined by {reasons} (a record may have several reasons)", soft_wrap=True)
    verified = "[green]verified[/green]" if outcome.ledger.get("verified") else "[red]not verified[/red]"
    console.print(f"ledger: {int(outcome.ledger.get('tree_size', 0)):,} entries, {verified}")
    for path in outcome.charts:
        console.print(f"chart: {path}", soft_wrap=True)
    for fault in outcome.faults:
        console.print(f"[red]fault[/red] {fault}", soft_wrap=True)
    if not outcome.faults:
        console.print("[green]every figure adds up; the second run changed nothing[/green]")
